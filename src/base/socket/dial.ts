// SPDX-License-Identifier: Apache-2.0
// One connection: TCP, through a proxy if one is named, TLS if requested, limited by a timeout and a signal. Knows neither HTTP nor
// gRPC, reads no variables, and does not choose the proxy.

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { onAbort } from "../abort.js";
import { type Clock, waitWithin } from "../clock.js";
import { connectTcp, familyOf, type Lookup } from "./connect-tcp.js";
import { codeOf, DialError, type DialStep } from "./dial-error.js";
import type { TlsIdentity } from "./tls-identity.js";
import { openTunnel } from "./tunnel.js";

/** A proxy to go through. */
export interface ProxyRoute {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** For TLS with the proxy itself. Default: none, the connection to the proxy is plain. */
  readonly tls?: TlsIdentity | undefined;
  /** For the header `proxy-authorization`: `Basic …`. Default: none is sent. */
  readonly authorization?: string | undefined;
}

/** Where to connect. */
export interface DialTarget {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Default: no TLS. */
  readonly tls?: TlsIdentity | undefined;
  /** The one ALPN protocol that the connection is for, which the peer must agree to. Default: none is offered. */
  readonly protocol?: string | undefined;
  /** Default: directly. */
  readonly proxy?: ProxyRoute | undefined;
}

/** How far a dial has come, for the messages of those waiting for it. */
export interface DialProgress {
  /** What it waits for now: `the TLS handshake with host:443`. */
  waitsFor: string;
}

/** The conditions of a dial. */
interface DialOptions {
  /** Milliseconds for all of it, including the lookup; `Infinity`: no limit. Required. */
  readonly timeoutMs: number;
  /** Required. */
  readonly clock: Clock;
  /** Gives up; the promise then rejects with the signal's reason. Default: nobody gives up. */
  readonly signal?: AbortSignal | undefined;
  /** Whether it keeps the process alive. Default: true, because somebody waits for it. */
  readonly keepsAlive?: boolean | undefined;
  /** Updated as it progresses. Default: nobody watches. */
  readonly progress?: DialProgress | undefined;
  /** Default: the system's. */
  readonly lookup?: Lookup | undefined;
}

/** A dial in progress. */
interface Dialing {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly lookup: Lookup | undefined;
  readonly keepsAlive: boolean;
  readonly progress: DialProgress;
  step: DialStep;
  isAtProxy: boolean;
}

/**
 * Connects. The socket has `noDelay`, nothing has been read from it, and it belongs to the caller: nobody here listens to its errors any
 * more.
 *
 * @throws DialError, which names the step and the peer; the signal's reason
 */
export async function dial(target: DialTarget, options: DialOptions): Promise<Socket | TLSSocket> {
  const { timeoutMs, clock, signal, lookup, keepsAlive = true, progress = { waitsFor: "" } } = options;
  const stop = new AbortController();
  const dialing: Dialing = {
    clock,
    signal: stop.signal,
    lookup,
    keepsAlive,
    progress,
    step: "lookup",
    isAtProxy: false,
  };
  const connecting = signal?.aborted ? Promise.reject<Socket>(signal.reason) : connectAll(target, dialing);
  try {
    return await waitWithin(clock, connecting, {
      timeoutMs,
      onTimeout: () => timeoutError(target, timeoutMs, dialing),
      signals: [signal],
      keepsAlive,
    });
  } catch (error) {
    stop.abort();
    // A connection made all the same, in the same turn of the event loop, belongs to nobody.
    connecting.then(
      (socket) => socket.destroy(),
      () => undefined,
    );
    throw error;
  }
}

function timeoutError(target: DialTarget, timeoutMs: number, { progress, step, isAtProxy }: Dialing): DialError {
  const text = `no connection to ${formatAuthority(target)} within ${Math.round(timeoutMs)} ms: still waiting for ${progress.waitsFor}`;
  return new DialError(text, { step, code: "ETIMEDOUT", isProxy: isAtProxy });
}

async function connectAll(target: DialTarget, dialing: Dialing): Promise<Socket> {
  const { proxy, tls, protocol } = target;
  let socket: Socket;
  if (proxy === undefined) socket = await connectPlain(target, dialing);
  else {
    dialing.isAtProxy = true;
    socket = await connectThroughProxy(target, proxy, dialing);
    dialing.isAtProxy = false;
  }
  return tls === undefined ? socket : secure(socket, target, { tls, protocol }, dialing);
}

async function connectPlain(peer: { readonly host: string; readonly port: number }, dialing: Dialing): Promise<Socket> {
  const { clock, signal, lookup, keepsAlive } = dialing;
  const proxy = dialing.isAtProxy ? "the proxy " : "";
  dialing.step = "lookup";
  dialing.progress.waitsFor = `the address of ${proxy}${peer.host}`;
  const onLookedUp = (): void => {
    dialing.step = "connect";
    dialing.progress.waitsFor = `${proxy}${formatAuthority(peer)} to accept the connection`;
  };
  try {
    return await connectTcp({ host: peer.host, port: peer.port, clock, signal, lookup, keepsAlive, onLookedUp });
  } catch (error) {
    if (!dialing.isAtProxy || !(error instanceof DialError)) throw error;
    const { step, code, cause } = error;
    throw new DialError(`the proxy ${formatAuthority(peer)}: ${error.message}`, { step, code, cause, isProxy: true });
  }
}

async function connectThroughProxy(target: DialTarget, proxy: ProxyRoute, dialing: Dialing): Promise<Socket> {
  const plain = await connectPlain(proxy, dialing);
  const socket = proxy.tls === undefined ? plain : await secure(plain, proxy, { tls: proxy.tls }, dialing);
  const { signal } = dialing;
  const name = formatAuthority(proxy);
  const { authorization } = proxy;
  dialing.step = "tunnel";
  dialing.progress.waitsFor = `the proxy ${name} to respond to CONNECT`;
  try {
    await openTunnel(socket, { authority: formatAuthority(target), proxy: name, authorization, signal });
  } catch (error) {
    destroy(socket);
    throw error;
  }
  return socket;
}

/** TLS over an established connection. */
function secure(
  under: Socket,
  { host, port }: { readonly host: string; readonly port: number },
  { tls, protocol }: { readonly tls: TlsIdentity; readonly protocol?: string | undefined },
  dialing: Dialing,
): Promise<TLSSocket> {
  const { signal, isAtProxy } = dialing;
  const name = `${isAtProxy ? "the proxy " : ""}${formatAuthority({ host, port })}`;
  dialing.step = "tls";
  dialing.progress.waitsFor = `the TLS handshake with ${name}`;
  // require, not import: a plain connection must not pay for it.
  const { connect } = require("node:tls") as typeof import("node:tls");
  const peer = `${host}:${port} ${protocol ?? ""}`;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      destroy(under);
      reject(signal.reason);
      return;
    }
    const socket = connect({
      socket: under,
      // For the check of the certificate; SNI carries no IP addresses (RFC 6066 section 3).
      host,
      servername: familyOf(host) === 0 ? host : "",
      secureContext: tls.context,
      session: tls.takeTicket(peer),
      ...(protocol === undefined ? {} : { ALPNProtocols: [protocol] }),
    });
    socket.on("session", (ticket) => tls.keepTicket(peer, ticket));
    const fail = (text: string, code: string, step: DialStep, cause?: unknown): void =>
      end(() => {
        destroy(socket);
        reject(new DialError(text, { step, code, cause, isProxy: isAtProxy }));
      });
    const onError = (error: Error): void => fail(tlsErrorText(name, error), codeOf(error), "tls", error);
    const onClose = (): void => fail(`${name} closed the connection during the TLS handshake`, "ECONNRESET", "tls");
    const end = (settle: () => void): void => {
      stopListening();
      socket.removeListener("error", onError).removeListener("close", onClose).removeListener("end", onClose);
      socket.removeListener("secureConnect", onSecure);
      settle();
    };
    const onSecure = (): void => {
      const agreed = socket.alpnProtocol || "none";
      if (protocol === undefined || agreed === protocol) end(() => resolve(socket));
      else fail(`${name} did not negotiate the protocol ${protocol} (ALPN: ${agreed})`, "NO_PROTOCOL", "protocol");
    };
    const stopListening = onAbort(signal, () =>
      end(() => {
        destroy(socket);
        reject(signal.reason);
      }),
    );
    socket.once("error", onError).once("close", onClose).once("end", onClose).once("secureConnect", onSecure);
  });
}

/** OpenSSL's own reason: its full message names OpenSSL's source files. */
function tlsErrorText(name: string, error: Error): string {
  const { reason } = Object(error);
  return `TLS with ${name}: ${typeof reason === "string" ? reason : error.message}`;
}

/** A late error on a destroyed socket must not crash the process. */
function destroy(socket: Socket): void {
  socket.on("error", () => undefined);
  socket.destroy();
}

/** `host:port`, with the brackets that an IPv6 address needs. */
export function formatAuthority({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
