// SPDX-License-Identifier: Apache-2.0
// Secrets that tests plant on purpose, and where they came to light although they must not. Tests use PLANTED wherever
// they need a secret; jest-setup.ts fails the test in which one shows in an error, a log line or a warning.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { inspect } from "node:util";

interface Book {
  /** What must never show, by the name that reports use. */
  readonly markers: Map<string, readonly string[]>;
  /** Errors that were built and not yet looked at. */
  errors: Error[];
  /** What was found in texts that were written, and not yet told. */
  leaks: string[];
}

const book: Book = { markers: new Map(), errors: [], leaks: [] };

/** Makes a text a secret from here on. Returns it. */
export function plantSecret(name: string, text: string): string {
  const bytes = Buffer.from(text);
  const lines = text.includes("\n") ? text.split("\n").slice(2, -3) : [];
  const signature = /^[\w-]+\.[\w-]+\.([\w-]{40,})$/.exec(text)?.[1]; // of a JWT; its header is that of many
  const forms = [
    text,
    JSON.stringify(text).slice(1, -1),
    ...lines,
    ...(signature === undefined ? [] : [signature]),
    bytes.toString("base64").slice(0, Math.floor(bytes.length / 3) * 4),
    bytes.toString("base64url").slice(0, Math.floor(bytes.length / 3) * 4),
    bytes.toString("hex"),
    // As util.inspect shows the beginning of a Buffer.
    [...bytes.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join(" "),
  ];
  book.markers.set(name, [...new Set(forms)]);
  return text;
}

const random = (): string => randomBytes(24).toString("base64url");
let privateKeyPem: string | undefined;

/** Known secrets, different in every test file. */
export const PLANTED = {
  /** A bearer token, as a token provider or the service would give. */
  token: plantSecret("the planted token", `ya29.planted-${random()}`),
  /** A JWT that asserts an identity. Its signature is none. */
  assertion: plantSecret("the planted assertion", `eyJhbGciOiJSUzI1NiJ9.${random()}.${random()}${random()}`),
  /** What a caller wants signed: text for a claim, or for bytes by way of Buffer.from. */
  payload: plantSecret("the planted payload", `planted-payload-${random()}`),
  /** An RSA key in PEM form, good to sign with; generated when a test first asks for it. */
  get privateKeyPem(): string {
    privateKeyPem ??= plantSecret(
      "the planted private key",
      generateKeyPairSync("rsa", { modulusLength: 2048 })
        .privateKey.export({ type: "pkcs8", format: "pem" })
        .toString(),
    );
    return privateKeyPem;
  },
};

/** Notes an error, to be looked at when the test is over: some of its members come after it was built. */
export function noteError(error: Error): void {
  book.errors.push(error);
}

/** Notes what was written somewhere. Returns whether it is clean: what is not, nobody should pass on. */
export function noteText(where: string, text: string): boolean {
  const secrets = secretsIn(text);
  for (const secret of secrets) book.leaks.push(`${secret} in ${where}`);
  return secrets.length === 0;
}

/**
 * Says where secrets came to light since the last time it was asked, and forgets it.
 *
 * @param isOurs which errors must be clean; others may be a test's own make-believe
 */
export function takeLeaks(isOurs: (error: Error) => boolean): string[] {
  const { errors, leaks } = book;
  book.errors = [];
  book.leaks = [];
  const built = errors.filter(isOurs).flatMap((error) => {
    return secretsIn(showEverything(error)).map((name) => `${name} in a ${error.name}`);
  });
  return [...new Set([...leaks, ...built])];
}

function secretsIn(text: string): string[] {
  return [...book.markers].filter(([, forms]) => forms.some((form) => text.includes(form))).map(([name]) => name);
}

/** All that somebody who logs an error may see of it. */
function showEverything(error: Error): string {
  const all = { depth: Number.POSITIVE_INFINITY, maxStringLength: null, maxArrayLength: null };
  return [error.message, String(error.stack), inspect(error, all), inspect(error, { ...all, compact: false })].join(
    "\n",
  );
}
