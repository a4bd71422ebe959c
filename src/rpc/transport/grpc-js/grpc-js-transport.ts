// SPDX-License-Identifier: Apache-2.0
// The transport over grpc-js: one connection at a time, replaced when it seems dead. Does not retry and fetches no tokens.

import {
  Channel,
  type ChannelCredentials,
  type ChannelInterface,
  type ChannelOptions,
  connectivityState,
  credentials,
} from "@grpc/grpc-js";
import { version as grpcVersion } from "@grpc/grpc-js/package.json";
import { Status } from "../../../base/causes/status.js";
import type { ClientCertSource, LoadedCertificate } from "../../../base/certificate/client-certificate.js";
import { type Clock, systemClock, waitWithin } from "../../../base/clock.js";
import { RpcError } from "../../../base/errors.js";
import type { TokenProvider } from "../../../base/token-provider.js";
import { failedStream } from "../failed-stream.js";
import { FrozenProcessWatch } from "../frozen-process.js";
import type { KeepaliveSettings } from "../keepalive-settings.js";
import { RotatingIdentity } from "../rotating-identity.js";
import type { StreamCall, Transport } from "../transport.js";
import { Connection } from "./channel-connection.js";
import { buildChannelCredentials } from "./channel-credentials.js";
import { FailureReader } from "./failure-reader.js";
import { proxiedChannel } from "./proxied-channel.js";
import { releaseSockets } from "./socket-release.js";
import { StreamExchange } from "./stream-exchange.js";
import {
  type Evidence,
  type Exchange,
  type ExchangeOwner,
  type OptionedUnaryCall,
  UnaryExchange,
} from "./unary-exchange.js";

/** The settings of a transport over grpc-js. */
export interface GrpcJsTransportSettings {
  /** `host:port`. Required. */
  readonly target: string;
  /** Whether the connection is unencrypted. Default: false. */
  readonly isInsecure?: boolean | undefined;
  /** PEM certificates to trust. Default: the built-in roots. */
  readonly rootCertificates?: string | Uint8Array | undefined;
  /** Returns the certificate to present; called again for each connection. Default: none is presented. */
  readonly clientCertSource?: ClientCertSource | undefined;
  /** Merged over the default channel options. Default: none. */
  readonly channelOptions?: Readonly<Record<string, string | number>> | undefined;
  /** The caller's channel, which is used as it is and never closed or replaced. Default: channels of our own. */
  readonly channel?: ChannelInterface | undefined;
  /** grpc-js credentials for the channels, instead of those that the settings above make. Default: none. */
  readonly channelCredentials?: ChannelCredentials | undefined;
  /**
   * The class of the channels: from another copy of grpc-js, if `channelCredentials` come from that copy (a program easily has two):
   * a channel accepts only credentials of its own copy. Default: our own copy's.
   */
  readonly channelClass?: ChannelClass | undefined;
  /** URL of an HTTP proxy to tunnel through with CONNECT; grpc-js does not support TLS to the proxy. Default: connections are direct. */
  readonly proxyUrl?: string | undefined;
  /** The environment variable that names the target, for messages. Default: none does. */
  readonly endpointVariable?: string | undefined;
  /** The environment variable that names the proxy, for messages. Default: none does. */
  readonly proxyVariable?: string | undefined;
  /** The maximum size of a reply in bytes. Default: 32 MiB, so that a faulty server cannot exhaust memory. */
  readonly maxReplyBytes?: number | undefined;
  /** When to PING a silent connection. Default: never. */
  readonly keepalive?: KeepaliveSettings | undefined;
  /** Who authorizes the calls of a client that is given this transport. Default: nobody. */
  readonly tokenProvider?: TokenProvider | undefined;
  /** Time. Default: the machine's. */
  readonly clock?: Clock | undefined;
}

/** A class of channels. */
export type ChannelClass = new (
  target: string,
  credentials: ChannelCredentials,
  options: ChannelOptions,
) => ChannelInterface;

const DEFAULT_CHANNEL_OPTIONS: ChannelOptions = {
  "grpc.max_send_message_length": -1,
  "grpc.max_receive_message_length": 32 * 1024 * 1024,
  // grpc-js would find a proxy by its own rule, and use it even for this machine.
  "grpc.enable_http_proxy": 0,
  // We retry ourselves, within the call's deadline.
  "grpc.enable_retries": 0,
  // Its trace grows with every connection, for a service that is not offered here.
  "grpc.enable_channelz": 0,
  // A new channel must open a new connection: the pool would hand it the one that is dead.
  "grpc.use_local_subchannel_pool": 1,
  // No TXT query for a service config per connection: the retry policy is ours.
  "grpc.service_config_disable_resolution": 1,
  // grpc-js waits 1 s, then up to 2 min, before it reconnects; a call has 60 s.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 10_000,
};

/** What waiting for a connection needs to know about a call. */
interface ConnectableCall {
  readonly method: { readonly label: string };
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Carries calls over grpc-js. Connects at the first call. */
export class GrpcJsTransport implements Transport, ExchangeOwner {
  readonly kind = "grpc";
  readonly host: string;
  readonly clientToken = `grpc/${grpcVersion}`;
  readonly tokenProvider: TokenProvider | undefined;
  readonly #settings: GrpcJsTransportSettings & { readonly clock: Clock };
  readonly #credentials: ChannelCredentials | undefined;
  readonly #options: ChannelOptions;
  /** What the channel connects to: the server, or the proxy. */
  readonly #channelTarget: string;
  readonly #identity: RotatingIdentity | undefined;
  readonly #connections = new Set<Connection>();
  #current: Connection | undefined;
  #watch: FrozenProcessWatch | undefined;
  #closed: Promise<void> | undefined;
  readonly #failures: FailureReader | undefined;

  /** @throws ConfigurationError when the root certificates cannot be read */
  constructor(settings: GrpcJsTransportSettings) {
    this.host = settings.channel === undefined ? settings.target : hostOf(settings.channel.getTarget());
    this.tokenProvider = settings.tokenProvider;
    const { clientCertSource, channel, isInsecure, clock = systemClock } = settings;
    this.#settings = { ...settings, clock };
    const isOurs = channel === undefined && settings.channelCredentials === undefined;
    this.#failures = isOurs ? new FailureReader({ ...settings, clock }) : undefined;
    const { channelTarget, options } = proxiedChannel(settings);
    this.#channelTarget = channelTarget;
    this.#options = { ...DEFAULT_CHANNEL_OPTIONS, ...options, ...settings.channelOptions };
    this.#credentials = channel === undefined ? this.#buildCredentials() : undefined;
    const isPresented = clientCertSource !== undefined && channel === undefined && isInsecure !== true;
    this.#identity = isPresented ? new RotatingIdentity(clientCertSource, clock) : undefined;
  }

  /** How many connections are open: one, plus those that were replaced while calls were in flight on them. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  unary<Message, Reply>(call: OptionedUnaryCall<Message, Reply>): Promise<Reply> {
    return this.#identity === undefined ? this.#exchange(call) : this.#exchangeWithCertificate(call, this.#identity);
  }

  /**
   * Calls on a connection with the certificate that the source returned when it was made. If no connection could be made, or the server
   * says UNAUTHENTICATED, and the source now returns another certificate, the same attempt goes over a fresh connection, once: so far
   * the service has done nothing.
   */
  async #exchangeWithCertificate<Message, Reply>(
    call: OptionedUnaryCall<Message, Reply>,
    identity: RotatingIdentity,
  ): Promise<Reply> {
    const { clock } = this.#settings;
    const endsAt = clock.now() + call.timeoutMs;
    const inTime = (): OptionedUnaryCall<Message, Reply> => ({ ...call, timeoutMs: Math.max(0, endsAt - clock.now()) });
    const connection = await this.#connectWithCertificate(call, identity);
    try {
      return await this.#exchange(inTime(), connection);
    } catch (error) {
      if (connection === undefined || !this.#mayBeTheCertificate(error, connection)) throw error;
      const renewed = await this.#connectWithCertificate(inTime(), identity, connection).catch(() => undefined);
      if (call.signal?.aborted) throw call.signal.reason;
      if (renewed === undefined || renewed.fingerprint === connection.fingerprint || endsAt <= clock.now()) throw error;
      return this.#exchange(inTime(), renewed);
    }
  }

  /**
   * A connection for a call, waiting no longer than the call may; `undefined` once the transport is closed.
   *
   * @param failed a connection that failed, so that the source is called again unless another has been opened since
   */
  #connectWithCertificate(
    { method, timeoutMs, signal }: ConnectableCall,
    identity: RotatingIdentity,
    failed?: Connection,
  ): Promise<Connection | undefined> {
    this.#dropFrozen();
    if (failed !== this.#current && this.#current?.isConnecting()) return Promise.resolve(this.#current);
    const text = "clientCertSource returned nothing in time";
    const onTimeout = () => this.#localError(method.label, Status.DEADLINE_EXCEEDED, text);
    const limits = { timeoutMs, onTimeout, signals: [signal, identity.stopped] };
    const connecting = this.#certifiedConnection(identity, failed);
    return waitWithin(this.#settings.clock, connecting, limits).catch((error: unknown) => {
      if (identity.stopped.aborted && !signal?.aborted) return undefined;
      throw error;
    });
  }

  /**
   * The connection with the current certificate, opened if necessary; `undefined` once the transport is closed. Calls in
   * flight on the previous one may finish there.
   */
  async #certifiedConnection(identity: RotatingIdentity, failed?: Connection): Promise<Connection | undefined> {
    let certificate: LoadedCertificate;
    try {
      certificate = await identity.ask();
    } catch (error) {
      // A half-renewed file is no reason to give up a certificate that may still be valid.
      const fallback = this.#current ?? failed;
      if (fallback !== undefined) return fallback;
      throw error;
    }
    if (this.#closed !== undefined) return undefined;
    const current = this.#current;
    if (current?.fingerprint === certificate.fingerprint) return current;
    if (current !== undefined) this.#replace(current);
    this.#current = this.#open(certificate);
    return this.#current;
  }

  /** With TLS 1.3 the channel does not say why it could not connect, so every such failure counts. */
  #mayBeTheCertificate(error: unknown, connection: Connection): boolean {
    if (!(error instanceof RpcError) || this.#closed !== undefined) return false;
    return error.status === "UNAUTHENTICATED" || (error.status === "UNAVAILABLE" && connection.hasFailedToConnect());
  }

  #localError(method: string, code: number, text: string, cause?: unknown): RpcError {
    return new RpcError({ code, text, method, transport: this.kind, cause });
  }

  #exchange<Message, Reply>(call: OptionedUnaryCall<Message, Reply>, given?: Connection): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      if (this.#closed !== undefined) {
        reject(this.#localError(call.method.label, Status.CANCELLED, "the transport is closed"));
        return;
      }
      if (call.signal?.aborted) {
        reject(call.signal.reason);
        return;
      }
      const connection = given ?? this.#connection();
      const exchange = new UnaryExchange(call, connection, this, { resolve, reject });
      try {
        exchange.start(call.method.encode(call.message));
      } catch (cause) {
        if (connection.channel.getConnectivityState(false) !== connectivityState.SHUTDOWN) throw cause;
        reject(this.#localError(call.method.label, Status.CANCELLED, "the given channel is closed", cause));
        return;
      }
      connection.add(exchange);
    });
  }

  stream<Message, Reply>(call: StreamCall<Message, Reply>): AsyncIterableIterator<Reply> {
    const identity = this.#identity;
    return identity === undefined ? this.#openStream(call) : this.#streamWithCertificate(call, identity);
  }

  /** Like {@link #exchangeWithCertificate}, but what a stream has sent cannot be resent: only the next attempt benefits. */
  async *#streamWithCertificate<Message, Reply>(
    call: StreamCall<Message, Reply>,
    identity: RotatingIdentity,
  ): AsyncGenerator<Reply, undefined> {
    const { clock } = this.#settings;
    const startedAt = clock.now();
    const connection = await this.#connectWithCertificate(call, identity);
    const timeoutMs = Math.max(0, call.timeoutMs - (clock.now() - startedAt));
    try {
      yield* this.#openStream({ ...call, timeoutMs }, connection);
    } catch (error) {
      if (connection !== undefined && this.#mayBeTheCertificate(error, connection)) {
        void this.#certifiedConnection(identity, connection).catch(() => undefined);
      }
      throw error;
    }
  }

  #openStream<Message, Reply>(call: StreamCall<Message, Reply>, given?: Connection): AsyncIterableIterator<Reply> {
    const { label } = call.method;
    if (this.#closed !== undefined)
      return failedStream(this.#localError(label, Status.CANCELLED, "the transport is closed"));
    if (call.signal.aborted) return failedStream(call.signal.reason);
    const connection = given ?? this.#connection();
    const exchange = new StreamExchange(call, connection, this, this.#settings.clock);
    try {
      exchange.start();
    } catch (cause) {
      if (connection.channel.getConnectivityState(false) !== connectivityState.SHUTDOWN) throw cause;
      return failedStream(this.#localError(label, Status.CANCELLED, "the given channel is closed", cause));
    }
    connection.add(exchange);
    return exchange;
  }

  /** For an exchange: why there was no connection, which grpc-js does not say. */
  readFailure(error: RpcError, timeoutMs: number, signal: AbortSignal | undefined): Promise<unknown> | undefined {
    return this.#closed === undefined ? this.#failures?.read(error, timeoutMs, signal) : undefined;
  }

  /** For an exchange: it has ended. */
  onExchangeEnd(exchange: Exchange, evidence: Evidence): void {
    const { connection, answersBefore } = exchange;
    if (evidence === "heard") {
      connection.countAnswer();
      this.#failures?.countAnswer();
    }
    if (evidence === "silent" && connection.seemsDead(answersBefore)) this.#replace(connection);
    connection.remove(exchange);
  }

  close(gracePeriodMs: number): Promise<void> {
    this.#closed ??= this.#close();
    if (this.#connections.size > 0) {
      const cancelAll = () => {
        for (const connection of this.#connections) connection.cancelAll("the transport was closed");
      };
      if (gracePeriodMs <= 0) cancelAll();
      else {
        const stopWaiting = this.#settings.clock.schedule(gracePeriodMs, cancelAll);
        void this.#closed.then(stopWaiting);
      }
    }
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#watch?.stop();
    this.#identity?.stop();
    this.#current = undefined;
    await Promise.all(
      Array.from(this.#connections, (connection) => new Promise<void>((resolve) => connection.retire(resolve))),
    );
    this.#connections.clear();
  }

  #connection(): Connection {
    this.#dropFrozen();
    this.#current ??= this.#open();
    return this.#current;
  }

  #dropFrozen(): void {
    if (this.#settings.channel !== undefined) return;
    this.#watch ??= new FrozenProcessWatch(this.#settings.clock);
    if (this.#watch.takeWasFrozen() && this.#current !== undefined) this.#replace(this.#current);
  }

  #buildCredentials(certificate?: LoadedCertificate): ChannelCredentials {
    const given = this.#settings.channelCredentials;
    // Credentials that were passed in may be used by others too, so they are left unchanged.
    return given ?? releaseSockets(buildChannelCredentials(this.#settings, certificate), this.#settings.clock);
  }

  #open(certificate?: LoadedCertificate): Connection {
    const { channel, clock, channelClass = Channel } = this.#settings;
    const own = certificate === undefined ? this.#credentials : this.#buildCredentials(certificate);
    const connection =
      channel === undefined
        ? new Connection(
            new channelClass(this.#channelTarget, own ?? credentials.createSsl(), this.#options),
            true,
            clock,
            certificate,
          )
        : new Connection(channel, false, clock);
    this.#connections.add(connection);
    return connection;
  }

  /** Calls in flight on it may finish; the next attempt opens a new one. A caller's own channel cannot be replaced. */
  #replace(connection: Connection): void {
    if (this.#current !== connection || this.#settings.channel !== undefined) return;
    this.#current = undefined;
    connection.retire(() => this.#connections.delete(connection));
  }
}

/** `host:port` of a channel's target, which is resolved by DNS unless it says otherwise. Source: gRPC's naming document. */
function hostOf(target: string): string {
  return target.replace(/^dns:(?:\/\/[^/]*\/)?/, "");
}
