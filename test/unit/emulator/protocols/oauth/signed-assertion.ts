// SPDX-License-Identifier: Apache-2.0
// Assertions as service accounts sign them, by jose, and the requests that carry them.

import { importPKCS8, SignJWT } from "jose";
import type { EmulatorServiceAccountKeyFile } from "../../../../../src/emulator/index.js";
import { CLOUD_PLATFORM } from "../../stage.js";

export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** Signs claims with the key of a file; what is given replaces the usual claims, and undefined takes one out. */
export async function signAssertion(
  file: EmulatorServiceAccountKeyFile,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const all = {
    iss: file.client_email,
    aud: "https://oauth2.googleapis.com/token",
    scope: CLOUD_PLATFORM,
    iat,
    exp: iat + 3600,
    ...claims,
  };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  const key = await importPKCS8(file.private_key, "RS256");
  return new SignJWT(given).setProtectedHeader({ alg: "RS256", kid: file.private_key_id }).sign(key);
}

/** An answer with its body read. */
export interface JsonAnswer {
  readonly code: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends a form. */
export async function postForm(
  url: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<JsonAnswer> {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(fields), headers });
  return { code: response.status, body: (await response.json()) as JsonAnswer["body"] }; // every answer is an object
}
