// SPDX-License-Identifier: Apache-2.0
// Access tokens of gcloud's login, by gcloud's own helper. Reads none of gcloud's files.

import { execFile } from "node:child_process";
import type { TokenProvider } from "../../index.js";
import type { Host } from "../host/host.js";
import { CommandError } from "../host/output.js";

/** A new token is requested when less than this is left. */
const MARGIN_MS = 60_000;

interface GcloudToken {
  readonly authorization: string;
  readonly expiresAt: number;
}

/** gcloud gave no token. Named like the clients' own error, since it means the same. */
class GcloudError extends CommandError {
  override readonly name = "CredentialsError" as never; // the base class fixes its name
}

function run(host: Host, signal: AbortSignal): Promise<string> {
  // We do the impersonation: gcloud would do it a second time.
  const { CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT: _, ...env } = host.variables;
  const options = { env, signal, encoding: "utf8", shell: process.platform === "win32" } as const;
  return new Promise((resolve, reject) => {
    execFile("gcloud", ["config", "config-helper", "--format=json"], options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      if (signal.aborted) return reject(signal.reason);
      if (error.code === "ENOENT") return reject(new GcloudError("--source gcloud: gcloud is not on the PATH"));
      const said = stderr.trim().split("\n").at(-1) ?? "";
      reject(new GcloudError(`--source gcloud: gcloud config config-helper returned no token: ${said}`));
    });
  });
}

function readToken(text: string): GcloudToken {
  let document: { readonly credential?: { readonly access_token?: unknown; readonly token_expiry?: unknown } };
  try {
    document = JSON.parse(text);
  } catch {
    throw new GcloudError("--source gcloud: gcloud config config-helper did not print JSON");
  }
  const { access_token: token, token_expiry: expiry } = document.credential ?? {};
  if (typeof token !== "string" || token === "")
    throw new GcloudError("--source gcloud: nobody is logged in; run: gcloud auth login");
  return { authorization: `Bearer ${token}`, expiresAt: Date.parse(String(expiry)) };
}

/** Who is logged in to gcloud. */
export function gcloudCredentials(host: Host): TokenProvider {
  let token: GcloudToken | undefined;
  return {
    async getRequestMetadata({ signal }) {
      const isGood = token !== undefined && token.expiresAt - host.clock.wallNow() > MARGIN_MS;
      if (!isGood) token = readToken(await run(host, signal));
      return { authorization: token?.authorization ?? "" };
    },
  };
}
