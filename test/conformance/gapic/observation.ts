// SPDX-License-Identifier: Apache-2.0
// Turns whatever a case came to into lines, a path and a text each, so that two sides can be compared line by line and a table can name
// a line. Knows which texts differ from run to run: ports, times.

import { Metadata } from "@grpc/grpc-js";
import { GoogleError } from "google-gax";
import { Roughly } from "./peer.js";

/** Texts by path: `outcome.rejected.code` has `7`. */
export type Observation = Record<string, string>;

/** Where two observations part. */
export interface Difference {
  readonly where: string;
  readonly original: string;
  readonly ours: string;
}

const ABSENT = "(absent)";
const DEEPEST = 9;
const TOLERANCE_MS = 1_500;

/** Replaces what no two runs have in common: ports, times, and how often a thing was tried within a time. */
export function settle(text: string): string {
  return text
    .replace(/\bey[\w-]+\.(ey[\w-]+)\.[\w-]{100,}/g, (_all, claims: string) => claimsOf(claims))
    .replace(/(127\.0\.0\.1|localhost)(:\d+)+/g, "HOST:PORT")
    .replace(
      /Deadline exceeded after [\d.]+s(,[a-zA-Z ]+: [\d.]+s|,remote_addr=HOST:PORT|,Waiting for [a-zA-Z ]+)*/g,
      "Deadline exceeded after SECONDS",
    )
    .replace(/ : Previous errors : \[(.*)\]/gs, (_all, list: string) => {
      const distinct = [...new Set(list.slice(1, -1).split("},{"))];
      return ` : Previous errors : [${distinct.join("}, {")}]`;
    });
}

/** What a JWT says, without its instants. */
function claimsOf(text: string): string {
  const claims: object = JSON.parse(Buffer.from(text, "base64url").toString());
  const said = Object.entries(claims).filter(([name]) => name !== "iat" && name !== "exp");
  return `JWT of ${JSON.stringify(Object.fromEntries(said.sort()))}`;
}

/** Observes a value and all that can be reached from it. */
export function observe(value: unknown, path: string, into: Observation = {}): Observation {
  look(value, path, into, []);
  return into;
}

function look(value: unknown, path: string, into: Observation, above: readonly unknown[]): void {
  if (above.includes(value)) into[path] = "(seen above)";
  else if (above.length > DEEPEST) into[path] = "(too deep)";
  else if (value instanceof Roughly) into[path] = `~${Math.round(value.value)}`;
  else if (typeof value === "function") into[path] = `function of ${value.length}`;
  else if (typeof value === "string") into[path] = JSON.stringify(settle(value));
  else if (typeof value !== "object" || value === null) into[path] = Object.is(value, -0) ? "-0" : String(value);
  else if (value instanceof Uint8Array) into[path] = `${value.constructor.name} ${Buffer.from(value).toString("hex")}`;
  else if (value instanceof Metadata) lookAtMetadata(value, path, into, above);
  else if (value instanceof Error) lookAtError(value, path, into, above);
  else lookAtObject(value, path, into, above);
}

function lookAtMetadata(metadata: Metadata, path: string, into: Observation, above: readonly unknown[]): void {
  into[path] = "Metadata";
  for (const key of Object.keys(metadata.getMap())) {
    if (key !== "date" && key !== "content-type") look(metadata.get(key), `${path}.${key}`, into, [...above, metadata]);
  }
}

function lookAtError(error: Error, path: string, into: Observation, above: readonly unknown[]): void {
  into[path] = chainOf(error);
  into[`${path} instanceof GoogleError`] = String(error instanceof GoogleError);
  into[`${path}.name`] = error.name;
  into[`${path}.toString()`] = settle(String(error));
  into[`${path} keys`] = Object.keys(error).sort().join(" ");
  const hidden = Object.getOwnPropertyNames(error).filter((key) => !Object.keys(error).includes(key));
  into[`${path} hidden keys`] = hidden.sort().join(" ");
  look(error.message, `${path}.message`, into, [...above, error]);
  for (const [key, inner] of Object.entries(error)) look(inner, `${path}.${key}`, into, [...above, error]);
  if (error.cause !== undefined) into[`${path}.cause`] = chainOf(Object(error.cause));
}

function lookAtObject(value: object, path: string, into: Observation, above: readonly unknown[]): void {
  into[path] = Array.isArray(value) ? `Array of ${value.length}` : chainOf(value);
  for (const key of Object.keys(value).sort()) {
    // A getter may throw: of a message it does not, of an option bag it may.
    look(Reflect.get(value, key), `${path}.${key}`, into, [...above, value]);
  }
}

/** `GoogleError < Error`; `Object` and below left out. */
function chainOf(value: object): string {
  const names: string[] = [];
  for (let each = Object.getPrototypeOf(value); each !== null && each !== Object.prototype; ) {
    names.push(String(each.constructor?.name));
    each = Object.getPrototypeOf(each);
  }
  return names.length > 0 ? names.join(" < ") : Object.getPrototypeOf(value) === null ? "(no prototype)" : "Object";
}

function isSame(one: string, other: string): boolean {
  if (!one.startsWith("~") || !other.startsWith("~")) return one === other;
  const [first, second] = [one, other].map((text) => Number(text.slice(1)));
  return Math.abs(Number(first) - Number(second)) <= Math.max(TOLERANCE_MS, Number(first) / 5);
}

/** Every line in which they part, in order of path; where one side has nothing, without the lines below. */
export function differencesOf(original: Observation, ours: Observation): Difference[] {
  const paths = [...new Set([...Object.keys(original), ...Object.keys(ours)])].sort();
  const all = paths.flatMap((where) => {
    const [one = ABSENT, other = ABSENT] = [original[where], ours[where]];
    return isSame(one, other) ? [] : [{ where, original: one, ours: other }];
  });
  const missing = all.filter((each) => each.original === ABSENT || each.ours === ABSENT).map(({ where }) => where);
  const isBelow = (where: string) =>
    missing.some((top) => where.startsWith(`${top}.`) || where.startsWith(`${top} `) || where === `${top}.toString()`);
  return all.filter(({ where }) => !isBelow(where));
}
