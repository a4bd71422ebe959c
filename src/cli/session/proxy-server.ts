// SPDX-License-Identifier: Apache-2.0
// A proxy in front of one service that adds a token to each request. Does not know where the token comes from.

import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  request as startHttp,
} from "node:http";
import { request as startHttps } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../../base/clock.js";
import { failureOf } from "./metadata-answers.js";
import { type PeerRules, refusalOf } from "./peer-rules.js";
import type { SessionServer } from "./session-server.js";

/** What the proxy does. */
export interface ProxySettings {
  /** Where requests go: its path is prepended to theirs. */
  readonly upstream: URL;
  /** The header that gets the token. */
  readonly header: string;
  readonly rules: PeerRules;
  readonly clock: Clock;
  /** A valid token. */
  token(): Promise<string>;
  /** Called when the service refused the token. */
  dropToken(): void;
}

/** The headers of a single connection. Source: RFC 9110, section 7.6.1. */
const HOP_BY_HOP: readonly string[] = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
/** A body up to this size is kept, so that the request can be repeated with a new token. */
const KEPT_BYTES = 65_536;
const CONNECT_TIMEOUT_MS = 30_000;

function passedHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const named = (headers.connection ?? "").toLowerCase().split(/\s*,\s*/);
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || HOP_BY_HOP.includes(name) || named.includes(name) ? [] : [[name, value]],
    ),
  );
}

function open(
  settings: ProxySettings,
  { method, url = "/", headers }: IncomingMessage,
  token: string,
  upgrade: boolean,
) {
  const { upstream, header, clock } = settings;
  const own = {
    ...passedHeaders(headers),
    host: upstream.host,
    [header]: `Bearer ${token}`,
    ...(upgrade ? { connection: "upgrade", upgrade: headers.upgrade } : {}),
    ...(headers["transfer-encoding"] === undefined ? {} : { "transfer-encoding": "chunked" }),
  };
  const path = `${upstream.pathname.replace(/\/$/, "")}${url}`;
  const start = upstream.protocol === "https:" ? startHttps : startHttp;
  const hostname = upstream.hostname.replace(/^\[(.*)\]$/, "$1");
  const request = start({ hostname, port: upstream.port, path, method, headers: own });
  request.once("socket", (socket) => {
    if (!socket.connecting) return;
    const onTimeout = () => request.destroy(new Error("the service does not accept the connection"));
    const cancel = clock.schedule(CONNECT_TIMEOUT_MS, onTimeout, false);
    socket.once("connect", cancel).once("close", cancel);
  });
  return request;
}

/** The body if it is small; undefined: pipe it. */
async function readSmallBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (encoding !== undefined || Number(length ?? 0) > KEPT_BYTES) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Where a redirect leads: back to the proxy, if it is to the service. It is never followed here. */
function passedLocation(location: string | undefined, { origin }: URL): Record<string, string> {
  if (location === undefined) return {};
  return { location: location.startsWith(`${origin}/`) ? location.slice(origin.length) : location };
}

function deliver(settings: ProxySettings, answer: IncomingMessage, response: ServerResponse): void {
  const headers = { ...passedHeaders(answer.headers), ...passedLocation(answer.headers.location, settings.upstream) };
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers);
  answer.once("error", () => response.destroy());
  answer.pipe(response);
}

function fail(response: ServerResponse, code: number, message: string): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(code, { "content-type": "text/plain; charset=utf-8" }).end(`${message}\n`);
}

async function attempt(
  settings: ProxySettings,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer | undefined,
): Promise<IncomingMessage> {
  const outgoing = open(settings, request, await settings.token(), false);
  response.once("close", () => outgoing.destroy());
  return new Promise((resolve, reject) => {
    outgoing.once("error", reject).once("response", resolve);
    if (body === undefined) request.pipe(outgoing);
    else outgoing.end(body);
  });
}

async function forward(settings: ProxySettings, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refusal = refusalOf(request, settings.rules);
  if (refusal !== undefined) return fail(response, 403, refusal);
  const body = await readSmallBody(request);
  let answer = await attempt(settings, request, response, body);
  if (answer.statusCode === 401) {
    settings.dropToken();
    if (body !== undefined) {
      answer.resume();
      answer = await attempt(settings, request, response, body);
    }
  }
  deliver(settings, answer, response);
}

/** The head of an answer, as written on a connection that no longer speaks HTTP. */
function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
  return `HTTP/1.1 ${statusCode} ${statusMessage}\r\n${lines.join("\r\n")}\r\n\r\n`;
}

async function upgrade(settings: ProxySettings, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  socket.on("error", () => socket.destroy());
  if (refusalOf(request, settings.rules) !== undefined) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  const outgoing = open(settings, request, await settings.token(), true);
  socket.once("close", () => outgoing.destroy());
  outgoing.once("error", () => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
  outgoing.once("response", (answer) => {
    if (answer.statusCode === 401) settings.dropToken();
    socket.write(headOf(answer));
    answer.pipe(socket);
  });
  outgoing.once("upgrade", (answer, upstream, first) => {
    socket.write(headOf(answer));
    socket.write(first);
    upstream.write(head);
    upstream.on("error", () => socket.destroy()).once("close", () => socket.destroy());
    socket.once("close", () => upstream.destroy());
    upstream.pipe(socket).pipe(upstream);
  });
  outgoing.end();
}

/** Starts the proxy. @throws the error of node:net when it can't listen */
export async function startProxy(
  settings: ProxySettings,
  at: { readonly host: string; readonly port: number },
): Promise<SessionServer> {
  const explain = (error: unknown): [number, string] => {
    const { code, message } = failureOf(error);
    return [code === 500 ? 502 : code, message];
  };
  const server = createServer((request, response) => {
    forward(settings, request, response).catch((error) => fail(response, ...explain(error)));
  });
  server.on("upgrade", (request, socket, head) => {
    upgrade(settings, request, socket, head).catch(() => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
  });
  server.requestTimeout = 0; // a body may be streamed for as long as it likes
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at, resolve);
  });
  const { port } = server.address() as AddressInfo; // as: it listens
  return {
    host: `${at.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
