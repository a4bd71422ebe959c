// SPDX-License-Identifier: Apache-2.0
// The HTTP face: the sites of http/sites.ts, the REST API below /v1/, and a page for whatever is neither. Opens no port:
// connections are handed to it.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { EmulatorState } from "../world/world.js";
import { pageAnswer } from "./http/exchange.js";
import { sendAnswer, serveOperation } from "./http/serve-operation.js";
import { findMetadataOperation } from "./metadata/metadata-operations.js";
import type * as RestFace from "./rest/rest-api.js";
import { findOperation } from "./sites.js";

const IDLE_MS = 10_000; // a peer that falls silent within a request
const KEEP_ALIVE_MS = 5_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** The HTTP face of an emulator. */
export interface HttpFace {
  /** Takes over a connection, its first bytes unread or put back. */
  accept(socket: Socket): void;
}

/** Which paths are served: all of them, or the metadata server's alone. */
export type HttpScope = "everything" | "metadata server";

function decodePath(target: string): string | undefined {
  const path = target.replace(/[?#].*$/s, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

type Respond = (state: EmulatorState, request: IncomingMessage, response: ServerResponse) => Promise<void>;

const respondNotFound: Respond = async (_, request, response) =>
  sendAnswer(
    request,
    response,
    pageAnswer(404, "Not Found", `The requested URL ${request.url} was not found on this server.`),
  );

// The REST face is loaded with the first request to it.
const respondToApi: Respond = async (state, request, response) => {
  const { answerRest } = require("./rest/rest-api.js") as typeof RestFace; // its own type
  const outcome = await answerRest(state, request, response);
  if (outcome === "answered") return;
  response.setHeader("connection", "close"); // what is left of the body is not read
  if (outcome === "unknown path") return respondNotFound(state, request, response);
  const text = "Your client issued a request that was too large.";
  sendAnswer(request, response, pageAnswer(413, "Request Entity Too Large", text));
};

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
    // An unknown path reads no body: one that comes ends the connection, so that it can't go on forever.
    const hasBody =
      request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
    if (hasBody && !isApi) response.setHeader("connection", "close");
    const answer = findSite(state, request, scope) ?? (isApi ? respondToApi : respondNotFound);
    state.track(answer(state, request, response)).catch(() => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const text = "The server encountered an error and could not complete your request.";
      sendAnswer(request, response, pageAnswer(500, "Server Error", text));
    });
  });
  return { accept: (socket) => void server.emit("connection", socket) };
}
