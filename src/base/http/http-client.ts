// SPDX-License-Identifier: Apache-2.0
// The one HTTP client: keep-alive connections, made by the one dialer, through the proxy that its owner's rule names. Follows no
// redirects, reads no variables, and knows no API.

import { Agent, type ClientRequestArgs, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  type ClientCertSource,
  type LoadedCertificate,
  loadClientCertificate,
} from "../certificate/client-certificate.js";
import { afterThisTurn, type Clock } from "../clock.js";
import { Roster } from "../collections/roster.js";
import { dial } from "../socket/dial.js";
import { proxyRouteFrom } from "../socket/proxy-route.js";
import { TlsIdentity } from "../socket/tls-identity.js";
import { type ExchangeOwner, HttpExchange } from "./http-exchange.js";
import type { HttpAnswer, HttpOrigin, HttpRequest } from "./http-message.js";

/** The settings of a client. */
interface HttpClientSettings {
  /** Required. */
  readonly clock: Clock;
  /** PEM certificates to trust. Default: the built-in roots. */
  readonly rootCertificates?: string | Uint8Array | undefined;
  /** Asked for every new connection, so that a renewed certificate is used. Default: none is presented. */
  readonly clientCertSource?: ClientCertSource | undefined;
  /** Names the URL of the proxy on the way to an origin; if it throws, the request ends with that error. Default: none. */
  readonly proxyFor?: ((origin: HttpOrigin) => string | undefined) | undefined;
}

/** The time limit for making a connection; a request's own timeout may cut it off earlier or later. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Servers and the proxies in front of them close idle connections after a minute or more. Also catches frozen and suspended processes. */
const LONGEST_IDLE_MS = 55_000;
/** A request that must not be repeated never uses a connection that the server may be closing right now. */
const LONGEST_IDLE_UNREPEATABLE_MS = 1_000;
/** Per origin: a process has a few thousand file descriptors. */
const MAX_SOCKETS = 256;

/** Node passes the options of a request on to the function that makes its connection. */
function exchangeOf(options: ClientRequestArgs): HttpExchange {
  return (options as { readonly exchange?: unknown }).exchange as HttpExchange; // as: all requests of this agent have it
}

/** Keeps connections by origin. */
class SocketAgent extends Agent {
  readonly #connect: (exchange: HttpExchange) => Promise<Socket>;

  constructor(connect: (exchange: HttpExchange) => Promise<Socket>) {
    super({ keepAlive: true, scheduling: "lifo", maxFreeSockets: MAX_SOCKETS, timeout: LONGEST_IDLE_MS });
    this.#connect = connect;
  }

  /** For Node. */
  override createConnection(
    options: ClientRequestArgs,
    callback: (error: Error | null, socket: Duplex) => void = () => undefined,
  ): undefined {
    const tell = callback as (error: unknown, socket?: Duplex) => void; // as: with an error there is no socket
    this.#connect(exchangeOf(options)).then((socket) => tell(null, socket), tell);
  }

  /** For Node: the key under which connections are kept. */
  override getName(options: ClientRequestArgs = {}): string {
    return exchangeOf(options).request.origin.key;
  }

  /** Closes the idle connections that are too old. */
  dropIdle(key: string, isTooOld: (socket: Socket) => boolean): void {
    for (const socket of this.freeSockets[key] ?? []) if (isTooOld(socket)) socket.destroy();
  }

  /** Closes the idle connections now and the others after their responses. */
  retire(): void {
    this.maxFreeSockets = 0;
    for (const key of Object.keys(this.freeSockets)) this.dropIdle(key, () => true);
  }
}

/** The running and waiting requests of one origin. */
interface Lane {
  running: number;
  readonly waiting: HttpExchange[];
}

/** Makes HTTP requests. Idle connections keep no process alive, and end with their owner. */
export class HttpClient implements ExchangeOwner {
  readonly clock: Clock;
  readonly #settings: HttpClientSettings;
  readonly #lanes = new Map<string, Lane>();
  readonly #exchanges = new Roster<"place", HttpExchange>("place");
  readonly #idleSince = new WeakMap<Socket, number>();
  readonly #agents = new Set<SocketAgent>();
  #agent: SocketAgent;
  readonly #roots: TlsIdentity;
  #identity: TlsIdentity;
  #presented: LoadedCertificate | undefined;
  #isClosed = false;

  /** @throws ConfigurationError when the roots cannot be read */
  constructor(settings: HttpClientSettings) {
    this.clock = settings.clock;
    this.#settings = settings;
    const { rootCertificates } = settings;
    this.#roots = rootCertificates === undefined ? PLATFORM_ROOTS : new TlsIdentity({ rootCertificates });
    this.#identity = this.#roots;
    this.#agent = this.#openAgent();
  }

  /**
   * Makes a request.
   *
   * @throws DialError, HttpTimeoutError, Node's error for a lost connection, the certificate source's error; the signal's reason
   */
  send(request: HttpRequest): Promise<HttpAnswer> {
    const { signal } = request;
    if (this.#isClosed) return Promise.reject(new Error("the HTTP client is closed"));
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => void this.start(request, resolve, reject));
  }

  /** The same for a caller that keeps the exchange in order to cut it off; the signal must not have aborted. */
  start(request: HttpRequest, resolve: (answer: HttpAnswer) => void, reject: (reason: unknown) => void): HttpExchange {
    const exchange = new HttpExchange(request, this, resolve, reject);
    this.#exchanges.add(exchange);
    const lane = this.#laneOf(request.origin.key);
    if (lane.running >= MAX_SOCKETS) lane.waiting.push(exchange);
    else this.#start(exchange, lane);
    return exchange;
  }

  #laneOf(key: string): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { running: 0, waiting: [] };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #start(exchange: HttpExchange, lane: Lane): void {
    lane.running++;
    const limit = exchange.request.isRepeatable ? LONGEST_IDLE_MS : LONGEST_IDLE_UNREPEATABLE_MS;
    const now = this.clock.wallNow();
    const isTooOld = (socket: Socket): boolean => Math.abs(now - (this.#idleSince.get(socket) ?? 0)) > limit;
    this.#agent.dropIdle(exchange.request.origin.key, isTooOld);
    exchange.send();
  }

  /** For {@link HttpExchange}. */
  get agent(): Agent {
    return this.#agent;
  }

  #openAgent(): SocketAgent {
    const agent = new SocketAgent((exchange) => this.#connect(exchange));
    this.#agents.add(agent);
    return agent;
  }

  /** For an exchange. */
  dropIdle({ origin }: HttpRequest): void {
    this.#agent.dropIdle(origin.key, () => true);
  }

  /** For an exchange. */
  onAnswer({ socket }: IncomingMessage): void {
    this.#idleSince.set(socket, this.clock.wallNow());
  }

  /** For an exchange. */
  onEnd(exchange: HttpExchange): void {
    this.#exchanges.delete(exchange);
    const { key } = exchange.request.origin;
    const lane = this.#laneOf(key);
    const at = lane.waiting.indexOf(exchange);
    if (at >= 0) {
      lane.waiting.splice(at, 1);
      return;
    }
    const next = lane.waiting.shift();
    if (next === undefined) {
      lane.running--;
      if (lane.running === 0) this.#lanes.delete(key);
      return;
    }
    // The connection is returned to the pool slightly after the response ends.
    afterThisTurn(() => {
      lane.running--;
      this.#start(next, lane);
    });
  }

  async #connect(exchange: HttpExchange): Promise<Socket> {
    const { proxyFor } = this.#settings;
    const { origin, keepsAlive } = exchange.request;
    const { isPlain, host, port } = origin;
    const stop = new AbortController();
    exchange.dialing = stop;
    const tls = isPlain ? undefined : await this.#identityNow();
    if (stop.signal.aborted) throw stop.signal.reason;
    const proxyUrl = proxyFor?.(origin);
    const proxy = proxyUrl === undefined ? undefined : proxyRouteFrom(proxyUrl, this.#roots);
    const target = { host, port, tls, proxy };
    const { clock } = this;
    const options = {
      timeoutMs: CONNECT_TIMEOUT_MS,
      clock,
      signal: stop.signal,
      keepsAlive,
      progress: exchange.progress,
    };
    const socket = await dial(target, options);
    exchange.progress.waitsFor = "";
    exchange.dialing = undefined;
    return socket;
  }

  /** Roots and certificate as they are now. */
  async #identityNow(): Promise<TlsIdentity> {
    const { clientCertSource, rootCertificates } = this.#settings;
    if (clientCertSource === undefined) return this.#identity;
    const certificate = await loadClientCertificate(clientCertSource);
    if (certificate.fingerprint !== this.#presented?.fingerprint) {
      this.#presented = certificate;
      this.#identity = new TlsIdentity({ rootCertificates, certificate });
    }
    return this.#identity;
  }

  /**
   * Asks the certificate source again. If it returns a different certificate from the one last presented, later requests go
   * over fresh connections, and those in flight finish on the old ones. Resolves to whether it did.
   *
   * @throws MutualTlsChannelError when the source does not return one
   */
  async renewCertificate(): Promise<boolean> {
    const before = this.#presented?.fingerprint;
    if (this.#settings.clientCertSource === undefined) return false;
    await this.#identityNow();
    if (this.#presented?.fingerprint === before) return false;
    this.#agent.retire();
    this.#agent = this.#openAgent();
    return true;
  }

  /** Closes all connections and ends the requests in flight on them. */
  close(): void {
    this.#isClosed = true;
    for (const exchange of this.#exchanges.all()) exchange.cut(new Error("the HTTP client was closed"));
    for (const agent of this.#agents) agent.destroy();
  }
}

/** All clients without their own roots and certificates trust the same roots, so they may resume each other's sessions. */
const PLATFORM_ROOTS = new TlsIdentity();
