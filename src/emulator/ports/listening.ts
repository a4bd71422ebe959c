// SPDX-License-Identifier: Apache-2.0
// Decides where an emulator listens and under which name clients find it, and names the option that is wrong. Opens
// no port.

import { BlockList, isIP } from "node:net";
import { integer, value } from "../../base/options/checks.js";
import { type Check, declare, type GivenOf, optional } from "../../base/options/declaration.js";
import { refuseRealName } from "../world/names/real-names.js";

/** A port; 0 for any free one. */
export const PORT = integer(0, 65_535);

/** Additional ports, each for a single protocol; 0 for any free one. */
export const PORTS = declare({
  unknown: "is not a port of the emulator",
  fields: {
    /** gRPC. Default: no separate port. */
    grpc: optional(PORT),
    /** REST, OAuth, public keys and the emulator's own endpoints. Default: no separate port. */
    http: optional(PORT),
    /** The metadata server, always without TLS, as clients of `GCE_METADATA_HOST` expect. Default: no separate port. */
    metadataServer: optional(PORT),
    /** The metadata server over mutual TLS; needs `metadataServer.mtlsDirectory`. Default: any free one. */
    metadataServerMtls: optional(PORT),
  },
});

/** Additional ports, each for a single protocol; 0 for any free one. */
export interface EmulatorPorts extends GivenOf<typeof PORTS.fields> {}

/** Where an emulator listens, as given by options that have been checked one by one. */
interface ListeningOptions {
  /** The address. Required. */
  readonly host: string;
  /** The name that clients use for it; undefined: the address. Required. */
  readonly publicHost: string | undefined;
  /** The one port. Required. */
  readonly port: number;
  /** The others. Required. */
  readonly ports: EmulatorPorts;
}

/** Where an emulator listens. */
export interface Listening extends ListeningOptions {
  /** The name that clients use for it. Required. */
  readonly publicHost: string;
  /** Names and addresses that clients use, besides `localhost` and the loopback addresses. Required, may be empty. */
  readonly names: readonly string[];
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether an address is on the loopback interface, where no other machine reaches it. */
export function isLoopbackAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && loopback.check(address, version === 6 ? "ipv6" : "ipv4");
}

/** Host and port as a URL has them: an address of IPv6 in brackets. */
export function formatHost(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

const isHostName = (host: string): boolean =>
  host.length <= 253 && /^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$/.test(host);

const ADDRESS = value<string>(
  (given) => typeof given === "string" && !given.includes("%") && (isHostName(given) || isIP(given) !== 0),
  "an IP address or a name, without a port",
);

/** The address to listen on, or a name for it; not one of Google's. */
export const HOST: Check<string> = {
  ...ADDRESS,
  read(given, path, refuse) {
    const host = ADDRESS.read(given, path, refuse);
    refuseRealName(host, path);
    return host;
  },
};

/** A name or address that clients send in the header `Host`, without a port. Google's own can come through a proxy. */
export const NAME: Check<string> = ADDRESS;

/** The origin of a web page, as browsers write it. */
export const ORIGIN = value<string>(
  (given) => typeof given === "string" && URL.canParse(given) && new URL(given).origin === given,
  "an origin such as http://localhost:3000",
);

function checkDistinct(ports: EmulatorPorts, port: number): void {
  const owners = new Map([[port, "port"]]);
  // as: every port is a number
  for (const [name, given] of Object.entries(ports as Readonly<Record<string, number | undefined>>)) {
    if (given === undefined) continue;
    const owner = owners.get(given);
    if (owner !== undefined && given !== 0)
      throw new TypeError(`ports.${name} must differ from ${owner}, which is ${given}`);
    owners.set(given, `ports.${name}`);
  }
}

// What clients connect to when the emulator listens on every address.
const anyAddress: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** Settles where an emulator listens. @throws TypeError when two ports are the same */
export function resolveListening({ host, publicHost, port, ports }: ListeningOptions): Listening {
  checkDistinct(ports, port);
  const name = publicHost ?? anyAddress[host] ?? host;
  const usual = ["localhost", "127.0.0.1", "::1", ...Object.keys(anyAddress)];
  const names = [...new Set([name, host])].filter((each) => !usual.includes(each));
  return { host, publicHost: name, names, port, ports };
}

/**
 * The names that `Host` may have over HTTP; undefined: every one.
 *
 * @param allowed the names that the option gives
 */
export function hostsOf({ host, publicHost }: Listening, allowed: readonly string[]): ReadonlySet<string> | undefined {
  const isOpen = isIP(host) !== 0 && !isLoopbackAddress(host);
  if (isOpen && allowed.length === 0) return undefined;
  return new Set([host, publicHost, ...allowed].map((name) => name.toLowerCase().replace(/\.$/, "")));
}
