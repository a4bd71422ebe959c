// SPDX-License-Identifier: Apache-2.0
// The one rule for proxies: which one to use for a host, by the customary variables, for everything that leaves the
// process. Connects to nothing. The same as a table: docs/transports.md, "Proxies".

import { BlockList, isIP } from "node:net";
import type { Environment } from "../environment.js";
import { ConfigurationError } from "../errors.js";
import { isLoopbackHost } from "./loopback.js";

/** What connects where. */
export interface ProxyQuestion {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether the connection to the host is without TLS. */
  readonly isPlain: boolean;
  /** Whether it is for gRPC, which has variables of its own. */
  readonly isGrpc: boolean;
}

/** A proxy, and the variable that names it. */
interface Proxy {
  /** The variable that names it. */
  readonly variable: string;
  /** `http://host:port/` or `https://host:port/`, perhaps with user and password, which are secrets. */
  readonly url: string;
}

/** Hosts no proxy can reach: this machine's metadata server, by all its names, and link-local addresses. */
const METADATA_HOST = /^(metadata(\.google\.internal|\.goog)?\.?|169\.254\.\d{1,3}\.\d{1,3}|fd20:ce::254)$/i;

/**
 * The proxy for a host; `undefined`: connect directly, as is always done to this machine and the metadata server.
 *
 * `grpc_proxy` (for gRPC), else `https_proxy` (for a plain connection `http_proxy`), else `all_proxy`; unless `no_grpc_proxy` (for gRPC), else
 * `no_proxy` names the host. Each in lower or upper case, lower case first; an empty one counts as unset. Sources: curl's manual,
 * "ENVIRONMENT"; grpc's doc/environment_variables.md.
 *
 * @throws ConfigurationError naming the variable that does not hold the URL of an HTTP proxy
 */
export function resolveProxy(question: ProxyQuestion, environment: Environment): Proxy | undefined {
  const { host, isPlain, isGrpc } = question;
  if (isLoopbackHost(host) || METADATA_HOST.test(host)) return undefined;
  const names = [isPlain ? "http_proxy" : "https_proxy", "all_proxy"];
  const variable = firstSet(isGrpc ? ["grpc_proxy", ...names] : names, environment);
  if (variable === undefined) return undefined;
  const exemptions = firstSet(isGrpc ? ["no_grpc_proxy", "no_proxy"] : ["no_proxy"], environment);
  if (isExempt(question, (exemptions && environment[exemptions]) ?? "")) return undefined;
  return { variable, url: parseProxy(environment[variable] ?? "", variable) };
}

/** The first of the variables that is set, lower case before upper case. */
function firstSet(names: readonly string[], environment: Environment): string | undefined {
  // HTTP_PROXY in capitals can be a request header in CGI, which is why curl does not read it.
  const variables = names.flatMap((name) => (name === "http_proxy" ? [name] : [name, name.toUpperCase()]));
  return variables.find((name) => (environment[name] ?? "").trim() !== "");
}

function parseProxy(text: string, variable: string): string {
  const full = text.includes("://") ? text.trim() : `http://${text.trim()}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === "" || /["'\s]/.test(full)) {
    // Not the text: it may hold a password.
    const socks = url !== undefined && /^socks/.test(url.protocol) ? "; SOCKS is not supported" : "";
    throw new ConfigurationError(
      `${variable}: must be the URL of an HTTP proxy, without quotes, such as http://proxy.example:3128${socks}`,
    );
  }
  return url.href;
}

function isExempt({ host, port }: ProxyQuestion, list: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return list
    .split(/[\s,]+/)
    .some((entry) => entry === "*" || (entry !== "" && isNamed(name, port, entry.toLowerCase())));
}

/** Whether an entry of `no_proxy` names a host: `host`, `.host`, `*.host` (each with what is below it), `host:port`, an address, a network. */
function isNamed(host: string, port: number, entry: string): boolean {
  if (entry.includes("/")) return isInNetwork(host, entry);
  if (isIP(entry) === 6) return host === entry;
  const [, bracketed, plain = "", onlyPort] = /^(?:\[(.*)\]|\*?\.?([^:]*?)\.?)(?::(\d+))?$/.exec(entry) ?? [];
  const name = bracketed ?? plain;
  if (onlyPort !== undefined && Number(onlyPort) !== port) return false;
  return name !== "" && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));
}

function isInNetwork(host: string, network: string): boolean {
  const [address = "", bits = ""] = network.split("/");
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (isIP(host) === 0 || isIP(address) !== isIP(host) || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === "ipv6" ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family);
  return list.check(host, family);
}
