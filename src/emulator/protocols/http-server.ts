// SPDX-License-Identifier: Apache-2.0
// The HTTP server: finds the operation of a request, and has a page for whatever leads to none. Opens no port: connections are
// handed to it.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Work } from "../world/runtime/work.js";
import type { OperationTable } from "./http/operation-table.js";
import { notFoundPage, pageAnswer } from "./http/page.js";
import { sendAnswer, serveOperation } from "./http/serve-operation.js";
import type { RoadWorld } from "./road/run-operation.js";

const IDLE_MS = 10_000; // a peer that falls silent within a request
const KEEP_ALIVE_MS = 5_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** The HTTP server of an emulator. */
export interface HttpServer {
  /** Takes over a connection, its first bytes unread or put back. */
  accept(socket: Socket): void;
}

/** The operations that a request could be for; none when its path leads nowhere. */
export type FindOperations = (request: IncomingMessage, path: string) => ReturnType<OperationTable["find"]>;

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

async function respond(
  world: RoadWorld,
  find: FindOperations,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A body that nobody reads ends the connection, so that it can't go on forever.
  const hasBody = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  if (hasBody) response.setHeader("connection", "close");
  const target = request.url?.replace(/[?#].*$/s, "") ?? "";
  const path = decodePath(target);
  const [first, ...others] = path === undefined ? [] : find(request, target);
  if (path === undefined || first === undefined) sendAnswer(request, response, notFoundPage(path ?? target));
  else await serveOperation(world, path, [first, ...others], request, response);
}

/** Creates an HTTP server. */
export function createHttpServer(world: RoadWorld & { readonly work: Work }, find: FindOperations): HttpServer {
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS });
  server.timeout = IDLE_MS; // the other timeouts of node:http need a server that listens
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    world.work.track(respond(world, find, request, response)).catch(() => {
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
