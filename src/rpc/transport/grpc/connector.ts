// SPDX-License-Identifier: Apache-2.0
// Makes connections, one after another: with the current client certificate, and not too often after failures. Knows no call.

import type { ClientCertSource, LoadedCertificate } from "../../../base/certificate/client-certificate.js";
import type { Clock } from "../../../base/clock.js";
import { dial, type ProxyRoute } from "../../../base/socket/dial.js";
import { proxyRouteFrom } from "../../../base/socket/proxy-route.js";
import { TlsIdentity } from "../../../base/socket/tls-identity.js";
import type { KeepaliveSettings } from "../keepalive-settings.js";
import { RotatingIdentity } from "../rotating-identity.js";
import { openWire, type Wire, type WireOwner } from "./wire.js";

/** Where to connect, and how. */
interface ConnectorSettings {
  /** `host:port`. */
  readonly target: string;
  readonly isInsecure: boolean;
  readonly rootCertificates: string | Uint8Array | undefined;
  readonly cipherSuites: string | undefined;
  readonly clientCertSource: ClientCertSource | undefined;
  /** Default: directly. */
  readonly proxyUrl: string | undefined;
  readonly keepalive: KeepaliveSettings | undefined;
  readonly clock: Clock;
}

/** gRPC specifies 1 s to 120 s, and 20 s per attempt; a call has 60 s, and a restarted server should be found within 0.3 s. */
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 10_000;
const BACKOFF_FACTOR = 1.3;
const CONNECT_TIMEOUT_MS = 20_000;

/** Makes the connections of one transport. */
export class Connector {
  readonly #settings: ConnectorSettings;
  readonly #owner: WireOwner;
  readonly #identity: RotatingIdentity | undefined;
  readonly #host: string;
  readonly #port: number;
  readonly #proxy: ProxyRoute | undefined;
  #tls: { readonly identity: TlsIdentity; readonly fingerprint: string | undefined } | undefined;
  #lastCertificate: LoadedCertificate | undefined;
  #isAsking = false;
  #pingFactor = 1;
  #failures = 0;
  #retryAt = 0;

  /** @throws ConfigurationError when the root certificates cannot be read */
  constructor(settings: ConnectorSettings, owner: WireOwner) {
    this.#settings = settings;
    this.#owner = owner;
    const { target, isInsecure, clientCertSource, proxyUrl, clock } = settings;
    const colon = target.lastIndexOf(":");
    this.#host = target.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
    this.#port = Number(target.slice(colon + 1));
    this.#proxy = proxyUrl === undefined ? undefined : proxyRouteFrom(proxyUrl, new TlsIdentity());
    if (isInsecure) return;
    if (clientCertSource === undefined) this.#tls = { identity: this.#trust(undefined), fingerprint: undefined };
    else {
      this.#trust(undefined);
      this.#identity = new RotatingIdentity(clientCertSource, clock);
    }
  }

  /** Whether it is waiting for a client certificate. */
  get isAsking(): boolean {
    return this.#isAsking;
  }

  /** Whether the last failure is too recent for another attempt. */
  get isBackingOff(): boolean {
    return this.#settings.clock.now() < this.#retryAt;
  }

  /**
   * Makes a connection. A failure may be due to the client certificate: if the source now returns another, that is tried.
   *
   * @throws DialError, MutualTlsChannelError, or why the connection ended before it was ready; the signal's reason
   */
  async connect(signal: AbortSignal): Promise<Wire> {
    const certificate = await this.#certificate();
    try {
      return await this.#connectWith(certificate, signal);
    } catch (error) {
      const renewed = signal.aborted ? undefined : await this.renewedCertificate(certificate?.fingerprint);
      if (renewed !== undefined) return this.#connectWith(renewed, signal);
      throw error;
    }
  }

  /** The source's certificate, if it does not have this fingerprint. */
  async renewedCertificate(fingerprint: string | undefined): Promise<LoadedCertificate | undefined> {
    if (this.#identity === undefined) return undefined;
    const certificate = await this.#identity.ask().catch(() => undefined);
    return certificate?.fingerprint === fingerprint ? undefined : certificate;
  }

  /** Records how an attempt ended. After the first failure the next one may follow at once; then the delay grows. */
  note(hasFailed: boolean): void {
    const { clock } = this.#settings;
    this.#failures = hasFailed ? this.#failures + 1 : 0;
    const grown = FIRST_BACKOFF_MS * BACKOFF_FACTOR ** (this.#failures - 2);
    const backoffMs = this.#failures < 2 ? 0 : Math.min(LONGEST_BACKOFF_MS, grown);
    this.#retryAt = clock.now() + backoffMs * (0.8 + 0.4 * clock.random());
  }

  /** The server wants fewer PINGs. */
  slowDown(): void {
    this.#pingFactor *= 2;
  }

  /** Stops asking for certificates. */
  stop(): void {
    this.#identity?.stop();
  }

  async #certificate(): Promise<LoadedCertificate | undefined> {
    if (this.#identity === undefined) return undefined;
    this.#isAsking = true;
    try {
      this.#lastCertificate = await this.#identity.ask();
    } catch (error) {
      // A half-renewed file is no reason to give up a certificate that may still be valid.
      if (this.#lastCertificate === undefined) throw error;
    } finally {
      this.#isAsking = false;
    }
    return this.#lastCertificate;
  }

  async #connectWith(certificate: LoadedCertificate | undefined, signal: AbortSignal): Promise<Wire> {
    const { isInsecure, clock } = this.#settings;
    this.#lastCertificate = certificate;
    if (!isInsecure && this.#tls?.fingerprint !== certificate?.fingerprint) {
      this.#tls = { identity: this.#trust(certificate), fingerprint: certificate?.fingerprint };
    }
    const tls = this.#tls?.identity;
    const target = {
      host: this.#host,
      port: this.#port,
      tls,
      protocol: tls === undefined ? undefined : "h2",
      proxy: this.#proxy,
    };
    const socket = await dial(target, { timeoutMs: CONNECT_TIMEOUT_MS, clock, signal });
    return openWire(socket, this.#owner, { clock, keepalive: this.#keepalive(), certificate, signal });
  }

  #keepalive(): KeepaliveSettings | undefined {
    const { keepalive } = this.#settings;
    return keepalive && { ...keepalive, intervalMs: keepalive.intervalMs * this.#pingFactor };
  }

  #trust(certificate: LoadedCertificate | undefined): TlsIdentity {
    const { rootCertificates, cipherSuites } = this.#settings;
    return new TlsIdentity({ rootCertificates, ciphers: cipherSuites, certificate });
  }
}
