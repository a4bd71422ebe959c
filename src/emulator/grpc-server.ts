// SPDX-License-Identifier: Apache-2.0
// The gRPC face: turns grpc-js calls into calls of the service, and refusals into status, message and
// grpc-status-details-bin. Decides nothing about them, and opens no port: connections are handed to it.

import type { Socket } from "node:net";
import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { IAMCredentialsService } from "../../generated/google/iam/credentials/v1/iamcredentials.js";
import { ErrorInfo } from "../../generated/google/rpc/error_details.js";
import { Status } from "../../generated/google/rpc/status.js";
import { type CallFacts, type IncomingCall, runCall } from "./run-call.js";
import { type AccountRequest, iamCredentialsMethods, type ServiceMethod } from "./service.js";
import { internalError, ServiceError } from "./service-error.js";
import type { EmulatorState } from "./state.js";

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024; // the default of every gRPC server
const MAX_STREAMS = 1000; // per connection: far above any client's, far below exhaustion

// A peer that is gone without a word, and a session that nghttp2 gave up after garbage (node:http2 keeps its socket open),
// are told by an unanswered ping.
const PING_AFTER_MS = 30_000;
const PING_TIMEOUT_MS = 10_000;
const GRACE_MS = 250; // for peers on the same machine

/** The gRPC face of an emulator. */
export interface GrpcFace {
  /** Takes over a connection, its first bytes unread or put back. */
  accept(socket: Socket): void;
  /**
   * Answers the calls in flight with CANCELLED, which no client retries, and ends every connection. Resolves at once for
   * peers that take their leave, and for the others after a quarter of a second.
   */
  close(): Promise<void>;
}

// What the methods of this face share.
interface GrpcCore {
  readonly server: Server;
  readonly state: EmulatorState;
  /** Each answers one call in flight with CANCELLED. */
  readonly cancellations: Set<() => void>;
  /** Whether calls that arrive now came too late. */
  isClosing: boolean;
}

// What this face needs of a row of the generated service definition.
interface WireRow<Request, Response> {
  readonly path: string;
  readonly requestDeserialize: (bytes: Buffer) => Request;
  readonly responseSerialize: (response: Response) => Buffer;
}

function encodeDetails(error: ServiceError): Metadata {
  const metadata = new Metadata();
  if (error.info === undefined) return metadata;
  const { reason, domain, metadata: facts } = error.info;
  const value = Buffer.from(ErrorInfo.encode({ reason, domain, metadata: { ...facts } }).finish());
  const details = [{ typeUrl: "type.googleapis.com/google.rpc.ErrorInfo", value }];
  const status = Status.encode({ code: error.code, message: error.message, details }).finish();
  metadata.set("grpc-status-details-bin", Buffer.from(status));
  return metadata;
}

function readFacts(call: ServerUnaryCall<Buffer, unknown>): CallFacts {
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
  // A deadline is real time, whatever the emulator's clock says.
  const timeoutMs = Number(call.getDeadline()) - Date.now();
  if (Number.isFinite(timeoutMs)) facts["timeoutMs"] = timeoutMs;
  return facts;
}

function adaptCall<Request>(
  call: ServerUnaryCall<Buffer, unknown>,
  deserialize: (bytes: Buffer) => Request,
  isCancelled: () => boolean,
): IncomingCall<Request> {
  return {
    authorization: call.metadata.get("authorization").map(String),
    facts: readFacts(call),
    decode: () => deserialize(call.request),
    abandonedAs() {
      if (!call.cancelled && !isCancelled()) return undefined;
      return Number(call.getDeadline()) <= Date.now() ? "DEADLINE_EXCEEDED" : "CANCELLED";
    },
  };
}

function registerMethod<Request extends AccountRequest, Response>(
  core: GrpcCore,
  row: WireRow<Request, Response>,
  method: ServiceMethod<Request, Response>,
): void {
  const handle = (call: ServerUnaryCall<Buffer, Response>, respond: sendUnaryData<Response>): void => {
    let isCancelled = false;
    const refuse = (refusal: ServiceError) =>
      respond({ code: refusal.code, details: refusal.message, metadata: encodeDetails(refusal) });
    const cancel = () => {
      isCancelled = true;
      refuse(new ServiceError("CANCELLED", "The emulator was closed."));
    };
    if (core.isClosing) {
      cancel();
      return;
    }
    core.cancellations.add(cancel);
    runCall(
      core.state,
      method,
      adaptCall(call, row.requestDeserialize, () => isCancelled),
    )
      .then(
        (response) => isCancelled || respond(null, response),
        (error: unknown) => isCancelled || refuse(error instanceof ServiceError ? error : internalError()),
      )
      .finally(() => core.cancellations.delete(cancel));
  };
  // The bytes come in as they are: grpc-js would answer what can't be read before anyone is authenticated.
  core.server.register(row.path, handle, row.responseSerialize, (bytes: Buffer) => bytes, "unary");
}

// Graceful first, so that what was answered arrives.
function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      server.forceShutdown();
      resolve();
    };
    const timer = setTimeout(finish, GRACE_MS);
    server.tryShutdown(finish);
  });
}

/**
 * Creates the gRPC face with all methods of the service.
 *
 * @param pingAfterMs after how many milliseconds a connection is asked whether it lives. Default: 30,000
 * @param pingTimeoutMs how many milliseconds it has to answer. Default: 10,000
 */
export function createGrpcFace(
  state: EmulatorState,
  pingAfterMs = PING_AFTER_MS,
  pingTimeoutMs = PING_TIMEOUT_MS,
): GrpcFace {
  const server = new Server({
    "grpc.enable_channelz": 0,
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_concurrent_streams": MAX_STREAMS,
    "grpc.keepalive_time_ms": pingAfterMs,
    "grpc.keepalive_timeout_ms": pingTimeoutMs,
  });
  const core: GrpcCore = { server, state, cancellations: new Set(), isClosing: false };
  const service = IAMCredentialsService;
  registerMethod(core, service.generateAccessToken, iamCredentialsMethods.generateAccessToken);
  registerMethod(core, service.generateIdToken, iamCredentialsMethods.generateIdToken);
  registerMethod(core, service.signBlob, iamCredentialsMethods.signBlob);
  registerMethod(core, service.signJwt, iamCredentialsMethods.signJwt);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    accept: (socket) => injector.injectConnection(socket),
    close() {
      core.isClosing = true;
      for (const cancel of core.cancellations) cancel();
      return shutDown(server);
    },
  };
}
