// SPDX-License-Identifier: Apache-2.0
// The gRPC transport on our own HTTP/2: one connection at a time, replaced when it seems dead or goes away, and the calls waiting for
// it in order. Does not resend what a service may have seen, and fetches no tokens.

import { explainConnectionFailure } from "../../../base/causes/final-failures.js";
import { Status } from "../../../base/causes/status.js";
import { type Clock, systemClock } from "../../../base/clock.js";
import { Roster } from "../../../base/collections/roster.js";
import { IAMCredentialsError, RpcError } from "../../../base/errors.js";
import { maskOf } from "../../../base/secrets/mask-sent.js";
import { maskSecrets } from "../../../base/secrets/secret-text.js";
import type { TokenProvider } from "../../../base/token-provider.js";
import { VERSION } from "../../../base/version.js";
import { failedStream } from "../failed-stream.js";
import { FrozenProcessWatch } from "../frozen-process.js";
import type { FixedFields } from "../http2/request-head.js";
import type { GoAway } from "../http2/stream.js";
import type { StreamCall, Transport, UnaryCall } from "../transport.js";
import { ConnectionLog, type RetireReason } from "./connection-log.js";
import { Connector } from "./connector.js";
import type { Exchange, ExchangeOwner, Line } from "./exchange.js";
import { type GrpcTransportSettings, refuseChannelSettings } from "./grpc-settings.js";
import { frameRequest } from "./message-frames.js";
import { methodFields } from "./request-fields.js";
import { TOO_MANY_PINGS } from "./statuses.js";
import { StreamExchange } from "./streaming.js";
import { UnaryExchange } from "./unary.js";
import type { Wire, WireOwner } from "./wire.js";

const DEFAULT_MAX_REPLY_BYTES = 32 * 1024 * 1024;
/** How long a connection may take to be established before it is abandoned if nobody is waiting for it any more. */
const CONNECT_PATIENCE_MS = 2_000;
/** The maximum number of paths whose header fields are cached. */
const MAX_PATHS = 256;

/** A connection that is being made. */
interface Connecting {
  readonly stop: AbortController;
  readonly startedAt: number;
  /** Whether a call has waited for it. */
  isAwaited: boolean;
}

/** Carries calls over HTTP/2. Connects at the first call, or for the one that is waiting for its token. */
export class GrpcTransport implements Transport, ExchangeOwner, WireOwner {
  readonly kind = "grpc";
  readonly host: string;
  readonly clientToken = `grpc/${VERSION}`;
  readonly tokenProvider: TokenProvider | undefined;
  readonly clock: Clock;
  readonly log: ConnectionLog;
  readonly maxReplyBytes: number;
  readonly #scheme: "http" | "https";
  readonly #connector: Connector;
  readonly #fields = new Map<string, FixedFields>();
  readonly #wires = new Set<Wire>();
  readonly #inFlight = new Roster<"place", Exchange>("place");
  /** Calls without a stream, in order. */
  readonly #waiting = new Roster<"waitingPlace", Exchange>("waitingPlace");
  #current: Wire | undefined;
  #connecting: Connecting | undefined;
  #lastError: unknown;
  #hasAnswered = false;
  #watch: FrozenProcessWatch | undefined;
  #onIdle: (() => void) | undefined;
  #closed: Promise<void> | undefined;
  readonly #settings: GrpcTransportSettings;

  /** @throws ConfigurationError when the root certificates cannot be read */
  constructor(settings: GrpcTransportSettings) {
    const {
      target,
      isInsecure = false,
      rootCertificates,
      cipherSuites,
      clientCertSource,
      proxyUrl,
      keepalive,
    } = settings;
    refuseChannelSettings(settings);
    this.#settings = settings;
    this.host = target;
    this.tokenProvider = settings.tokenProvider;
    this.clock = settings.clock ?? systemClock;
    this.log = new ConnectionLog(settings.logger, target);
    this.maxReplyBytes = settings.maxReplyBytes ?? DEFAULT_MAX_REPLY_BYTES;
    this.#scheme = isInsecure ? "http" : "https";
    const { clock } = this;
    this.#connector = new Connector(
      { target, isInsecure, rootCertificates, cipherSuites, clientCertSource, proxyUrl, keepalive, clock },
      this,
    );
  }

  /** How many connections are open: one, plus those that were replaced while calls were in flight on them. */
  get connectionCount(): number {
    return this.#wires.size;
  }

  connectAhead(): void {
    const isBusy = this.#current !== undefined || this.#connecting !== undefined;
    if (isBusy || this.#closed !== undefined || this.#connector.isBackingOff) return;
    this.#connect(false);
    this.#onNobodyWaits();
  }

  unary<Message, Reply>(call: UnaryCall<Message, Reply>): Promise<Reply> {
    return this.#settings.clientCertSource === undefined ? this.#exchange(call) : this.#exchangeWithCertificate(call);
  }

  /** After UNAUTHENTICATED the service has done nothing: a renewed certificate may be what it needs. */
  async #exchangeWithCertificate<Message, Reply>(call: UnaryCall<Message, Reply>): Promise<Reply> {
    const endsAt = this.clock.now() + call.timeoutMs;
    const before = this.#current;
    try {
      return await this.#exchange(call);
    } catch (error) {
      if (!(await this.#hasRenewed(error, before))) throw error;
      if (call.signal?.aborted) throw call.signal.reason;
      const timeoutMs = endsAt - this.clock.now();
      if (timeoutMs <= 0) throw error;
      return this.#exchange({ ...call, timeoutMs });
    }
  }

  /** Whether there is a certificate other than the one that the service rejected; then the next call presents it. */
  async #hasRenewed(error: unknown, before: Wire | undefined): Promise<boolean> {
    if (!(error instanceof RpcError) || error.status !== "UNAUTHENTICATED" || this.#closed !== undefined) return false;
    const wire = before ?? this.#current;
    const renewed = await this.#connector.renewedCertificate(wire?.fingerprint);
    if (renewed !== undefined && wire === this.#current) this.#retire(wire, "renewed certificate");
    return renewed !== undefined;
  }

  #exchange<Message, Reply>(call: UnaryCall<Message, Reply>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal(call);
      if (refusal !== undefined) {
        reject(refusal.error);
        return;
      }
      const request = frameRequest(call.method, call.message);
      this.#begin(new UnaryExchange(this, { call, request, resolve, reject }));
    });
  }

  stream<Message, Reply>(call: StreamCall<Message, Reply>): AsyncIterableIterator<Reply> {
    const refusal = this.#refusal(call);
    if (refusal !== undefined) return failedStream(refusal.error);
    const exchange = new StreamExchange(this, call);
    this.#begin(exchange);
    return this.#settings.clientCertSource === undefined ? exchange : this.#watchCertificate(exchange);
  }

  /** As for unary calls, but what a stream has sent cannot be resent: only the next attempt benefits. */
  async *#watchCertificate<Reply>(replies: AsyncIterable<Reply>): AsyncGenerator<Reply, undefined> {
    const before = this.#current;
    try {
      yield* replies;
    } catch (error) {
      await this.#hasRenewed(error, before);
      throw error;
    }
  }

  /** Why a call cannot start; `undefined`: it can. */
  #refusal({
    method,
    signal,
  }: {
    readonly method: { readonly label: string };
    readonly signal: AbortSignal | undefined;
  }): { readonly error: unknown } | undefined {
    if (this.#closed !== undefined) {
      const text = "the transport is closed";
      return { error: new RpcError({ code: Status.CANCELLED, text, method: method.label, transport: this.kind }) };
    }
    return signal?.aborted ? { error: signal.reason } : undefined;
  }

  #begin(exchange: Exchange): void {
    this.#inFlight.add(exchange);
    this.dispatch(exchange);
  }

  // For exchanges

  /** What a call without a stream is waiting for. */
  get waitsFor(): string {
    if (this.#connector.isAsking) return "clientCertSource returned nothing";
    return this.#current !== undefined ? `${this.host} accepted no further call` : `no connection to ${this.host}`;
  }

  fieldsOf(path: string): FixedFields {
    let fields = this.#fields.get(path);
    if (fields === undefined) {
      if (this.#fields.size >= MAX_PATHS) this.#fields.clear();
      fields = methodFields(path, this.host, this.#scheme);
      this.#fields.set(path, fields);
    }
    return fields;
  }

  dispatch(exchange: Exchange): void {
    this.#watch ??= new FrozenProcessWatch(this.clock);
    if (this.#watch.takeWasFrozen()) this.#retire(this.#current, "frozen process");
    const wire = this.#current;
    if (wire?.hasRoom && this.#waiting.size === 0) {
      exchange.sendOn(wire);
      return;
    }
    this.#waiting.add(exchange);
    if (wire !== undefined) wire.holdOpen(true);
    else this.#connect();
  }

  leave(exchange: Exchange): void {
    this.#inFlight.delete(exchange);
    if (this.#waiting.delete(exchange) && this.#waiting.size === 0) this.#onNobodyWaits();
    if (this.#inFlight.size === 0) this.#onIdle?.();
  }

  distrust(line: Line): void {
    if (line === this.#current) this.#retire(this.#current, "silent");
  }

  #onNobodyWaits(): void {
    this.#current?.holdOpen(false);
    const connecting = this.#connecting;
    if (connecting === undefined) return;
    // A short timeout must not keep a slow connection from ever being established.
    const left = connecting.startedAt + CONNECT_PATIENCE_MS - this.clock.now();
    const giveUp = (): void => {
      if (this.#waiting.size > 0 || this.#connecting !== connecting) return;
      this.#connecting = undefined;
      connecting.stop.abort(new Error("nobody is waiting for the connection any more"));
    };
    if (left <= 0 || this.#closed !== undefined) giveUp();
    else this.clock.schedule(left, giveUp, false);
  }

  // Connections

  #connect(isAwaited = true): void {
    if (this.#connecting !== undefined) {
      this.#connecting.isAwaited ||= isAwaited;
      return;
    }
    if (this.#connector.isBackingOff) {
      this.#failWaiting(this.#lastError);
      return;
    }
    const connecting: Connecting = { stop: new AbortController(), startedAt: this.clock.now(), isAwaited };
    this.#connecting = connecting;
    this.#connector.connect(connecting.stop.signal).then(
      (wire) => {
        if (this.#connecting === connecting) this.#onConnected(wire, connecting);
        else wire.close();
      },
      (error: unknown) => {
        // If it was given up, another may have taken its place.
        if (this.#connecting !== connecting) return;
        this.#connecting = undefined;
        this.#lastError = error;
        this.log.failed(error);
        // What no call has seen is no reason to refuse the next one.
        if (connecting.isAwaited) this.#connector.note(!(error instanceof IAMCredentialsError));
        this.#failWaiting(error);
      },
    );
  }

  #onConnected(wire: Wire, { startedAt }: Connecting): void {
    this.log.opened(this.clock.now() - startedAt);
    this.#connecting = undefined;
    this.#hasAnswered = true;
    this.#connector.note(false);
    this.#wires.add(wire);
    this.#current = wire;
    this.#sendWaiting(wire);
  }

  #failWaiting(error: unknown): void {
    for (const exchange of this.#waiting.all()) {
      if (error instanceof IAMCredentialsError) exchange.reject(error);
      else {
        const { endpointVariable, proxyVariable } = this.#settings;
        const around = { host: this.host, endpointVariable, proxyVariable, hasAnswered: this.#hasAnswered };
        exchange.fail({ code: Status.UNAVAILABLE, ...explainConnectionFailure(error, around), cause: error });
      }
    }
  }

  #sendWaiting(wire: Wire): void {
    while (wire.hasRoom) {
      const exchange = this.#waiting.first;
      if (exchange === undefined) break;
      this.#waiting.delete(exchange);
      exchange.sendOn(wire);
    }
    wire.holdOpen(this.#waiting.size > 0);
  }

  /** What a server says about its connection can concern any call on it. */
  mask(text: string): string {
    let shown = text === "" ? "" : maskSecrets(text);
    if (text !== "") for (const exchange of this.#inFlight.all()) shown = maskOf(exchange.sent())(shown);
    return shown;
  }

  onRoom(wire: Wire): void {
    if (wire === this.#current && this.#waiting.size > 0) this.#sendWaiting(wire);
  }

  onDrain(wire: Wire, why: GoAway | RetireReason): void {
    if (typeof why === "string") this.log.retired(why);
    else {
      this.log.wentAway(why);
      if (why.debugText === TOO_MANY_PINGS) {
        this.log.tooManyPings();
        this.#connector.slowDown();
      }
    }
    if (wire === this.#current) this.#abandon();
  }

  onEnd(wire: Wire, error: Error | undefined): void {
    this.log.closed(error);
    this.#wires.delete(wire);
    if (wire === this.#current) this.#abandon();
  }

  #retire(wire: Wire | undefined, why: RetireReason): void {
    if (wire === undefined) return;
    this.log.retired(why);
    if (wire === this.#current) this.#abandon();
    wire.retire();
  }

  /** Calls that waited for the abandoned connection wait for the next one. */
  #abandon(): void {
    this.#current?.holdOpen(false);
    this.#current = undefined;
    if (this.#waiting.size > 0) this.#connect();
  }

  // Closing

  close(gracePeriodMs: number): Promise<void> {
    this.#closed ??= this.#close();
    const cancelAll = (): void => {
      for (const exchange of this.#inFlight.all()) exchange.cancel("the transport was closed");
    };
    if (gracePeriodMs <= 0) cancelAll();
    else if (this.#inFlight.size > 0) void this.#closed.then(this.clock.schedule(gracePeriodMs, cancelAll));
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#inFlight.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    this.#watch?.stop();
    this.#connector.stop();
    const connecting = this.#connecting;
    this.#connecting = undefined;
    connecting?.stop.abort(new Error("the transport was closed"));
    this.#current = undefined;
    for (const wire of [...this.#wires]) wire.close();
  }
}
