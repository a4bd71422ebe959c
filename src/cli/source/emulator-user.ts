// SPDX-License-Identifier: Apache-2.0
// A user's login that an emulator wrote: Google's library for Node uses Google's token endpoint whatever the file says, so we
// use the one that the file names, which is on this machine.

import type { Clock } from "../../base/clock.js";
import type { TokenProvider } from "../../index.js";
import { CommandError } from "../host/output.js";
import { postForm } from "./post-form.js";

/** The login gave no token. Named like the clients' own error, since it means the same. */
class LoginError extends CommandError {
  override readonly name = "CredentialsError" as never; // the base class fixes its name
}

/** A new token is requested when less than this is left. */
const MARGIN_MS = 60_000;

/** The credentials of such a file. */
export function emulatorUser(document: Readonly<Record<string, unknown>>, clock: Clock): TokenProvider {
  let token: { authorization: string; expiresAt: number } | undefined;
  const refresh = async (signal: AbortSignal): Promise<void> => {
    const fields = ["client_id", "client_secret", "refresh_token"].map((name) => [name, String(document[name])]);
    const form = { grant_type: "refresh_token", ...Object.fromEntries(fields) };
    const answer = await postForm(String(document["token_uri"]), form, signal);
    const { access_token: value, expires_in: seconds, error } = answer.document ?? {};
    if (typeof value !== "string") {
      const why = error === "invalid_grant" ? "invalid_grant, " : "";
      throw new LoginError(`${why}the emulator no longer knows this login: have it write its files again`);
    }
    token = { authorization: `Bearer ${value}`, expiresAt: clock.wallNow() + Number(seconds) * 1000 };
  };
  return {
    async getRequestMetadata({ signal }) {
      if (token === undefined || token.expiresAt - clock.wallNow() < MARGIN_MS) await refresh(signal);
      return { authorization: token?.authorization ?? "" };
    },
  };
}
