// SPDX-License-Identifier: Apache-2.0
// A scripted server of the service with a gRPC face and an HTTP face, which a script cannot tell apart. Checks nothing.
//
// The HTTP face knows proto3 JSON from Google's own proto3-json-serializer and its descriptors, so that a mistake in the
// client's codec is not made here again.

import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import {
  Server as GrpcServer,
  Metadata,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { fromProto3JSON, toProto3JSON } from "proto3-json-serializer";
import { type INamespace, Root, Type } from "protobufjs";
import { IAMCredentialsService } from "../../generated/google/iam/credentials/v1/iamcredentials.js";
import { Status } from "../../generated/google/rpc/status.js";
import { HTTP_CODES, STATUS_NAMES } from "./status-tables.js";

/** A call as a script sees it, on either face. */
export interface ScriptedCall {
  /** Which call of this face it is, from 1. */
  readonly number: number;
  /** `SignBlob`. */
  readonly method: string;
  /** The decoded request. */
  readonly request: object;
  /** Single headers by lower-case key; those that end in `-bin` as base64. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** One detail of an error: a message of `google.rpc` and its fields in camel case. */
export type ScriptedDetail = readonly [name: string, fields: Readonly<Record<string, unknown>>];

/** What the server does with a call. */
export type Outcome =
  | { readonly reply: Readonly<Record<string, unknown>> }
  | { readonly code: number; readonly message: string; readonly details?: readonly ScriptedDetail[] }
  | "silence";

/** Decides what happens. */
export type Script = (call: ScriptedCall) => Outcome;

const SERVICE = "google.iam.credentials.v1";
const protoFolder = resolve(__dirname, "../../node_modules/google-gax/build/protos");

/** Google's descriptors of the service and of the error details, which cannot share a root. */
function loadDescriptors(): Root[] {
  const service: INamespace = require("@google-cloud/iam-credentials/build/protos/protos.json");
  const details = new Root();
  details.resolvePath = (_, target) => join(protoFolder, target);
  return [Root.fromJSON(service), details.loadSync("google/rpc/error_details.proto")];
}

let descriptors: Root[] | undefined;
function typeOf(name: string): Type {
  descriptors ??= loadDescriptors();
  const found = descriptors.map((root) => root.lookup(name)).find((type) => type !== null);
  if (!(found instanceof Type)) throw new Error(`no message ${name}`);
  return found;
}

/** The row of a method in the generated stubs, by its name. */
function stubOf(method: string) {
  const stub = Object.values(IAMCredentialsService).find(({ path }) => path.endsWith(`/${method}`));
  if (stub === undefined) throw new Error(`no method ${method}`);
  return stub;
}

/** A running server. Made by {@link startTwoFacedServer}. */
export class TwoFacedServer implements AsyncDisposable {
  readonly #grpc = new GrpcServer({ "grpc.enable_channelz": 0 });
  readonly #http: HttpServer;
  #grpcPort = 0;
  /** Decides what happens to the calls that come from now on. */
  script: Script;
  /** All calls so far of each face, in order of arrival. */
  readonly calls: { readonly grpc: ScriptedCall[]; readonly rest: ScriptedCall[] } = { grpc: [], rest: [] };

  constructor(script: Script) {
    this.script = script;
    for (const { path } of Object.values(IAMCredentialsService)) this.#register(path.slice(path.lastIndexOf("/") + 1));
    this.#http = createServer((request, response) => {
      this.#answerHttp(request, response).catch((error: unknown) => {
        response.writeHead(500, { "content-type": "text/plain" }).end(`the test's own server failed: ${error}`);
      });
    });
  }

  /** Opens both ports. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#http.listen(0, "127.0.0.1", resolve);
    });
    this.#grpcPort = await new Promise<number>((resolve, reject) => {
      this.#grpc.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  /** `127.0.0.1:port` of a face. */
  host(face: "grpc" | "rest"): string {
    const { port } = this.#http.address() as AddressInfo; // as: a TCP server that listens
    return `127.0.0.1:${face === "grpc" ? this.#grpcPort : port}`;
  }

  /** Forgets the calls. */
  reset(script: Script): void {
    this.script = script;
    this.calls.grpc.length = 0;
    this.calls.rest.length = 0;
  }

  #record(face: "grpc" | "rest", call: Omit<ScriptedCall, "number">): Outcome {
    const recorded = { number: this.calls[face].length + 1, ...call };
    this.calls[face].push(recorded);
    return this.script(recorded);
  }

  #register(method: string): void {
    const stub = stubOf(method);
    const handle = (call: ServerUnaryCall<object, object>, respond: sendUnaryData<object>): void => {
      const headers: Record<string, string> = {};
      for (const key of Object.keys(call.metadata.getMap())) {
        const values = call.metadata
          .get(key)
          .map((value) => (typeof value === "string" ? value : value.toString("base64")));
        headers[key] = values.join(", ");
      }
      const outcome = this.#record("grpc", { method, request: call.request, headers });
      if (outcome === "silence") return;
      if ("reply" in outcome) respond(null, outcome.reply);
      else respond({ code: outcome.code, details: outcome.message, metadata: trailersOf(outcome) });
    };
    const { responseType } = rpcOf(method);
    const serialize = (reply: object): Buffer => {
      const type = typeOf(`${SERVICE}.${responseType}`);
      return Buffer.from(type.encode(type.fromObject(reply)).finish());
    };
    this.#grpc.register(stub.path, handle, serialize, stub.requestDeserialize, "unary");
  }

  async #answerHttp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const match = /^\/v1\/(projects\/[^/?]+\/serviceAccounts\/[^/:?]+):(\w+)\?/.exec(request.url ?? "");
    if (match === null || request.method !== "POST") {
      response.writeHead(404, { "content-type": "text/html" }).end("<title>Error 404 (Not Found)!!1</title>");
      return;
    }
    const [, path = "", action = ""] = match;
    const method = action.charAt(0).toUpperCase() + action.slice(1);
    const { requestType, responseType } = rpcOf(method);
    const json = { ...JSON.parse(Buffer.concat(chunks).toString()), name: decodeURIComponent(path) };
    const message = fromProto3JSON(typeOf(`${SERVICE}.${requestType}`), json);
    if (message === null) throw new Error("no message");
    const bytes = Buffer.from(typeOf(`${SERVICE}.${requestType}`).encode(message).finish());
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([key, value]) => [key, Array.isArray(value) ? value.join(", ") : value]),
    );
    const outcome = this.#record("rest", { method, request: stubOf(method).requestDeserialize(bytes), headers });
    if (outcome === "silence") return;
    if ("reply" in outcome) {
      const replyType = typeOf(`${SERVICE}.${responseType}`);
      sendJson(response, 200, toProto3JSON(replyType.fromObject(outcome.reply)));
    } else {
      const details = (outcome.details ?? []).map(([name, fields]) => ({
        "@type": `type.googleapis.com/google.rpc.${name}`,
        ...(toProto3JSON(typeOf(`google.rpc.${name}`).fromObject(fields)) as object),
      }));
      const httpCode = HTTP_CODES[outcome.code] ?? 500;
      const { message: text, code } = outcome;
      const error = {
        code: httpCode,
        message: text,
        status: STATUS_NAMES[code],
        ...(details.length > 0 ? { details } : {}),
      };
      sendJson(response, httpCode, { error });
    }
  }

  /** Ends all connections and both ports. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#grpc.forceShutdown();
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#http.closeAllConnections();
    await closed;
  }
}

function rpcOf(method: string): { requestType: string; responseType: string } {
  return { requestType: `${method}Request`, responseType: `${method}Response` };
}

function sendJson(response: ServerResponse, code: number, json: unknown): void {
  response.writeHead(code, { "content-type": "application/json; charset=UTF-8" });
  response.end(JSON.stringify(json, undefined, 2));
}

function trailersOf({
  code,
  message,
  details = [],
}: {
  code: number;
  message: string;
  details?: readonly ScriptedDetail[];
}) {
  const metadata = new Metadata();
  if (details.length === 0) return metadata;
  const packed = details.map(([name, fields]) => {
    const type = typeOf(`google.rpc.${name}`);
    const value = Buffer.from(type.encode(type.fromObject(fields)).finish());
    return { typeUrl: `type.googleapis.com/google.rpc.${name}`, value };
  });
  metadata.set("grpc-status-details-bin", Buffer.from(Status.encode({ code, message, details: packed }).finish()));
  return metadata;
}

/** Starts a server with both faces. */
export async function startTwoFacedServer(script: Script): Promise<TwoFacedServer> {
  const server = new TwoFacedServer(script);
  await server.listen();
  return server;
}
