// SPDX-License-Identifier: Apache-2.0
// From the clients' values to JSON as Google prints it: bytes in base64, instants in RFC 3339, nothing empty, keys in
// order. Knows no message.

/** An instant as the clients have it. */
interface Instant {
  readonly seconds: number;
  readonly nanos: number;
  toDate(): Date;
}

const isInstant = (value: object): value is Instant => "toDate" in value && "nanos" in value;

/** RFC 3339 in UTC, with as many digits as the instant has. */
export function formatInstant(instant: Instant | Date): string {
  if (instant instanceof Date) return instant.toISOString().replace(".000Z", "Z");
  const digits =
    instant.nanos === 0
      ? ""
      : `.${String(instant.nanos)
          .padStart(9, "0")
          .replace(/(000)+$/, "")}`;
  return `${new Date(instant.seconds * 1000).toISOString().slice(0, 19)}${digits}Z`;
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  value === false ||
  value === 0 ||
  (Array.isArray(value) && value.length === 0);

function plainObject(value: object): unknown {
  const members = Object.entries(value)
    .map(([key, member]) => [key, plainJson(member)] as const)
    .filter(([, member]) => !isEmpty(member))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members);
}

/** A value as plain JSON. */
export function plainJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Date) return formatInstant(value);
  if (Array.isArray(value)) return value.map(plainJson);
  if (typeof value !== "object" || value === null) return value;
  return isInstant(value) ? formatInstant(value) : plainObject(value);
}

/** A member of a plain value by its path, `a.b`; undefined: there is none. */
export function memberAt(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (each, key) => (typeof each === "object" && each !== null ? Reflect.get(each, key) : undefined),
      value,
    );
}
