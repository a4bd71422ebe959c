// SPDX-License-Identifier: Apache-2.0
// The HTTP server, of HTTP/1 and HTTP/2: decides who may connect, finds the operation of a request, and has a page for what leads to
// none. Opens no port: it is handed connections and streams.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { startTimer, stopTimer } from "../world/runtime/timers.js";
import type { World } from "../world/world.js";
import type { HttpWire } from "./http/http-wire.js";
import { http1Wire } from "./http/http1-wire.js";
import type { OperationTable } from "./http/operation-table.js";
import { notFoundPage, pageAnswer } from "./http/page.js";
import type { BodyPace } from "./http/read-body.js";
import { serveOperation } from "./http/serve-operation.js";
import { answerPreflight, refuseVisitor, shareHeaders, type VisitorRules } from "./http/visitor-rules.js";
import type { RoadWorld } from "./road/run-operation.js";

const KEEP_ALIVE_MS = 5_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** How long an HTTP server waits for its peers. An answer may take any time. */
interface HttpPatience {
  /** For the headers of a request, the first byte included, in milliseconds. Required. */
  readonly headersMs: number;
  /** For its body. Required. */
  readonly body: BodyPace;
}

const usualPatience: HttpPatience = { headersMs: 10_000, body: { graceMs: 10_000, bytesPerSecond: 1024 } };

/** The HTTP server of an emulator. */
interface HttpServer {
  /** Takes over an HTTP/1 connection, its first bytes unread or put back. */
  accept(socket: Socket): void;
  /** Takes over one request. */
  serve(wire: HttpWire): void;
}

/** The operations that a request could be for; none when its path is unknown. */
export type FindOperations = (
  request: Pick<HttpWire, "method" | "headers">,
  path: string,
) => ReturnType<OperationTable["find"]>;

/** What an HTTP server is made of. */
interface HttpServerParts {
  /** What its calls need on their road. Required. */
  readonly world: RoadWorld & Pick<World, "work">;
  /** Finds its operations. Required. */
  readonly find: FindOperations;
  /** Where requests may come from. Required. */
  readonly rules: VisitorRules;
  /** How long it waits. Default: 10 s for headers and for a body, of which 1 KiB a second has to come after that. */
  readonly patience?: HttpPatience;
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

// For clients that can send nothing but GET and POST.
function methodOf({ method, headers }: HttpWire): string {
  const override = headers["x-http-method-override"];
  return method === "POST" && typeof override === "string" && /^[A-Za-z]+$/.test(override)
    ? override.toUpperCase()
    : method;
}

async function respond(parts: HttpServerParts & Required<Pick<HttpServerParts, "patience">>, wire: HttpWire) {
  const { world, find, rules, patience } = parts;
  const target = wire.target.replace(/[?#].*$/s, "");
  const path = decodePath(target);
  const { headers } = wire;
  const visitor = { method: wire.method, headers, path: path ?? target };
  const refusal = refuseVisitor(visitor, rules) ?? answerPreflight(visitor, rules);
  if (refusal !== undefined) {
    wire.send(refusal);
    return;
  }
  const shared = shareHeaders(visitor, rules);
  const send: HttpWire["send"] = (answer) => wire.send({ ...answer, headers: { ...shared, ...answer.headers } });
  const method = methodOf(wire);
  const [first, ...others] = path === undefined ? [] : find({ method, headers }, target);
  if (path === undefined || first === undefined) send(notFoundPage(path ?? target));
  else await serveOperation(world, { method, path, matches: [first, ...others] }, { ...wire, send }, patience.body);
}

// Catches a peer that sends its headers byte by byte, or nothing. node:http does so only for servers that listen.
function watchHeaders(socket: Socket, headersMs: number): { requestCame(response: ServerResponse): void } {
  let requests = 0;
  let timer: NodeJS.Timeout | undefined;
  const wait = (ms: number) => {
    timer = startTimer(() => {
      socket.end("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n", () => socket.destroy());
    }, ms);
  };
  wait(headersMs);
  socket.once("close", () => stopTimer(timer));
  return {
    requestCame(response) {
      stopTimer(timer);
      requests++;
      response.once("close", () => {
        if (--requests === 0 && !socket.destroyed) wait(KEEP_ALIVE_MS + headersMs);
      });
    },
  };
}

/** Creates an HTTP server. */
export function createHttpServer(given: HttpServerParts): HttpServer {
  const parts = { patience: usualPatience, ...given };
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS });
  const watches = new WeakMap<Socket, ReturnType<typeof watchHeaders>>();
  const serve = (bare: HttpWire) => {
    // Clients that compare clocks need the emulator's.
    const date = new Date(parts.world.now()).toUTCString();
    const wire: HttpWire = {
      ...bare,
      send: (answer) => bare.send({ ...answer, headers: { date, ...answer.headers } }),
    };
    parts.world.work.track(respond(parts, wire)).catch(() => {
      const text = "The server encountered an error and could not complete your request.";
      wire.send(pageAnswer(500, "Server Error", text));
    });
  };
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    watches.get(request.socket)?.requestCame(response);
    serve(http1Wire(request, response));
  });
  return {
    serve,
    accept(socket) {
      watches.set(socket, watchHeaders(socket, parts.patience.headersMs));
      server.emit("connection", socket);
    },
  };
}
