// SPDX-License-Identifier: Apache-2.0
// The server that a side of the differential test talks to, over gRPC (plain and TLS) and HTTP: it answers as its script says and keeps
// what it hears byte for byte. Knows no message.

import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { protos } from "@google-cloud/iam-credentials";
import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";

const SERVICE = "/google.iam.credentials.v1.IAMCredentials/";
const METHODS = ["GenerateAccessToken", "GenerateIdToken", "SignBlob", "SignJwt"];

/** A number that two sides may have slightly different: a time that was left on arrival. */
export class Roughly {
  constructor(readonly value: number) {}
}

/** What came with one attempt. */
export interface Heard {
  readonly path: string;
  readonly request: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The time that the caller gave it; over HTTP there is none to see. */
  readonly timeoutMs?: Roughly | "none";
  isCancelled: boolean;
  /** Whether it was answered. */
  isAnswered: boolean;
}

/** How one attempt is answered. */
export type Answer =
  | "ok"
  | "never"
  | { readonly bytes: string }
  | {
      readonly code: number;
      readonly details?: string;
      readonly metadata?: Readonly<Record<string, string | Buffer>>;
      readonly afterMs?: number;
    }
  | { readonly status: number; readonly body: string; readonly type?: string };

// Each method's answer, as bytes and as JSON. Written by hand, so that no codec of either side has a say.
const CANNED: Readonly<Record<string, { readonly hex: string; readonly json: object }>> = {
  GenerateAccessToken: {
    hex: "0a0474682d741a080880b1ef86071007",
    json: { accessToken: "th-t", expireTime: "2030-01-01T00:00:00.000000007Z" },
  },
  GenerateIdToken: { hex: "0a0569642d746b", json: { token: "id-tk" } },
  SignBlob: { hex: "0a036b2d31220400ff8041", json: { keyId: "k-1", signedBlob: "AP+AQQ==" } },
  SignJwt: { hex: "0a036b2d321205612e622e63", json: { keyId: "k-2", signedJwt: "a.b.c" } },
};

/** A running peer. Made by {@link startPeer}. */
export class Peer {
  readonly #grpc = new Server({ "grpc.max_receive_message_length": -1 });
  readonly #http: HttpServer;
  readonly #sockets = new Set<{ destroy(): void }>();
  #script: Answer[] = [];
  #last: Answer = "ok";
  /** All attempts since the last {@link play}. */
  heard: Heard[] = [];
  /** Ports: gRPC without and with TLS, and HTTP. */
  readonly ports = { plain: 0, tls: 0, http: 0 };

  constructor() {
    for (const method of METHODS) {
      const identity = (bytes: Buffer) => bytes;
      this.#grpc.register(
        SERVICE + method,
        (call: ServerUnaryCall<Buffer, Buffer>, send: sendUnaryData<Buffer>) => this.#respond(method, call, send),
        identity,
        identity,
        "unary",
      );
    }
    this.#http = createServer((request, response) => this.#respondOverHttp(request, response));
    this.#http.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** Opens the ports. @param identity the server's key and certificate for TLS */
  async listen(identity: { readonly privateKey: string; readonly certificate: string }): Promise<void> {
    const pair = { private_key: Buffer.from(identity.privateKey), cert_chain: Buffer.from(identity.certificate) };
    this.ports.plain = await this.#bind(ServerCredentials.createInsecure());
    this.ports.tls = await this.#bind(ServerCredentials.createSsl(null, [pair]));
    await new Promise<void>((resolve) => this.#http.listen(0, "127.0.0.1", resolve));
    this.ports.http = (this.#http.address() as AddressInfo).port; // as: it listens on a port, not on a path
  }

  #bind(credentials: ServerCredentials): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#grpc.bindAsync("127.0.0.1:0", credentials, (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  /** Sets what is answered to the next attempts, and what to all after them; forgets what was heard. */
  play(script: readonly Answer[], last: Answer = "ok"): void {
    this.#script = [...script];
    this.#last = last;
    this.heard = [];
  }

  /** Waits until whoever was not answered has left, but not for long. */
  async settle(): Promise<void> {
    const isLeft = () => this.heard.every(({ isAnswered, isCancelled }) => isAnswered || isCancelled);
    for (let waits = 0; waits < 40 && !isLeft(); waits++) await sleep(10);
  }

  /** Ends all connections and ports. */
  kill(): void {
    this.#grpc.forceShutdown();
    this.#http.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #respond(method: string, call: ServerUnaryCall<Buffer, Buffer>, send: sendUnaryData<Buffer>): void {
    const leftMs = Number(call.getDeadline()) - Date.now();
    const heard: Heard = {
      path: call.getPath(),
      request: meaningOf(method, call.request),
      headers: headersOf(call.metadata),
      timeoutMs: Number.isFinite(leftMs) ? new Roughly(leftMs) : "none",
      isCancelled: false,
      isAnswered: false,
    };
    this.heard.push(heard);
    call.on("cancelled", () => {
      heard.isCancelled = !heard.isAnswered;
    });
    const answer = this.#script.shift() ?? this.#last;
    if (answer === "never") return;
    heard.isAnswered = true;
    if (answer === "ok") send(null, Buffer.from(CANNED[method]?.hex ?? "", "hex"));
    else if ("bytes" in answer) send(null, Buffer.from(answer.bytes, "hex"));
    else if ("code" in answer) {
      const { code, details = "as the script says", metadata = {}, afterMs = 0 } = answer;
      const trailers = new Metadata();
      for (const [key, value] of Object.entries(metadata)) trailers.set(key, value);
      const refuse = () => send({ code, details, metadata: trailers });
      if (afterMs > 0) setTimeout(refuse, afterMs);
      else refuse();
    } else send({ code: 2, details: "the script of this call is for HTTP" });
  }

  #respondOverHttp(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { host: _host, connection: _connection, "accept-encoding": _encoding, ...headers } = request.headers;
      const { pathname, searchParams } = new URL(request.url ?? "", "http://peer");
      const query = [...searchParams].map(([key, value]) => `${key}=${value}`).sort();
      const path = [request.method, pathname, ...query].join(" ");
      const heard: Heard = {
        path,
        request: Buffer.concat(chunks).toString(),
        headers,
        isCancelled: false,
        isAnswered: false,
      };
      this.heard.push(heard);
      response.once("close", () => {
        heard.isCancelled = !response.writableFinished;
      });
      const answer = this.#script.shift() ?? this.#last;
      if (answer === "never") return;
      heard.isAnswered = true;
      const method = /:(\w)(\w*)/.exec(request.url ?? "");
      const canned = CANNED[`${method?.[1]?.toUpperCase()}${method?.[2]}`]?.json ?? {};
      const { status, body, type } =
        typeof answer === "object" && "status" in answer
          ? { type: "application/json", ...answer }
          : { status: 200, body: JSON.stringify(canned), type: "application/json" };
      response.writeHead(status, { "content-type": type }).end(body);
    });
  }
}

/** A request without what proto3 cannot tell from nothing: fields that are set to their default. */
function meaningOf(method: string, bytes: Buffer): object {
  // as: each of the four has a message class of this name
  const message = protos.google.iam.credentials.v1[`${method}Request` as "SignBlobRequest"];
  try {
    return withoutDefaults(message.toObject(message.decode(bytes), { longs: String }));
  } catch (error) {
    return { unreadable: bytes.toString("hex"), error };
  }
}

function withoutDefaults(value: object): object {
  const isDefault = (each: unknown) =>
    [0, "0", "", false].includes(each as string) || Reflect.get(Object(each), "length") === 0; // as: any of them
  const kept = Object.entries(value).filter(([, each]) => !isDefault(each));
  return Object.fromEntries(kept.map(([key, each]) => [key, key === "lifetime" ? withoutDefaults(each) : each]));
}

function headersOf(metadata: Metadata): Record<string, unknown> {
  const names = Object.keys(metadata.getMap());
  return Object.fromEntries(names.map((name) => [name, metadata.get(name)]));
}

/** Starts a peer. */
export async function startPeer(identity: {
  readonly privateKey: string;
  readonly certificate: string;
}): Promise<Peer> {
  const peer = new Peer();
  await peer.listen(identity);
  return peer;
}
