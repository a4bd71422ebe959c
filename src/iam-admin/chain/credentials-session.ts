// SPDX-License-Identifier: Apache-2.0
// The connection to the other API, the one that mints and signs: opened when it is first needed, with the options of the IAM API's client,
// at the host that goes with that client's own. Knows no chain.

import { ClientClosedError } from "../../base/errors.js";
import type { ClientOptions } from "../../client/client-options.js";
import { ClientSession, type CloseOptions } from "../../client/client-session.js";
import {
  generateAccessToken,
  generateIdToken,
  IAM_CREDENTIALS,
  signBlob,
  signJwt,
} from "../../iam-credentials/methods.js";
import { performCall } from "../../rpc/call.js";
import type { CallOptions } from "../../rpc/call-options.js";
import type { ChainPermission } from "./hops.js";

/** The identity to call as. */
interface Actor {
  /** The accounts between the caller and `email`, as e-mail addresses. */
  readonly delegates: readonly string[];
  /** The account to act as. */
  readonly email: string;
}

/** Long enough for the calls of one check on a bad day; nobody keeps the token. */
const TOKEN_SECONDS = 300;
/** What is signed to find out whether that is allowed; whoever finds it must be able to see that it is meaningless. */
const TRIAL_TEXT = "https://permission-check.invalid";

/**
 * The host of the credentials API that goes with one of the IAM API: `iam.googleapis.com` becomes `iamcredentials.googleapis.com`, and so
 * do regional, mutual-TLS and private hosts that begin with `iam`. Any other, such as an emulator's, serves both.
 */
export function credentialsEndpointOf(apiEndpoint: string | undefined): string | undefined {
  return apiEndpoint?.replace(/^iam(?=[.-])/, "iamcredentials");
}

/** Calls of the credentials API on behalf of a client of the IAM API. */
export class CredentialsSession {
  readonly #options: ClientOptions;
  #session: ClientSession | undefined;
  #isClosed = false;

  /** @param options those of the client of the IAM API */
  constructor(options: ClientOptions) {
    this.#options = options;
  }

  #open(): ClientSession {
    if (this.#isClosed) throw new ClientClosedError("IAM: the client is closed");
    this.#session ??= new ClientSession(IAM_CREDENTIALS, {
      ...this.#options,
      apiEndpoint: credentialsEndpointOf(this.#options.apiEndpoint),
    });
    return this.#session;
  }

  /** An access token of an account, for five minutes. @throws RpcError */
  async mint({ email, delegates }: Actor, options: CallOptions): Promise<string> {
    const { scopes } = IAM_CREDENTIALS;
    const request = { name: email, delegates, scope: scopes, lifetime: TOKEN_SECONDS };
    const { accessToken } = await performCall(this.#open().context, generateAccessToken, request, options);
    return accessToken;
  }

  /** Does what a permission is for, and throws the result away. @throws RpcError when it may not be done */
  async attempt(permission: ChainPermission, actor: Actor, options: CallOptions): Promise<void> {
    const { context } = this.#open();
    const account = { name: actor.email, delegates: actor.delegates };
    switch (permission) {
      case "iam.serviceAccounts.getAccessToken":
        await this.mint(actor, options);
        return;
      case "iam.serviceAccounts.getOpenIdToken": {
        const request = { ...account, audience: TRIAL_TEXT };
        await performCall(context, generateIdToken, request, options);
        return;
      }
      case "iam.serviceAccounts.signBlob":
        await performCall(context, signBlob, { ...account, payload: Buffer.from(TRIAL_TEXT) }, options);
        return;
      case "iam.serviceAccounts.signJwt":
        await performCall(context, signJwt, { ...account, payload: { aud: TRIAL_TEXT } }, options);
        return;
    }
  }

  /** Closes what was opened. */
  async close(options: CloseOptions): Promise<void> {
    this.#isClosed = true;
    await this.#session?.close(options);
  }
}
