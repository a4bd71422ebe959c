// SPDX-License-Identifier: Apache-2.0
// The error of credentials from a file that give no token: what may be repeated of what came back, and what a user can do about it.
// Asks for none.

import { CredentialsError } from "../../base/errors.js";
import { describeForeignError, secretsOfInfo } from "../../base/secrets/foreign-error.js";
import { describePath } from "../../base/secrets/secret-text.js";
import type { CredentialsInfo } from "../files/credentials-file.js";

/** What to call the credentials. */
export interface NamedCredentials {
  /** What to call them in errors: the option or variable. */
  readonly name: string;
  /** The path of their file. Default: they did not come from a file. */
  readonly path?: string | undefined;
}

/** The error. @param info the contents of the file */
export function tokenFailure(
  error: unknown,
  info: CredentialsInfo,
  { name, path }: NamedCredentials,
): CredentialsError {
  const { text, cause } = describeForeignError(error, secretsOfInfo(info));
  const which = path === undefined ? "could not get a token" : `could not get a token with ${describePath(path)}`;
  return new CredentialsError(`${name}: ${which} (${text})${loginHint(info["type"], text)}`, { cause });
}

/** A hint for a login that was revoked, has expired, or needs the user to authenticate again. */
function loginHint(type: unknown, text: string): string {
  if (!/\binvalid_(grant|rapt)\b/.test(text)) return "";
  if (type === "authorized_user") {
    return "; the login was revoked or has expired: run gcloud auth application-default login again";
  }
  if (type === "external_account_authorized_user") {
    return "; the login was revoked or has expired: run gcloud auth application-default login --login-config=… again";
  }
  return "";
}
