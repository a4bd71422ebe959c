// SPDX-License-Identifier: Apache-2.0
// Decides where an emulator listens and under which name its clients find it, and says by name what is wrong with that. Opens
// no port.

import { BlockList, isIP } from "node:net";
import { refuseRealName } from "../world/names/real-names.js";

/** Ports besides the one, each of them for one face alone; 0 for any free one. */
export interface EmulatorPorts {
  /** gRPC. Default: none of its own. */
  readonly grpc?: number;
  /** REST, OAuth, public keys and the emulator's own endpoints. Default: none of its own. */
  readonly http?: number;
  /** The metadata server, always without TLS, as clients expect it of `GCE_METADATA_HOST`. Default: none of its own. */
  readonly metadataServer?: number;
  /** The metadata server over mutual TLS; needs `metadataServer.mtlsDirectory`. Default: any free one. */
  readonly metadataServerMtls?: number;
}

/** Where an emulator listens, as options say it. */
export interface ListeningOptions {
  /** The address. Required. */
  readonly host: string;
  /** What clients call it; undefined: the address. Required. */
  readonly publicHost: string | undefined;
  /** The one port. Required. */
  readonly port: number;
  /** The others. Required. */
  readonly ports: EmulatorPorts;
}

/** Where an emulator listens. */
export interface Listening extends ListeningOptions {
  /** What clients call it. Required. */
  readonly publicHost: string;
  /** Names and addresses under which clients come, besides `localhost` and the loopback addresses. Required, may be empty. */
  readonly names: readonly string[];
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether an address is of the loopback interface: no other machine reaches it. */
export function isLoopbackAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && loopback.check(address, version === 6 ? "ipv6" : "ipv4");
}

/** Host and port as a URL has them: an address of IPv6 in brackets. */
export function formatHost(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

function requireHost(host: unknown, label: string): string {
  const isName =
    typeof host === "string" && host.length <= 253 && /^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$/.test(host);
  if (typeof host !== "string" || !(isName || isIP(host) !== 0) || host.includes("%")) {
    throw new TypeError(`${label} must be an IP address or a name, without a port, not ${JSON.stringify(host)}`);
  }
  refuseRealName(host, label);
  return host;
}

function requirePort(port: unknown, label: string): number {
  if (typeof port === "number" && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new TypeError(`${label} must be an integer from 0 to 65535, not ${JSON.stringify(port)}`);
}

const faceNames: readonly string[] = ["grpc", "http", "metadataServer", "metadataServerMtls"];

function requirePorts(ports: EmulatorPorts, port: number): EmulatorPorts {
  if (typeof ports !== "object" || ports === null) throw new TypeError("ports must be an object");
  const owners = new Map([[port, "port"]]);
  const given = Object.entries(ports).filter(([, value]) => value !== undefined);
  for (const [face, value] of given) {
    if (!faceNames.includes(face))
      throw new TypeError(`ports.${face} is no face of the emulator: ${faceNames.join(", ")}`);
    const owner = owners.get(requirePort(value, `ports.${face}`));
    if (owner !== undefined && value !== 0)
      throw new TypeError(`ports.${face} must differ from ${owner}, which is ${value}`);
    owners.set(value, `ports.${face}`);
  }
  return Object.freeze(Object.fromEntries(given));
}

// What a client can connect to when the emulator listens on every address.
const anyAddress: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/**
 * Settles where an emulator listens.
 *
 * @throws TypeError naming the option that is wrong
 */
export function resolveListening({ host, publicHost, port, ports }: ListeningOptions): Listening {
  const address = requireHost(host, "host");
  const onePort = requirePort(port, "port");
  const name = publicHost === undefined ? (anyAddress[address] ?? address) : requireHost(publicHost, "publicHost");
  const usual = ["localhost", "127.0.0.1", "::1", ...Object.keys(anyAddress)];
  return {
    host: address,
    publicHost: name,
    names: [...new Set([name, address])].filter((each) => !usual.includes(each)),
    port: onePort,
    ports: requirePorts(ports, onePort),
  };
}
