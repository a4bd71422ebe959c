// SPDX-License-Identifier: Apache-2.0
// Which HTTP proxy stands between here and a host, by the customary environment variables. Connects to nothing.

import type { Environment } from "../../base/environment.js";
import { ConfigurationError } from "../../base/errors.js";
import { isLoopback } from "./resolve-endpoint.js";

/**
 * The URL of the proxy for a `host:port`; `undefined`: connect directly, as to this machine always.
 *
 * `https_proxy` (`http_proxy` for a plain connection), else `all_proxy`, unless `no_proxy` names the host; each in small or
 * capital letters, small first. Source: curl's manual, "ENVIRONMENT".
 *
 * @throws ConfigurationError naming the variable that holds no URL of an HTTP proxy
 */
export function resolveProxy(target: string, isInsecure: boolean, environment: Environment): string | undefined {
  if (isLoopback(target)) return undefined;
  const names = isInsecure ? ["http_proxy", "all_proxy"] : ["https_proxy", "all_proxy"];
  // HTTP_PROXY in capitals can be a request header in CGI, which is why curl does not read it.
  const variables = names.flatMap((name) => (name === "http_proxy" ? [name] : [name, name.toUpperCase()]));
  const variable = variables.find((name) => (environment[name] ?? "") !== "");
  if (variable === undefined || isExempt(target, environment["no_proxy"] ?? environment["NO_PROXY"] ?? "")) {
    return undefined;
  }
  return parseProxy(environment[variable] ?? "", variable);
}

function parseProxy(text: string, variable: string): string {
  const full = text.includes("://") ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    // Not the text: there may be a password in it.
    throw new ConfigurationError(`${variable}: must be the URL of an HTTP proxy, such as http://proxy.example:3128`);
  }
  return url.href;
}

function isExempt(target: string, list: string): boolean {
  const colon = target.lastIndexOf(":");
  const host = target.slice(0, colon).toLowerCase();
  const port = target.slice(colon + 1);
  return list.split(/[\s,]+/).some((entry) => {
    const [, name = "", onlyPort] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (onlyPort !== undefined && onlyPort !== port) return false;
    return entry === "*" || (name !== "" && (host === name || host.endsWith(`.${name}`)));
  });
}
