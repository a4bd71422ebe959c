// SPDX-License-Identifier: Apache-2.0
// The gRPC server: takes calls from grpc-js along the road of their operations, and turns refusals into status, message and
// grpc-status-details-bin. Decides nothing about them and opens no port: it is handed connections.

import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { type BoundMethod, services } from "../../services/services.js";
import { keepLoggedHeaders } from "../../world/calls/logged-headers.js";
import type { EmulatorConnectionFault } from "../../world/faults/fault.js";
import { internalError, ServiceError } from "../../world/refusals/service-error.js";
import { afterTheLoop, startTimer, stopTimer } from "../../world/runtime/timers.js";
import type { HttpWire } from "../http/http-wire.js";
import { http2Wire } from "../http/http2-wire.js";
import { type ApiCall, type ApiWorld, apiOperation } from "../road/api-operation.js";
import type { CallFacts, Carrier, Delivery } from "../road/operation.js";
import { peerThumbprint } from "../road/peer-certificate.js";
import { type RoadWorld, runOperation } from "../road/run-operation.js";
import { severConnection } from "../road/sever-connection.js";
import { encodeDetails, encodeStatus } from "../road/status-message.js";
import { addHealth } from "./health.js";
import { addReflection } from "./reflection.js";

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024; // the default of every gRPC server
const MAX_STREAMS = 1000; // per connection: far above any client's, far below exhaustion

// A peer that vanished silently, and a session that nghttp2 gave up after garbage (node:http2 keeps its socket open),
// are detected by an unanswered ping.
const PING_AFTER_MS = 30_000;
const PING_TIMEOUT_MS = 10_000;
const GRACE_MS = 250; // for peers on the same machine

/** Takes over a stream that is not gRPC. */
type ServeStream = (wire: HttpWire) => void;

/** The gRPC server of an emulator. */
export interface GrpcServer {
  /** Takes over an HTTP/2 connection, its first bytes unread or put back. */
  accept(socket: Socket): void;
  /**
   * Also takes over a connection, but passes on streams that are not gRPC.
   *
   * @param serve takes such a stream
   */
  acceptShared(socket: Socket, serve: ServeStream): void;
  /**
   * Ends every connection. Resolves at once if the peers close theirs, and otherwise after a quarter of a second.
   */
  close(): Promise<void>;
}

// What the methods of this server share.
interface GrpcCore {
  readonly server: Server;
  readonly world: ApiWorld & RoadWorld;
  /** The connections by peer, for faults to strike. */
  readonly connections: Map<string, Socket>;
  /** How many calls are under way on a connection; absent: none. */
  readonly underWay: Map<Socket, number>;
}

type GrpcCall = ServerUnaryCall<Buffer, unknown>;

// Google's errors without details carry no such metadata.
function writeDetails(error: ServiceError): Metadata {
  const metadata = new Metadata();
  const details = encodeDetails(error);
  if (details.length > 0) metadata.set("grpc-status-details-bin", encodeStatus(error, details));
  return metadata;
}

function toStatus(refusal: ServiceError): { code: number; details: string; metadata: Metadata } {
  return { code: refusal.code, details: refusal.message, metadata: writeDetails(refusal) };
}

function readFacts(call: GrpcCall): CallFacts {
  const headers = {
    userAgent: "user-agent",
    apiClient: "x-goog-api-client",
    requestParams: "x-goog-request-params",
    quotaProject: "x-goog-user-project",
  } as const;
  const facts: Record<string, string | number> = {};
  for (const [field, header] of Object.entries(headers)) {
    const values = call.metadata.get(header);
    if (values.length > 0) facts[field] = values.join(",");
  }
  // A deadline is in real time, whatever the emulator's clock says.
  const timeoutMs = Number(call.getDeadline()) - Date.now();
  if (Number.isFinite(timeoutMs)) facts["timeoutMs"] = timeoutMs;
  const names = Object.keys(call.metadata.getMap());
  const metadata = keepLoggedHeaders(names.map((name) => [name, call.metadata.get(name).map(String)] as const));
  return { transport: "grpc", metadata, ...facts };
}

// A truncated answer has its headers and nothing else: they go out in the next turn of the event loop.
function strikeConnection(core: GrpcCore, call: GrpcCall, connection: EmulatorConnectionFault): void {
  const socket = core.connections.get(call.getPeer());
  if (socket === undefined) return; // gone already
  if (connection === "truncate") call.sendMetadata(new Metadata());
  // By then the call itself is no longer under way.
  afterTheLoop(() =>
    severConnection(socket, connection, core.underWay.has(socket) ? "http2 with other calls" : "http2"),
  );
}

function adaptCall(core: GrpcCore, call: GrpcCall, respond: sendUnaryData<unknown>): Carrier<unknown> {
  const controller = new AbortController();
  call.once("cancelled", () => controller.abort());
  const deliver = (send: () => void, { contentType, isTruncated }: Delivery) => {
    if (isTruncated) {
      strikeConnection(core, call, "truncate");
      return;
    }
    if (contentType !== undefined) {
      const headers = new Metadata();
      headers.set("content-type", contentType);
      call.sendMetadata(headers);
    }
    send();
  };
  return {
    facts: readFacts(call),
    requestBytes: call.request,
    abandoned: controller.signal,
    abandonedAs() {
      if (!call.cancelled) return undefined;
      return Number(call.getDeadline()) <= Date.now() ? "DEADLINE_EXCEEDED" : "CANCELLED";
    },
    answer: (answer, delivery) => deliver(() => respond(null, answer), delivery),
    refuse: (refusal, delivery) => deliver(() => respond(toStatus(refusal)), delivery),
    sever: (connection) => strikeConnection(core, call, connection),
  };
}

// Counts a call on its connection; returns a function that uncounts it.
function countCall(underWay: Map<Socket, number>, socket: Socket | undefined): () => void {
  if (socket === undefined) return () => undefined;
  underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
  return () => {
    const left = (underWay.get(socket) ?? 1) - 1;
    if (left === 0) underWay.delete(socket);
    else underWay.set(socket, left);
  };
}

function registerMethod(core: GrpcCore, bound: BoundMethod): void {
  const { row } = bound;
  const operation = apiOperation(core.world, bound);
  const handle = (call: GrpcCall, respond: sendUnaryData<unknown>): void => {
    const socket = core.connections.get(call.getPeer());
    const end = countCall(core.underWay, socket);
    const incoming: ApiCall = {
      authorization: call.metadata.get("authorization").map(String),
      thumbprint: peerThumbprint(socket),
      decode: () => row.requestDeserialize(call.request),
    };
    runOperation(core.world, operation, incoming, adaptCall(core, call, respond))
      .catch((error: unknown) => respond(toStatus(error instanceof ServiceError ? error : internalError())))
      .finally(end);
  };
  // The bytes come in undecoded: grpc-js would answer unreadable ones before the caller is authenticated.
  core.server.register(row.path, handle, row.responseSerialize, (bytes: Buffer) => bytes, "unary");
}

// The node:http2 server inside grpc-js's, which does not expose it. Where it is missing, whatever is not gRPC is answered by grpc-js,
// with 415.
// as: `http2Servers` is a private field (1.14).
function findHttp2Server(server: Server): Http2Server | undefined {
  const { http2Servers } = server as unknown as { readonly http2Servers?: ReadonlyMap<Http2Server, unknown> };
  return http2Servers === undefined ? undefined : [...http2Servers.keys()][0];
}

type StreamListener = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
  rawHeaders: readonly string[],
) => void;

// node:http2 sets the header by the machine's clock. Clients that compare clocks need the emulator's.
function dateAnswers(stream: ServerHttp2Stream, now: () => number): void {
  const respond = stream.respond.bind(stream);
  stream.respond = (headers, options) => respond({ date: new Date(now()).toUTCString(), ...headers }, options);
}

// Intercepts streams before grpc-js: on shared connections, those that are not gRPC go elsewhere.
function shareStreams(core: GrpcCore, shared: WeakMap<Socket, ServeStream>): void {
  const http2 = findHttp2Server(core.server);
  if (http2 === undefined) return;
  const grpcListeners = http2.listeners("stream") as StreamListener[]; // as node:http2 documents the event
  http2.removeAllListeners("stream");
  const dispatch: StreamListener = (stream, headers, flags, raw) => {
    const peer = stream.session?.socket;
    const socket = core.connections.get(`${peer?.remoteAddress}:${peer?.remotePort}`);
    const serve = socket === undefined ? undefined : shared.get(socket);
    const isGrpc = headers["content-type"]?.startsWith("application/grpc") ?? false;
    if (isGrpc || socket === undefined || serve === undefined) {
      dateAnswers(stream, core.world.now);
      for (const listener of grpcListeners) listener.call(http2, stream, headers, flags, raw);
      return;
    }
    serve(http2Wire(stream, headers, raw, (connection) => severConnection(socket, connection, "http2")));
  };
  http2.on("stream", dispatch as () => void); // its types lack the documented fourth argument
}

// Graceful first, so that sent answers arrive.
function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      stopTimer(timer);
      server.forceShutdown();
      resolve();
    };
    const timer = startTimer(finish, GRACE_MS);
    server.tryShutdown(finish);
  });
}

/**
 * Creates the gRPC server with all methods of both services.
 *
 * @param pingAfterMs after how many milliseconds a connection is pinged. Default: 30,000
 * @param pingTimeoutMs how many milliseconds the peer has to answer. Default: 10,000
 */
export function createGrpcServer(
  world: ApiWorld & RoadWorld,
  pingAfterMs = PING_AFTER_MS,
  pingTimeoutMs = PING_TIMEOUT_MS,
): GrpcServer {
  const server = new Server({
    "grpc.enable_channelz": 0,
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_concurrent_streams": MAX_STREAMS,
    "grpc.keepalive_time_ms": pingAfterMs,
    "grpc.keepalive_timeout_ms": pingTimeoutMs,
  });
  const core: GrpcCore = { server, world, connections: new Map(), underWay: new Map() };
  for (const { methods } of services) for (const bound of methods) registerMethod(core, bound);
  addReflection(server);
  addHealth(server, world.peers);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const shared = new WeakMap<Socket, ServeStream>();
  shareStreams(core, shared);
  const accept = (socket: Socket) => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`; // as getPeer() of a call says it
    core.connections.set(peer, socket);
    socket.once("close", () => core.connections.delete(peer));
    injector.injectConnection(socket);
  };
  return {
    accept,
    acceptShared(socket, serve) {
      shared.set(socket, serve);
      accept(socket);
    },
    close: () => shutDown(server),
  };
}
