// SPDX-License-Identifier: Apache-2.0
// The gRPC transport: one connection at a time, replaced when it seems dead. Does not retry and fetches no tokens.

import { X509Certificate } from "node:crypto";
import {
  Channel,
  type ChannelCredentials,
  type ChannelInterface,
  type ChannelOptions,
  connectivityState,
  credentials,
} from "@grpc/grpc-js";
import { version as grpcVersion } from "@grpc/grpc-js/package.json";
import type { Clock } from "../../clock.js";
import { ConfigurationError, RpcError } from "../../errors.js";
import { Status } from "../../status.js";
import type { StreamCall, Transport, UnaryCall } from "../transport.js";
import { Connection } from "./connection.js";
import { FrozenProcessWatch } from "./frozen-process.js";
import { releaseSockets } from "./socket-release.js";
import { failedStream, StreamExchange } from "./stream-exchange.js";
import { type Evidence, type Exchange, type ExchangeOwner, UnaryExchange } from "./unary-exchange.js";

/** What a gRPC transport is made of. */
export interface GrpcTransportSettings {
  /** `host:port`. */
  readonly target: string;
  /** Whether the connection is plain. */
  readonly isInsecure: boolean;
  /** PEM certificates to trust instead of the built-in roots. */
  readonly rootCertificates: string | Uint8Array | undefined;
  /** Laid over the default channel options. */
  readonly channelOptions: Readonly<Record<string, string | number>>;
  /** A channel of the caller's, which is used as it is and never closed or replaced. */
  readonly channel: ChannelInterface | undefined;
  readonly clock: Clock;
}

const DEFAULT_CHANNEL_OPTIONS: ChannelOptions = {
  "grpc.max_send_message_length": -1,
  "grpc.max_receive_message_length": -1,
  // We retry ourselves, within the call's deadline.
  "grpc.enable_retries": 0,
  // Its trace grows with every connection, for a service that nobody here serves.
  "grpc.enable_channelz": 0,
  // A new channel must open a new connection: the pool would hand it the one that is dead.
  "grpc.use_local_subchannel_pool": 1,
  // No TXT query for a service config per connection: the retry policy is ours.
  "grpc.service_config_disable_resolution": 1,
  // grpc-js waits 1 s, then up to 2 min, before it connects again; a call has 60 s.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 10_000,
};

/** Carries calls over grpc-js. Connects at the first call. */
export class GrpcTransport implements Transport, ExchangeOwner {
  readonly kind = "grpc";
  readonly host: string;
  readonly clientToken = `grpc/${grpcVersion}`;
  readonly #settings: GrpcTransportSettings;
  readonly #credentials: ChannelCredentials | undefined;
  readonly #options: ChannelOptions;
  readonly #connections = new Set<Connection>();
  #current: Connection | undefined;
  #watch: FrozenProcessWatch | undefined;
  #closed: Promise<void> | undefined;

  /** @throws ConfigurationError when the root certificates cannot be read */
  constructor(settings: GrpcTransportSettings) {
    this.host = settings.channel?.getTarget() ?? settings.target;
    this.#settings = settings;
    this.#options = { ...DEFAULT_CHANNEL_OPTIONS, ...settings.channelOptions };
    this.#credentials =
      settings.channel === undefined ? releaseSockets(channelCredentials(settings), settings.clock) : undefined;
  }

  /** How many connections are open: one, and those that were replaced while calls were in flight on them. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  unary<Message, Reply>(call: UnaryCall<Message, Reply>): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      if (this.#closed !== undefined) {
        reject(this.#cancelled(call, "the transport is closed"));
        return;
      }
      if (call.signal?.aborted) {
        reject(call.signal.reason);
        return;
      }
      const connection = this.#connection();
      const exchange = new UnaryExchange(call, connection, this, resolve, reject);
      try {
        exchange.start(call.method.encode(call.message));
      } catch (cause) {
        if (connection.channel.getConnectivityState(false) !== connectivityState.SHUTDOWN) throw cause;
        reject(this.#cancelled(call, "the given channel is closed", cause));
        return;
      }
      connection.add(exchange);
    });
  }

  stream<Message, Reply>(call: StreamCall<Message, Reply>): AsyncIterableIterator<Reply> {
    if (this.#closed !== undefined) return failedStream(this.#cancelled(call, "the transport is closed"));
    if (call.signal.aborted) return failedStream(call.signal.reason);
    const connection = this.#connection();
    const exchange = new StreamExchange(call, connection, this, this.#settings.clock);
    try {
      exchange.start();
    } catch (cause) {
      if (connection.channel.getConnectivityState(false) !== connectivityState.SHUTDOWN) throw cause;
      return failedStream(this.#cancelled(call, "the given channel is closed", cause));
    }
    connection.add(exchange);
    return exchange;
  }

  #cancelled({ method }: { readonly method: { readonly label: string } }, text: string, cause?: unknown): RpcError {
    return new RpcError({ code: Status.CANCELLED, text, method: method.label, transport: this.kind, cause });
  }

  /** For an exchange: it has ended. */
  onExchangeEnd(exchange: Exchange, evidence: Evidence): void {
    const { connection, timesHeardBefore } = exchange;
    if (evidence === "heard") connection.hear();
    if (evidence === "silent" && connection.seemsDead(timesHeardBefore)) this.#replace(connection);
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
    this.#current = undefined;
    await Promise.all(
      Array.from(this.#connections, (connection) => new Promise<void>((resolve) => connection.retire(resolve))),
    );
    this.#connections.clear();
  }

  #connection(): Connection {
    if (this.#settings.channel === undefined) {
      this.#watch ??= new FrozenProcessWatch(this.#settings.clock);
      if (this.#watch.takeWasFrozen() && this.#current !== undefined) this.#replace(this.#current);
    }
    this.#current ??= this.#open();
    return this.#current;
  }

  #open(): Connection {
    const { channel, target, clock } = this.#settings;
    const connection =
      channel === undefined
        ? new Connection(new Channel(target, this.#credentials ?? credentials.createSsl(), this.#options), true, clock)
        : new Connection(channel, false, clock);
    this.#connections.add(connection);
    return connection;
  }

  /** Calls in flight on it may end; the next attempt opens a new one. A caller's own channel cannot be replaced. */
  #replace(connection: Connection): void {
    if (this.#current !== connection || this.#settings.channel !== undefined) return;
    this.#current = undefined;
    connection.retire(() => this.#connections.delete(connection));
  }
}

function channelCredentials({ isInsecure, rootCertificates }: GrpcTransportSettings): ChannelCredentials {
  if (isInsecure) return credentials.createInsecure();
  if (rootCertificates === undefined) return credentials.createSsl();
  try {
    const pem = Buffer.from(rootCertificates);
    // createSsl takes any text for certificates, and then trusts nobody.
    if (!pem.includes("-----BEGIN ") || new X509Certificate(pem).raw.length === 0) throw new Error("it is no PEM");
    return credentials.createSsl(pem);
  } catch (cause) {
    throw new ConfigurationError("rootCertificates: must be certificates in PEM form", { cause });
  }
}
