// SPDX-License-Identifier: Apache-2.0
// The client behind credentials: one that was given, or one made from options on first use and shared by all copies of the credentials.
// Makes no call.

import type { LookupRoute } from "../auth/tokens/regional-access-boundary.js";
import { type Clock, systemClock } from "../base/clock.js";
import { ConfigurationError } from "../base/errors.js";
import type { HttpClient } from "../base/http/http-client.js";
import { type GivenOf, optional } from "../base/options/declaration.js";
import { anything } from "../base/options/shared-options.js";
import { lookupRouteOf, sideClientOf } from "../client/client-base.js";
import type { ClientOptions } from "../client/client-options.js";
import { type CloseOptions, IAMCredentialsAsyncClient } from "../iam-credentials/client.js";

/** The methods of a client. */
type ClientMethod = "generateAccessToken" | "generateIdToken" | "signBlob" | "signJwt";

/** What a client must be: an {@link IAMCredentialsAsyncClient}, or anything that has the methods, such as a test's stand-in. */
export type ClientLike<Method extends ClientMethod = ClientMethod> = Pick<IAMCredentialsAsyncClient, Method> &
  Partial<Pick<IAMCredentialsAsyncClient, ClientMethod | "apiEndpoint" | "universeDomain">>;

/** The options that say where the client comes from. */
export function clientSource<Method extends ClientMethod = ClientMethod>() {
  return {
    /**
     * The client to use, or anything with the methods that are called; it is not closed with what uses it. Default: one made from
     * `clientOptions`.
     */
    client: optional(anything<ClientLike<Method>>()),
    /**
     * The options of a client to make on first use, the source's `credentials` among them. Default: application default credentials; not
     * together with `client`.
     */
    clientOptions: optional(anything<ClientOptions>()),
  } as const;
}

/** Where the client comes from. */
export type ClientSource<Method extends ClientMethod = ClientMethod> = GivenOf<ReturnType<typeof clientSource<Method>>>;

/** A client that is made when it is needed. */
export class SharedClient {
  readonly #options: ClientOptions;
  readonly #given: IAMCredentialsAsyncClient | undefined;
  #made: IAMCredentialsAsyncClient | undefined;

  /**
   * @param method what a client that was given must have
   * @param universeDomain what the caller said besides the client options
   * @throws ConfigurationError when both are given, or universes differ
   */
  constructor(
    {
      client,
      clientOptions,
    }: { readonly client?: object | undefined; readonly clientOptions?: ClientOptions | undefined },
    method: ClientMethod,
    universeDomain?: string,
  ) {
    if (client !== undefined && clientOptions !== undefined) {
      throw new ConfigurationError("client and clientOptions: set one of them, not both");
    }
    if (client !== undefined && typeof Reflect.get(Object(client), method) !== "function") {
      throw new ConfigurationError(`client: must be an IAMCredentialsAsyncClient, or have its method ${method}`);
    }
    const given = client as IAMCredentialsAsyncClient | undefined; // as: a member that a stand-in lacks fails where it is used
    const known = given?.universeDomain ?? clientOptions?.universeDomain;
    if (universeDomain !== undefined && known !== undefined && known !== universeDomain) {
      throw new ConfigurationError(`universeDomain: must be that of the client, ${known}, not ${universeDomain}`);
    }
    this.#given = given;
    this.#options = universeDomain === undefined ? (clientOptions ?? {}) : { ...clientOptions, universeDomain };
  }

  /** The client. @throws ConfigurationError when the options are wrong */
  get client(): IAMCredentialsAsyncClient {
    this.#made ??= this.#given ?? new IAMCredentialsAsyncClient(this.#options);
    return this.#made;
  }

  /** How lookups that are not RPCs reach the service. */
  get lookupRoute(): LookupRoute {
    return lookupRouteOf(this.client);
  }

  /** For requests besides the client's calls, with its roots, proxy and clock. */
  get http(): HttpClient {
    return sideClientOf(this.client);
  }

  /** The clock of the client options, else the machine's. */
  get clock(): Clock {
    return this.#options.clock ?? systemClock;
  }

  /** Closes the client if it was made here. */
  async close(options?: CloseOptions): Promise<void> {
    if (this.#given === undefined) await this.#made?.close(options);
  }
}

/** The metadata of a request for a token: whoever is charged for the token's use is charged for the request too. Source: Java's library. */
export function mintingMetadata(
  metrics: Readonly<Record<string, string>>,
  quotaProjectId: string | undefined,
): Readonly<Record<string, string>> {
  return quotaProjectId === undefined ? metrics : { ...metrics, "x-goog-user-project": quotaProjectId };
}
