// SPDX-License-Identifier: Apache-2.0
// Decides which requests a web page may have sent, and refuses them: a page that somebody visits can post to this machine, and bind
// a name of its own to 127.0.0.1. Requests of native clients pass. Knows no operation.

import { BlockList, isIP } from "node:net";
import type { OutgoingAnswer } from "./http-operation.js";
import type { HttpWire } from "./http-wire.js";
import { pageAnswer } from "./page.js";

/** Where requests may come from. */
export interface VisitorRules {
  /** The names that `Host` may have, in lower case; undefined: every one. Required. */
  readonly hosts: ReadonlySet<string> | undefined;
  /** The origins of web pages that may call. Required, may be empty. */
  readonly origins: ReadonlySet<string>;
}

type Visitor = Pick<HttpWire, "method" | "headers"> & {
  /** The path, percent-decoded. Required. */
  readonly path: string;
};

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

// Names that no DNS server can point elsewhere: RFC 6761, 6.3 reserves `localhost` and all names below it.
function isLoopbackName(name: string): boolean {
  const version = isIP(name);
  if (version === 4) return name.startsWith("127."); // a list takes microseconds
  return version === 6 ? loopback.check(name, "ipv6") : /(^|\.)localhost$/.test(name);
}

function nameOf(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d*$/, "")
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
}

const metadataNames = ["metadata.google.internal", "169.254.169.254"];

function isKnownHost({ headers, path }: Visitor, hosts: ReadonlySet<string>): boolean {
  const { host } = headers;
  if (host === undefined || host === "") return true; // HTTP/1.0
  const name = nameOf(host);
  if (isLoopbackName(name) || hosts.has(name)) return true;
  return metadataNames.includes(name) && (path === "/" || path.startsWith("/computeMetadata"));
}

/** Whether a request comes from a web page of an origin that is not allowed. */
function isForeign({ headers }: Pick<HttpWire, "headers">, origins: ReadonlySet<string>): boolean {
  const { origin, host = "" } = headers;
  if (origin === undefined) return headers["sec-fetch-site"] === "cross-site";
  if (origins.has(origin)) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host.toLowerCase();
}

// Paths at which GET changes something, or reveals what no page should know.
const guardedPaths = /^\/(emulator|console|revoke|o\/oauth2\/revoke)(\/|$)/;

function forbidden(text: string): OutgoingAnswer {
  return pageAnswer(403, "Forbidden", text);
}

/** The refusal of a request; undefined when it may pass. */
export function refuseVisitor(visitor: Visitor, { hosts, origins }: VisitorRules): OutgoingAnswer | undefined {
  if (hosts !== undefined && !isKnownHost(visitor, hosts)) {
    return forbidden(
      "This emulator listens on the loopback interface and does not accept the name in the Host header. " +
        "If clients use that name, add it to the option allowedHosts (--allowed-host).",
    );
  }
  const changes = !["GET", "HEAD", "OPTIONS"].includes(visitor.method) || guardedPaths.test(visitor.path);
  if (!changes || !isForeign(visitor, origins)) return undefined;
  return forbidden(
    "A web page from another origin may not do that. If it is your page, add its origin to the option " +
      "allowedOrigins (--allowed-origin).",
  );
}

/** The headers that let a page of an allowed origin read the answer (CORS); none for others. */
export function shareHeaders({ headers }: Visitor, { origins }: VisitorRules): Readonly<Record<string, string>> {
  const { origin } = headers;
  if (origin === undefined || !origins.has(origin)) return {};
  return { "access-control-allow-origin": origin, "access-control-expose-headers": "*", vary: "Origin" };
}

/** The answer to a CORS preflight request; undefined when the request is not one. */
export function answerPreflight(visitor: Visitor, rules: VisitorRules): OutgoingAnswer | undefined {
  const { method, headers } = visitor;
  const shared = shareHeaders(visitor, rules);
  const asked = headers["access-control-request-method"];
  if (method !== "OPTIONS" || asked === undefined || Object.keys(shared).length === 0) return undefined;
  const wanted = headers["access-control-request-headers"];
  return {
    code: 204,
    contentType: "text/plain",
    body: "",
    headers: {
      ...shared,
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      ...(wanted === undefined ? {} : { "access-control-allow-headers": wanted }),
      "access-control-max-age": "3600",
    },
  };
}
