// SPDX-License-Identifier: Apache-2.0
// The JSON forms of Duration, Timestamp, FieldMask and bytes, both ways, to the nanosecond. Knows no message.
// Source: google/protobuf/{duration,timestamp,field_mask}.proto, protobuf.dev/programming-guides/json.

/** A Duration or Timestamp as the generated stubs have it. */
export interface SecondsAndNanos {
  seconds: string;
  nanos: number;
}

const MAX_DURATION_SECONDS = 315_576_000_000n;
const MIN_TIMESTAMP_SECONDS = -62_135_596_800n; // 0001-01-01T00:00:00Z
const MAX_TIMESTAMP_SECONDS = 253_402_300_799n; // 9999-12-31T23:59:59Z

/** `"1.000340012s"`. Throws RangeError for a value outside the range of a Duration. */
export function formatDuration({ seconds, nanos }: Readonly<SecondsAndNanos>): string {
  const whole = BigInt(seconds);
  const isTooLong = whole > MAX_DURATION_SECONDS || whole < -MAX_DURATION_SECONDS;
  const hasMixedSigns = (whole > 0n && nanos < 0) || (whole < 0n && nanos > 0);
  if (isTooLong || hasMixedSigns || !Number.isInteger(nanos) || Math.abs(nanos) > 999_999_999) {
    throw new RangeError("is not a Duration");
  }
  const sign = whole < 0n || nanos < 0 ? "-" : "";
  return `${sign}${whole < 0n ? -whole : whole}${formatFraction(Math.abs(nanos))}s`;
}

/** The Duration of `"3.5s"`; `undefined` when the text is not one. */
export function parseDuration(text: string): SecondsAndNanos | undefined {
  const match = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = ""] = match;
  const seconds = BigInt(whole);
  if (seconds > MAX_DURATION_SECONDS) return undefined;
  const nanos = parseFraction(fraction);
  // The "or 0" turns minus 0 into 0.
  return { seconds: String(sign === "-" ? -seconds : seconds), nanos: (sign === "-" ? -nanos : nanos) || 0 };
}

/** `"1972-01-01T10:00:20.021Z"`. Throws RangeError for an instant outside the years 1 to 9999. */
export function formatTimestamp({ seconds, nanos }: Readonly<SecondsAndNanos>): string {
  const whole = BigInt(seconds);
  const isOutside = whole < MIN_TIMESTAMP_SECONDS || whole > MAX_TIMESTAMP_SECONDS;
  if (isOutside || !Number.isInteger(nanos) || nanos < 0 || nanos > 999_999_999)
    throw new RangeError("is not a Timestamp");
  const toTheSecond = new Date(Number(whole) * 1000).toISOString().slice(0, -".000Z".length);
  return `${toTheSecond}${formatFraction(nanos)}Z`;
}

const TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/** The Timestamp of an RFC 3339 text, any offset; `undefined` when the text is not one. */
export function parseTimestamp(text: string): SecondsAndNanos | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", sign, offsetHours = "0", offsetMinutes = "0"] = match;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const date = new Date(`${local}Z`);
  // Date.parse reads the 30th of February as the 1st of March, and 24:00 for tomorrow.
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(local)) return undefined;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60 * (sign === "-" ? -1 : 1);
  const seconds = BigInt(date.getTime() / 1000 - offset);
  if (seconds < MIN_TIMESTAMP_SECONDS || seconds > MAX_TIMESTAMP_SECONDS) return undefined;
  return { seconds: String(seconds), nanos: parseFraction(fraction) };
}

/** No fraction, or 3, 6 or 9 digits, as protobuf's own libraries write it. */
function formatFraction(nanos: number): string {
  if (nanos === 0) return "";
  const digits = String(nanos).padStart(9, "0");
  return `.${digits.replace(/^(\d{3}|\d{6})0+$/, "$1").replace(/^(\d{3})000$/, "$1")}`;
}

function parseFraction(digits: string): number {
  return Number(digits.padEnd(9, "0"));
}

/** `"displayName,oauth2ClientId"` for the paths `display_name`, `oauth2_client_id`. */
export function formatFieldMask(paths: readonly string[]): string {
  return paths.map((path) => path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())).join(",");
}

/** The paths of a field mask's JSON form. */
export function parseFieldMask(text: string): string[] {
  if (text === "") return [];
  return text.split(",").map((path) => path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** The bytes of base64 in either alphabet, with or without padding; `undefined` when the text is not base64. */
export function parseBytes(text: string): Buffer | undefined {
  const [body = "", padding = ""] = /^(.*?)(={0,2})$/s.exec(text)?.slice(1) ?? [];
  if (!/^[A-Za-z0-9+/_-]*$/.test(body) || body.length % 4 === 1) return undefined;
  if (padding !== "" && (body.length + padding.length) % 4 !== 0) return undefined;
  return Buffer.from(body, "base64"); // Node's decoder takes both alphabets
}
