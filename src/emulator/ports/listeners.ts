// SPDX-License-Identifier: Apache-2.0
// Owns all ports of one emulator: opens all or none, warns when other machines can reach them, and closes them. Knows
// no server.

import { type Acceptors, type Listener, openFrontListener } from "./front-listener.js";
import { formatHost, isLoopbackAddress, type Listening } from "./listening.js";
import { openMtlsListener } from "./mtls-listener.js";
import type { TlsSettings } from "./tls-options.js";

/** Who takes over the connections. */
interface AllAcceptors extends Required<Acceptors> {
  /** Takes HTTP/2 connections that are only for gRPC. Required. */
  readonly grpc: Required<Acceptors>["http2"];
  /** Takes connections that are only for the metadata server. Required. */
  readonly metadataServer: Required<Acceptors>["http1"];
}

/** Host and port of each protocol: the one port, or its own. */
export interface EmulatorHosts {
  /** gRPC. */
  readonly grpc: string;
  /** REST, OAuth, public keys and the emulator's own endpoints. */
  readonly http: string;
  /** The metadata server without mutual TLS. */
  readonly metadataServer: string;
}

/** The open ports of an emulator. */
export interface Listeners {
  /** The one port, with its host. */
  readonly host: string;
  /** The address of each protocol. */
  readonly hosts: EmulatorHosts;
  /** The metadata server over mutual TLS; undefined: there is none. */
  readonly mtlsHost: string | undefined;
  /** Whether other machines can reach a port. */
  readonly isExposed: boolean;
  /** Accepts no more connections; open ones stay. */
  stop(): void;
  /** Closes the ports and every connection; resolves when none is left. */
  close(): Promise<void>;
}

// Goes to standard error unless the program listens to warnings: whoever reaches the port needs no login.
function warnOfExposure(hosts: readonly string[]): void {
  if (hosts.length === 0) return;
  process.emitWarning(
    `The emulator listens on ${hosts.join(", ")}, where other machines can reach it: anyone who does gets tokens and ` +
      "signatures from it. Listen on 127.0.0.1 unless you need that.",
    { type: "EmulatorWarning", code: "IAM_EMULATOR_EXPOSED" },
  );
}

/** The identity of the ports towards their clients. */
interface PortIdentity {
  /** undefined: connections are plain. */
  readonly tls: TlsSettings | undefined;
  /** Where the certificates of the metadata server's mutual TLS go; undefined: there is none. */
  readonly mtlsDirectory: string | undefined;
  /** Now, in milliseconds since the epoch, by the clients' clock. */
  readonly at: number;
}

/**
 * Opens every port.
 *
 * @throws the error of node:net when a port is not available, and of node:fs when the certificates can't be written; nothing is open then
 */
export async function openListeners(
  listening: Listening,
  { http1, http2, grpc, metadataServer }: AllAcceptors,
  { tls, mtlsDirectory, at }: PortIdentity,
): Promise<Listeners> {
  const { host, publicHost, port, ports } = listening;
  const opened: Listener[] = [];
  const keep = (listener: Listener): string => {
    opened.push(listener);
    return formatHost(publicHost, listener.port);
  };
  const open = async (number: number, acceptors: Acceptors, identity?: TlsSettings) =>
    keep(await openFrontListener(number, acceptors, identity, { host }));
  const close = async () => {
    await Promise.all(opened.map((listener) => listener.close()));
  };
  try {
    const one = await open(port, { http1, http2 }, tls);
    const hosts = {
      grpc: ports.grpc === undefined ? one : await open(ports.grpc, { http2: grpc }, tls),
      http: ports.http === undefined ? one : await open(ports.http, { http1 }, tls),
      metadataServer:
        ports.metadataServer === undefined ? one : await open(ports.metadataServer, { http1: metadataServer }),
    };
    const mtlsHost =
      mtlsDirectory === undefined ? undefined : keep(await openMtlsListener(mtlsDirectory, at, http1, listening));
    const exposed = opened.filter(({ address }) => !isLoopbackAddress(address));
    warnOfExposure(exposed.map((listener) => formatHost(listener.address, listener.port)));
    const stop = () => {
      for (const listener of opened) listener.stop();
    };
    return { host: one, hosts, mtlsHost, isExposed: exposed.length > 0, stop, close };
  } catch (error) {
    await close();
    throw error;
  }
}
