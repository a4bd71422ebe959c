// SPDX-License-Identifier: Apache-2.0
// A server of gRPC (grpc-js, plain or TLS), or of JSON where the turn is REST's, with canned answers. It keeps what it hears of each call
// and checks no permission.

import { type Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { IAMCredentialsService } from "../../generated/google/iam/credentials/v1/iamcredentials.js";
import { type HttpCall, RecordingHttpFace, type ServerCertificate } from "./recording-http-face.js";
import { transportOfTurn } from "./transport-of-turn.js";

/** What came with one call. */
export interface RecordedCall {
  /** Which call it is, from 1. */
  readonly number: number;
  /** `SignBlob`. */
  readonly method: string;
  /** The decoded request. */
  readonly request: { readonly name: string; readonly payload?: Buffer | string };
  /** What the peer sent, by key. */
  readonly metadata: Metadata;
  /** Milliseconds that the caller gave it on arrival; NaN over REST, which does not tell. */
  readonly timeoutMs: number;
  /** The connection, by the caller's end: `127.0.0.1:41235`. */
  readonly peer: string;
  /** Whether it ended before it was answered: the caller cancelled it, or its time ran out. */
  isCancelled: boolean;
}

/** What a handler may throw to answer with a status other than OK. */
export interface StatusAnswer {
  /** Numeric status code. */
  readonly code: number;
  /** Status message. */
  readonly details: string;
  /** Trailing metadata. Default: none. */
  readonly metadata?: Metadata;
}

/** Runs before the canned answer is sent. What it throws is the answer instead; while it waits, so does the caller. */
export type Handler = (call: RecordedCall) => Promise<void> | void;

/** How to start. */
export interface RecordingServerOptions {
  /** Of the gRPC face. Default: those of `tls`, or plain. */
  readonly credentials?: ServerCredentials;
  /** Default: plain. */
  readonly tls?: ServerCertificate;
  /** Default: any free one. */
  readonly port?: number;
  /** Default: answer at once. */
  readonly handler?: Handler;
  /** Channel options of grpc-js's server. Default: none. */
  readonly serverOptions?: Record<string, number>;
}

/** Stands for an answer that never comes. */
export const never = (): Promise<never> => new Promise(() => undefined);

/** A running server. Made by {@link startRecordingServer}. */
export class RecordingServer implements AsyncDisposable {
  readonly #server: Server | RecordingHttpFace;
  /** What to do before the canned answer; may be changed at any time. */
  handler: Handler;
  /** All calls so far, in order of arrival. */
  readonly calls: RecordedCall[] = [];
  /** Set by {@link startRecordingServer}. */
  port = 0;

  constructor({ handler = () => undefined, serverOptions = {}, tls }: RecordingServerOptions) {
    this.handler = handler;
    if (transportOfTurn() === "rest") {
      this.#server = new RecordingHttpFace((call) => this.#answer({ ...call, timeoutMs: Number.NaN }), tls);
      return;
    }
    const server = new Server(serverOptions);
    this.#server = server;
    for (const row of Object.values(IAMCredentialsService)) {
      const method = row.path.slice(row.path.lastIndexOf("/") + 1);
      const respond = (call: ServerUnaryCall<RecordedCall["request"], object>, send: sendUnaryData<object>) =>
        this.#respond(method, call, send);
      server.register(row.path, respond, row.responseSerialize as () => Buffer, row.requestDeserialize, "unary"); // as: rows differ in their messages
    }
  }

  /** Opens the port. */
  async listen(port: number, credentials: ServerCredentials): Promise<void> {
    const server = this.#server;
    if (server instanceof RecordingHttpFace) {
      this.port = await server.listen(port);
      return;
    }
    this.port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The calls' connections, by the caller's end, each once. */
  get peers(): string[] {
    return [...new Set(this.calls.map((call) => call.peer))];
  }

  /** Ends the port and all connections at once, as a process that is killed. */
  kill(): void {
    if (this.#server instanceof RecordingHttpFace) this.#server.kill();
    else this.#server.forceShutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
  }

  async #respond(
    method: string,
    call: ServerUnaryCall<RecordedCall["request"], object>,
    send: sendUnaryData<object>,
  ): Promise<void> {
    const { request, metadata } = call;
    const timeoutMs = Number(call.getDeadline()) - Date.now();
    const onCancelled = (callback: () => void): void => void call.on("cancelled", callback);
    try {
      send(null, await this.#answer({ method, request, metadata, timeoutMs, peer: call.getPeer(), onCancelled }));
    } catch (answer) {
      send(answer as StatusAnswer); // as: handlers throw nothing else
    }
  }

  async #answer({ onCancelled, ...call }: HttpCall & { readonly timeoutMs: number }): Promise<object> {
    const record: RecordedCall = { ...call, number: this.calls.length + 1, isCancelled: false };
    this.calls.push(record);
    let isAnswered = false;
    onCancelled(() => {
      // grpc-js says this at the end of an answered call, too.
      record.isCancelled = !isAnswered;
    });
    try {
      await this.handler(record);
      return cannedAnswer(record.method, record.request);
    } finally {
      isAnswered = true;
    }
  }
}

function credentialsFrom(tls: ServerCertificate | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const pair = { cert_chain: Buffer.from(tls.certificate), private_key: Buffer.from(tls.privateKey) };
  return ServerCredentials.createSsl(null, [pair]);
}

function cannedAnswer(method: string, request: RecordedCall["request"]): object {
  switch (method) {
    case "GenerateAccessToken":
      return { accessToken: "canned-token", expireTime: { seconds: "1700000000", nanos: 123_456_789 } };
    case "GenerateIdToken":
      return { token: "canned-id-token" };
    case "SignBlob":
      return { keyId: "canned-key", signedBlob: request.payload };
    default:
      return { keyId: "canned-key", signedJwt: request.payload };
  }
}

/** Starts a server. */
export async function startRecordingServer(options: RecordingServerOptions = {}): Promise<RecordingServer> {
  const server = new RecordingServer(options);
  await server.listen(options.port ?? 0, options.credentials ?? credentialsFrom(options.tls));
  return server;
}
