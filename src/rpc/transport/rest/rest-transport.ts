// SPDX-License-Identifier: Apache-2.0
// The REST transport: HTTP with proto3 JSON, without grpc-js. Does not retry and fetches no tokens.

import { Status } from "../../../base/causes/status.js";
import type { ClientCertSource } from "../../../base/certificate/client-certificate.js";
import { type Clock, systemClock, waitWithin } from "../../../base/clock.js";
import { Roster } from "../../../base/collections/roster.js";
import { ConfigurationError, RpcError } from "../../../base/errors.js";
import { HttpClient } from "../../../base/http/http-client.js";
import { originOf } from "../../../base/http/http-message.js";
import type { TokenProvider } from "../../../base/token-provider.js";
import { VERSION } from "../../../base/version.js";
import type { Transport, UnaryCall } from "../transport.js";
import { type HttpRoute, RestExchange } from "./rest-exchange.js";
import { type TranscodedRequest, transcode } from "./transcode.js";

/** The settings of a REST transport. */
export interface RestTransportSettings {
  /** `host:port`. Required. */
  readonly target: string;
  /** Whether to speak plain HTTP. Default: false. */
  readonly isInsecure?: boolean | undefined;
  /** Called for every new connection, so that a renewed certificate is used. Default: none is presented. */
  readonly clientCertSource?: ClientCertSource | undefined;
  /** PEM certificates to trust instead of the built-in roots. Default: the built-in roots. */
  readonly rootCertificates?: string | Uint8Array | undefined;
  /** URL of an HTTP proxy, to tunnel connections through with CONNECT. Default: none. */
  readonly proxyUrl?: string | undefined;
  /** The environment variable that names the target, for messages. Default: none does. */
  readonly endpointVariable?: string | undefined;
  /** The environment variable that names the proxy, for messages. Default: none does. */
  readonly proxyVariable?: string | undefined;
  /** The maximum size of a reply in bytes. Default: 32 MiB, so that a faulty server cannot exhaust memory. */
  readonly maxReplyBytes?: number | undefined;
  /** Who authorizes the calls of a client that is given this transport. Default: nobody. */
  readonly tokenProvider?: TokenProvider | undefined;
  /** Time. Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** Refused: it belongs to the gRPC transport. Default: none. */
  readonly channel?: object | undefined;
  /** Refused unless empty: they belong to the gRPC transport. Default: none. */
  readonly channelOptions?: Readonly<Record<string, unknown>> | undefined;
}

/** What the transport knows about a call in flight. */
interface InFlight {
  place: number | undefined;
  cancel(text: string): void;
}

/** Carries unary calls as HTTP requests, over its own connections. */
export class RestTransport implements Transport {
  readonly kind = "rest";
  readonly host: string;
  readonly clientToken = `rest/${VERSION}`;
  readonly tokenProvider: TokenProvider | undefined;
  readonly #route: HttpRoute;
  readonly #clock: Clock;
  readonly #hasCertificate: boolean;
  readonly #inFlight = new Roster<"place", InFlight>("place");
  #hasAnswered = false;
  #closed: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  /** @throws ConfigurationError when the root certificates cannot be read, or a setting belongs to the gRPC transport */
  constructor(settings: RestTransportSettings) {
    const { target, isInsecure, clock = systemClock, rootCertificates, clientCertSource, proxyUrl } = settings;
    const { endpointVariable, proxyVariable } = settings;
    refuseChannelSettings(settings);
    this.tokenProvider = settings.tokenProvider;
    this.host = target;
    this.#clock = clock;
    this.#hasCertificate = clientCertSource !== undefined && isInsecure !== true;
    this.#route = {
      http: new HttpClient({ clock, rootCertificates, clientCertSource, proxyFor: () => proxyUrl }),
      origin: originOf(new URL(`${isInsecure ? "http" : "https"}://${target}`)),
      host: target,
      maxReplyBytes: settings.maxReplyBytes ?? DEFAULT_MAX_REPLY_BYTES,
      surroundings: () => ({ host: target, endpointVariable, proxyVariable, hasAnswered: this.#hasAnswered }),
      onAnswer: () => {
        this.#hasAnswered = true;
      },
    };
  }

  unary<Message, Reply>(call: UnaryCall<Message, Reply>): Promise<Reply> {
    const { method, signal } = call;
    const refuse = (code: number, text: string): Promise<never> =>
      Promise.reject(new RpcError({ code, text, method: method.label, transport: this.kind }));
    if (this.#closed !== undefined) return refuse(Status.CANCELLED, "the transport is closed");
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (method.http === undefined) {
      return refuse(Status.UNIMPLEMENTED, 'the method has no HTTP rule; use the transport "grpc"');
    }
    let request: TranscodedRequest;
    try {
      request = transcode(method.http, call.message as object); // as: a message is an object, whatever its type
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#hasCertificate ? this.#sendWithCertificate(call, request) : this.#send(call, request);
  }

  /** If the failure may be due to the certificate and the source now returns another one, the same attempt is made once more. */
  async #sendWithCertificate<Message, Reply>(
    call: UnaryCall<Message, Reply>,
    request: TranscodedRequest,
  ): Promise<Reply> {
    const endsAt = this.#clock.now() + call.timeoutMs;
    try {
      return await this.#send(call, request);
    } catch (error) {
      const isRenewed = await this.#renewCertificate(error, endsAt - this.#clock.now(), call.signal);
      if (call.signal?.aborted) throw call.signal.reason;
      const timeoutMs = endsAt - this.#clock.now();
      if (isRenewed && timeoutMs > 0 && this.#closed === undefined) return this.#send({ ...call, timeoutMs }, request);
      throw error;
    }
  }

  #send<Message, Reply>(call: UnaryCall<Message, Reply>, request: TranscodedRequest): Promise<Reply> {
    const exchange = new RestExchange(call, this.#route);
    this.#inFlight.add(exchange);
    return exchange.run(request).finally(() => {
      this.#inFlight.delete(exchange);
      if (this.#inFlight.size === 0) this.#onIdle?.();
    });
  }

  /** After a failure that may be due to the certificate: whether the source now returns another one. */
  async #renewCertificate(error: unknown, timeoutMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    const mayBeIt = error instanceof RpcError && (error.status === "UNAUTHENTICATED" || error.status === "UNAVAILABLE");
    if (!mayBeIt || timeoutMs <= 0) return false;
    const limits = { timeoutMs, onTimeout: () => error, signals: [signal] };
    return waitWithin(this.#clock, this.#route.http.renewCertificate(), limits).catch(() => false);
  }

  close(gracePeriodMs: number): Promise<void> {
    this.#closed ??= this.#close();
    const cancelAll = (): void => {
      for (const exchange of this.#inFlight.all()) exchange.cancel("the transport was closed");
    };
    if (gracePeriodMs <= 0) cancelAll();
    else if (this.#inFlight.size > 0) void this.#closed.then(this.#clock.schedule(gracePeriodMs, cancelAll));
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#inFlight.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    this.#route.http.close();
  }
}

const DEFAULT_MAX_REPLY_BYTES = 32 * 1024 * 1024;

function refuseChannelSettings({ channel, channelOptions = {} }: RestTransportSettings): void {
  const [option] = Object.keys(channelOptions);
  const foreign = channel !== undefined ? "channel" : option && `channelOptions["${option}"]`;
  if (foreign !== undefined) throw new ConfigurationError(`${foreign}: is not supported by the transport "rest"`);
}
