// SPDX-License-Identifier: Apache-2.0
// The REST transport: HTTP with proto3 JSON on fetch, without grpc-js. Does not retry and fetches no tokens.

import { X509Certificate } from "node:crypto";
import { type Clock, systemClock, waitWithin } from "../../../base/clock.js";
import { ConfigurationError, RpcError } from "../../../base/errors.js";
import { Status } from "../../../base/status.js";
import type { TokenProvider } from "../../../base/token-provider.js";
import { VERSION } from "../../../base/version.js";
import type { Transport, UnaryCall } from "../transport.js";
import { type HttpAgent, type HttpAgentSettings, isAgentNeeded, openHttpAgent } from "./http-agent.js";
import { type HttpRoute, RestExchange } from "./rest-exchange.js";
import { type TranscodedRequest, transcode } from "./transcode.js";

/** What a REST transport is made of. */
export interface RestTransportSettings extends HttpAgentSettings {
  /** `host:port`. Required. */
  readonly target: string;
  /** Whether to speak plain HTTP. Default: false. */
  readonly isInsecure?: boolean | undefined;
  /** Who authorizes the calls of a client that is given this transport. Default: nobody. */
  readonly tokenProvider?: TokenProvider | undefined;
  /** Time. Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** Refused: it is the other transport's. Default: none. */
  readonly channel?: object | undefined;
  /** Refused unless empty: they are the other transport's. Default: none. */
  readonly channelOptions?: Readonly<Record<string, unknown>> | undefined;
}

/** What the transport knows of a call in flight. */
interface InFlight {
  cancel(text: string): void;
}

/**
 * Carries unary calls as HTTP requests, over the pool of `fetch`, or over one of its own where a client certificate, own root
 * certificates or a proxy ask for it.
 */
export class RestTransport implements Transport {
  readonly kind = "rest";
  readonly host: string;
  readonly clientToken = `rest/${VERSION}`;
  readonly tokenProvider: TokenProvider | undefined;
  readonly #route: HttpRoute;
  readonly #agent: HttpAgent | undefined;
  readonly #inFlight = new Set<InFlight>();
  #closed: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  /** @throws ConfigurationError when the root certificates cannot be read, or a setting is of the gRPC transport */
  constructor(settings: RestTransportSettings) {
    const { target, isInsecure, clock = systemClock, rootCertificates } = settings;
    refuseChannelSettings(settings);
    this.tokenProvider = settings.tokenProvider;
    if (rootCertificates !== undefined) checkRoots(rootCertificates);
    this.host = target;
    this.#agent = isAgentNeeded(settings) ? openHttpAgent(settings) : undefined;
    const origin = `${isInsecure ? "http" : "https"}://${target}`;
    this.#route = { origin, host: target, dispatcher: this.#agent?.dispatcher, clock };
  }

  async unary<Message, Reply>(call: UnaryCall<Message, Reply>): Promise<Reply> {
    const { method, signal } = call;
    const refuse = (code: number, text: string): never => {
      throw new RpcError({ code, text, method: method.label, transport: this.kind });
    };
    if (this.#closed !== undefined) refuse(Status.CANCELLED, "the transport is closed");
    if (signal?.aborted) throw signal.reason;
    if (method.http === undefined) {
      return refuse(Status.UNIMPLEMENTED, 'the method has no HTTP rule; call it over the transport "grpc"');
    }
    const request = transcode(method.http, call.message as object); // as: a message is an object, whatever its type
    const { clock } = this.#route;
    const endsAt = clock.now() + call.timeoutMs;
    try {
      return await this.#send(call, request);
    } catch (error) {
      const isRenewed = await this.#renewCertificate(error, endsAt - clock.now(), signal);
      if (signal?.aborted) throw signal.reason;
      const timeoutMs = endsAt - clock.now();
      if (isRenewed && timeoutMs > 0 && this.#closed === undefined) return this.#send({ ...call, timeoutMs }, request);
      // Another attempt would not mend a certificate source that fails.
      const isUnavailable = error instanceof RpcError && error.status === "UNAVAILABLE";
      throw isUnavailable ? (this.#agent?.certificateError ?? error) : error;
    }
  }

  async #send<Message, Reply>(call: UnaryCall<Message, Reply>, request: TranscodedRequest): Promise<Reply> {
    const exchange = new RestExchange(call, { ...this.#route, dispatcher: this.#agent?.dispatcher });
    this.#inFlight.add(exchange);
    try {
      return await exchange.run(request);
    } finally {
      this.#inFlight.delete(exchange);
      if (this.#inFlight.size === 0) this.#onIdle?.();
    }
  }

  /** After a failure that may be the certificate's: whether the source gives another one now, so that the attempt is repeated once. */
  async #renewCertificate(error: unknown, timeoutMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    const agent = this.#agent;
    const mayBeIt = error instanceof RpcError && (error.status === "UNAUTHENTICATED" || error.status === "UNAVAILABLE");
    if (agent === undefined || !mayBeIt || timeoutMs <= 0) return false;
    const limits = { timeoutMs, onTimeout: () => error, signals: [signal] };
    return waitWithin(this.#route.clock, agent.renew(), limits).catch(() => false);
  }

  close(gracePeriodMs: number): Promise<void> {
    this.#closed ??= this.#close();
    const cancelAll = (): void => {
      for (const exchange of this.#inFlight) exchange.cancel("the transport was closed");
    };
    if (gracePeriodMs <= 0) cancelAll();
    else if (this.#inFlight.size > 0) void this.#closed.then(this.#route.clock.schedule(gracePeriodMs, cancelAll));
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#inFlight.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await this.#agent?.close();
  }
}

/** Throws ConfigurationError for what TLS would take without a word, and then trust nobody. */
function checkRoots(rootCertificates: string | Uint8Array): void {
  try {
    const pem = Buffer.from(rootCertificates);
    if (!pem.includes("-----BEGIN ")) throw new Error("it is no PEM");
    new X509Certificate(pem);
  } catch (cause) {
    throw new ConfigurationError("rootCertificates: must be certificates in PEM form", { cause });
  }
}

function refuseChannelSettings({ channel, channelOptions = {} }: RestTransportSettings): void {
  const [option] = Object.keys(channelOptions);
  const foreign = channel !== undefined ? "channel" : option && `channelOptions["${option}"]`;
  if (foreign !== undefined) throw new ConfigurationError(`${foreign}: is nothing for the transport "rest"`);
}
