// SPDX-License-Identifier: Apache-2.0
// The HTTP face: public keys at the paths where Google has them, the sites of http/sites.ts, and the REST API below /v1/.
// Opens no port: connections are handed to it.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { serveOperation } from "./http/serve-operation.js";
import { findOperation } from "./http/sites.js";
import type { KeyRing } from "./key-ring.js";
import { formatPublishedKeys, type KeyForm } from "./keys.js";
import { findMetadataOperation } from "./metadata-server/metadata-site.js";
import type * as RestFace from "./rest/rest-face.js";
import type { EmulatorState } from "./state.js";

const IDLE_MS = 10_000; // a peer that falls silent within a request
const KEEP_ALIVE_MS = 5_000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_AGE_SECONDS = 900; // verifiers are told to refresh keys every 15 minutes

/** The HTTP face of an emulator. */
export interface HttpFace {
  /** Takes over a connection, its first bytes unread or put back. */
  accept(socket: Socket): void;
}

/** Which paths are served: all of them, or the metadata server's alone. */
export type HttpScope = "everything" | "metadata server";

// What a path leads to: whose keys, in which form. undefined when there is no such account.
interface KeyRoute {
  readonly path: RegExp;
  find(state: EmulatorState, groups: readonly string[]): { ring: KeyRing | undefined; form: KeyForm };
}

const routes: readonly KeyRoute[] = [
  {
    path: /^\/service_accounts\/v1\/metadata\/(x509|raw|jwk)\/([^/]+)$/,
    // The pattern lets no other form through.
    find: (state, [form = "", email = ""]) => ({ ring: state.findAccount(email)?.keys, form: form as KeyForm }),
  },
  {
    path: /^\/robot\/v1\/metadata\/x509\/([^/]+)$/,
    find: (state, [email = ""]) => ({ ring: state.findAccount(email)?.keys, form: "x509" }),
  },
  { path: /^\/oauth2\/v3\/certs$/, find: (state) => ({ ring: state.googleKeys, form: "jwk" }) },
  { path: /^\/oauth2\/v1\/certs$/, find: (state) => ({ ring: state.googleKeys, form: "x509" }) },
];

function decodePath(target: string): string | undefined {
  const path = target.replace(/[?#].*$/s, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function findKeys(state: EmulatorState, path: string): { ring: KeyRing | undefined; form: KeyForm } | undefined {
  for (const route of routes) {
    const match = route.path.exec(path);
    if (match !== null) return route.find(state, match.slice(1));
  }
  return undefined;
}

const htmlEscapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function sendPage(response: ServerResponse, code: number, title: string, text: string): void {
  const escaped = text.replace(/[&<>"]/g, (character) => htmlEscapes[character] ?? "");
  const body = `<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error ${code} (${title})!!1</title>
  <p><b>${code}.</b> <ins>That’s an error.</ins>
  <p>${escaped}  <ins>That’s all we know.</ins>
`;
  response.writeHead(code, {
    "content-type": "text/html; charset=UTF-8",
    "content-length": Buffer.byteLength(body),
    "referrer-policy": "no-referrer",
  });
  response.end(body);
}

function sendJson(response: ServerResponse, document: unknown): void {
  const body = `${JSON.stringify(document, undefined, 2)}\n`;
  response.writeHead(200, {
    "content-type": "application/json; charset=UTF-8",
    "content-length": Buffer.byteLength(body),
    "cache-control": `public, max-age=${MAX_AGE_SECONDS}, must-revalidate, no-transform`,
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

// The REST face is loaded with the first request to it.
async function respondToApi(state: EmulatorState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { answerRest } = require("./rest/rest-face.js") as typeof RestFace; // its own type
  const outcome = await answerRest(state, request, response);
  if (outcome === "answered") return;
  response.setHeader("connection", "close"); // what is left of the body is not read
  if (outcome === "body too large")
    sendPage(response, 413, "Request Entity Too Large", "Your client issued a request that was too large.");
  else sendPage(response, 404, "Not Found", `The requested URL ${request.url} was not found on this server.`);
}

async function respond(state: EmulatorState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = request.url ?? "";
  const path = decodePath(target);
  const found = path === undefined ? undefined : findKeys(state, path);
  if (found?.ring === undefined) {
    sendPage(response, 404, "Not Found", `The requested URL ${target} was not found on this server.`);
  } else if (request.method !== "GET" && request.method !== "HEAD") {
    sendPage(response, 405, "Method Not Allowed", `The request method ${request.method} is inappropriate for the URL.`);
  } else {
    sendJson(response, formatPublishedKeys(found.form, await found.ring.publishedKeys()));
  }
}

type Respond = (state: EmulatorState, request: IncomingMessage, response: ServerResponse) => Promise<void>;

function findSite(state: EmulatorState, request: IncomingMessage, scope: HttpScope): Respond | undefined {
  const path = decodePath(request.url ?? "");
  if (path === undefined) return undefined;
  const operation =
    scope === "everything"
      ? findOperation(state, path, request.headers["metadata-flavor"] !== undefined)
      : findMetadataOperation(state, path, true);
  if (operation === undefined) return undefined;
  return (_, incoming, response) => serveOperation(state, operation, path, incoming, response);
}

const respondNotFound: Respond = async (_, { url }, response) =>
  sendPage(response, 404, "Not Found", `The requested URL ${url} was not found on this server.`);

/**
 * Creates the HTTP face.
 *
 * @param scope which paths it serves. Default: everything
 */
export function createHttpFace(state: EmulatorState, scope: HttpScope = "everything"): HttpFace {
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS });
  server.timeout = IDLE_MS; // the other timeouts of node:http need a server that listens
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const isApi = scope === "everything" && (request.url?.startsWith("/v1/") ?? false);
    // No other path reads a body: one that comes ends the connection, so that it can't go on forever.
    const hasBody =
      request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
    if (hasBody && !isApi) response.setHeader("connection", "close");
    const answerOther = scope === "everything" ? respond : respondNotFound;
    const answer = findSite(state, request, scope) ?? (isApi ? respondToApi : answerOther);
    state.track(answer(state, request, response)).catch(() => {
      if (response.headersSent) response.destroy();
      else
        sendPage(response, 500, "Server Error", "The server encountered an error and could not complete your request.");
    });
  });
  return { accept: (socket) => void server.emit("connection", socket) };
}
