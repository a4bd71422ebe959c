// SPDX-License-Identifier: Apache-2.0
// Reads and writes the JSON forms of bytes, Duration, Timestamp and FieldMask (protobuf.dev, ProtoJSON). Knows no fields.

/** A Duration or Timestamp as the wire types have it. */
export interface SecondsAndNanos {
  /** Whole seconds. Required. */
  readonly seconds: string;
  /** Billionths of a second. Required. */
  readonly nanos: number;
}

const MAX_DURATION_SECONDS = 315_576_000_000n; // google/protobuf/duration.proto
const MIN_TIMESTAMP_SECONDS = -62_135_596_800n; // 0001-01-01T00:00:00Z
const MAX_TIMESTAMP_SECONDS = 253_402_300_799n; // 9999-12-31T23:59:59Z

function formatFraction(nanos: number): string {
  if (nanos === 0) return "";
  const digits = String(nanos).padStart(9, "0");
  if (digits.endsWith("000000")) return `.${digits.slice(0, 3)}`;
  return digits.endsWith("000") ? `.${digits.slice(0, 6)}` : `.${digits}`;
}

/** Reads base64 or base64url, padded or not; undefined when it is neither. */
export function readBase64(text: string): Buffer | undefined {
  const digits = text.replace(/={1,2}$/, "");
  const isPaddedRight = digits.length === text.length || text.length % 4 === 0;
  const isOneAlphabet = /^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)$/.test(digits);
  return isPaddedRight && isOneAlphabet && digits.length % 4 !== 1 ? Buffer.from(digits, "base64") : undefined;
}

/** Reads `1.5s`; undefined when it is no duration or out of range. */
export function readDuration(text: string): SecondsAndNanos | undefined {
  const [, sign, whole, fraction = ""] = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const seconds = BigInt(whole);
  const nanos = Number(fraction.padEnd(9, "0"));
  if (seconds > MAX_DURATION_SECONDS || (seconds === MAX_DURATION_SECONDS && nanos > 0)) return undefined;
  const isNegative = sign === "-";
  return { seconds: String(isNegative ? -seconds : seconds), nanos: isNegative && nanos > 0 ? -nanos : nanos };
}

/** Writes a duration with 0, 3, 6 or 9 digits after the point. */
export function formatDuration({ seconds, nanos }: SecondsAndNanos): string {
  const isNegative = nanos < 0 || seconds.startsWith("-");
  return `${isNegative ? "-" : ""}${seconds.replace("-", "")}${formatFraction(Math.abs(nanos))}s`;
}

/** Reads an instant of RFC 3339, in any time zone, to the nanosecond; undefined when it is malformed or out of range. */
export function readTimestamp(text: string): SecondsAndNanos | undefined {
  const form =
    /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/.exec(
      text,
    );
  if (form === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = form.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // Date.UTC would move years below 100
  date.setUTCHours(hour, minute, second, 0);
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  const [fraction = "", sign, zoneHour = "0", zoneMinute = "0"] = form.slice(7);
  const zoneSeconds = (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === "-" ? -60 : 60);
  const seconds = BigInt(date.getTime() / 1000 - zoneSeconds);
  const isInRange = seconds >= MIN_TIMESTAMP_SECONDS && seconds <= MAX_TIMESTAMP_SECONDS;
  return isReal && isInRange ? { seconds: String(seconds), nanos: Number(fraction.padEnd(9, "0")) } : undefined;
}

/** Writes an instant in UTC with 0, 3, 6 or 9 digits after the point. */
export function formatTimestamp({ seconds, nanos }: SecondsAndNanos): string {
  const date = new Date(Number(seconds) * 1000).toISOString().replace(/\.\d+Z$/, "");
  return `${date}${formatFraction(nanos)}Z`;
}

const upperCase = /[A-Z]/g;

/** Reads `displayName,role.title` into the paths of the proto; undefined when it is no list of paths. */
export function readFieldMask(text: string): string[] | undefined {
  if (text === "") return [];
  const paths = text.split(",").map((path) => path.trim());
  if (!paths.every((path) => /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/.test(path))) return undefined;
  return paths.map((path) => path.replace(upperCase, (letter) => `_${letter.toLowerCase()}`));
}

/** Writes paths of the proto as `displayName,role.title`. */
export function formatFieldMask(paths: readonly string[]): string {
  return paths.map((path) => path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())).join(",");
}
