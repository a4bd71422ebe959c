// SPDX-License-Identifier: Apache-2.0
// Whether the environment names an emulator, and whether credentials are an emulator's: no token of Google's ever goes there.

import type { Variables } from "../host/host.js";
import { UsageError } from "../host/output.js";

/** The variable that points our clients at an emulator. */
export const EMULATOR_VARIABLE = "IAM_CREDENTIALS_EMULATOR_HOST";

/** `host:port` of the emulator that the environment names; undefined: none. */
export function emulatorHost(variables: Variables): string | undefined {
  return variables[EMULATOR_VARIABLE] || undefined;
}

/** The fields that say where a file of each type gets its tokens, as paths. */
const ENDPOINTS: Readonly<Record<string, readonly string[]>> = {
  authorized_user: ["token_uri"],
  service_account: ["token_uri"],
  external_account: ["token_url"],
  external_account_authorized_user: ["token_url"],
  impersonated_service_account: ["service_account_impersonation_url"],
};

type Document = Readonly<Record<string, unknown>>;

/** Whether a URL, or `host:port`, is on this machine. */
export function isLoopback(place: unknown): boolean {
  if (typeof place !== "string") return false;
  const url = /^https?:\/\//.test(place) ? place : `http://${place}`;
  return URL.canParse(url) && /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname);
}

function isOfEmulator(document: Document): boolean {
  const required = ENDPOINTS[String(document["type"])];
  if (required === undefined || !required.every((field) => isLoopback(document[field]))) return false;
  const also = document["service_account_impersonation_url"];
  if (also !== undefined && !isLoopback(also)) return false;
  const source = document["source_credentials"];
  if (document["type"] !== "impersonated_service_account") return true;
  return typeof source === "object" && source !== null && isOfEmulator(source as Document); // as: any object has members
}

/**
 * Refuses credentials that are not an emulator's.
 *
 * @param label what named them: `--source`, `GOOGLE_APPLICATION_CREDENTIALS`
 * @throws UsageError naming both variables
 */
export function checkEmulatorCredentials(document: Document, label: string): void {
  if (isOfEmulator(document)) return;
  throw new UsageError(
    `${label} names credentials that are not an emulator's, but ${EMULATOR_VARIABLE} is set: Google's tokens are never sent to an emulator. Unset one of them, or name a file that the emulator wrote (iamcreds emulator --credentials-dir)`,
  );
}
