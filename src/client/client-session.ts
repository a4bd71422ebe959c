// SPDX-License-Identifier: Apache-2.0
// What every client has, whatever its methods: resolved options, a lifetime, and how they end. Knows no method.

import { ConfigurationError } from "../base/errors.js";
import type { HttpClient } from "../base/http/http-client.js";
import { openSideClient } from "../base/http/side-requests.js";
import type { CallContext } from "../rpc/call.js";
import { ClientLifetime } from "../rpc/lifetime.js";
import type { ServiceDescription } from "../rpc/method/method.js";
import { type ClientOptions, type ClientRuntime, resolveClientOptions } from "./client-options.js";

/** How to close a client. */
export interface CloseOptions {
  /**
   * How long calls in flight may continue, in milliseconds; 0 ends them at once. Default: 10,000, enough for any response that is
   * on its way, and less than a process manager waits before it kills.
   */
  readonly gracePeriod?: number | undefined;
}

const DEFAULT_GRACE_PERIOD_MS = 10_000;

/** One client, without its methods. */
export class ClientSession {
  /** The client's options, resolved. */
  readonly runtime: ClientRuntime;
  /** What the client lends to its calls. */
  readonly context: CallContext;
  readonly #rootCertificates: ClientOptions["rootCertificates"];
  #sideClient: HttpClient | undefined;
  #lookupClient: HttpClient | undefined;
  #closed: Promise<void> | undefined;

  /** @throws ConfigurationError naming the option or variable that is wrong */
  constructor(service: ServiceDescription, options: ClientOptions) {
    this.runtime = resolveClientOptions(service, options);
    this.#rootCertificates = options.rootCertificates;
    this.context = { runtime: this.runtime, lifetime: new ClientLifetime(this.runtime.clock, service.name) };
  }

  /** For requests besides RPCs, made by what is built on the client: with its roots, proxy and clock. */
  get sideClient(): HttpClient {
    const { clock } = this.runtime;
    this.#sideClient ??= openSideClient({ clock, rootCertificates: this.#rootCertificates });
    return this.#sideClient;
  }

  /** For requests to the service itself that are not RPCs: they present the client's certificate, if it has one. */
  get lookupClient(): HttpClient {
    const { clock, clientCertSource } = this.runtime;
    if (clientCertSource === undefined) return this.sideClient;
    this.#lookupClient ??= openSideClient({ clock, rootCertificates: this.#rootCertificates, clientCertSource });
    return this.#lookupClient;
  }

  /**
   * Refuses new calls, lets those in flight end within the grace period, fails the others with ClientClosedError, and closes the
   * transport (unless it was passed in). A second call waits for the first.
   *
   * @throws ConfigurationError when the grace period is not a number of milliseconds
   */
  close(options: CloseOptions): Promise<void> {
    const gracePeriod = options.gracePeriod ?? DEFAULT_GRACE_PERIOD_MS;
    if (typeof gracePeriod !== "number" || !(gracePeriod >= 0)) {
      return Promise.reject(new ConfigurationError("gracePeriod: must be a non-negative number of milliseconds"));
    }
    this.#closed ??= this.#close(gracePeriod);
    return this.#closed;
  }

  async #close(gracePeriodMs: number): Promise<void> {
    const { runtime, lifetime } = this.context;
    await lifetime.close(gracePeriodMs);
    this.#sideClient?.close();
    this.#lookupClient?.close();
    if (runtime.ownsTransport) await runtime.transport.close(0);
  }
}
