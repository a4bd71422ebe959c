// SPDX-License-Identifier: Apache-2.0
// The one port of a session: accepts requests from those who may ask, and passes them to metadata server and token exchange. Knows no
// token.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TokenExchange } from "./exchange-answers.js";
import { type Answer, answerMetadata, isMetadataPath, type MetadataIdentity } from "./metadata-answers.js";
import { type PeerRules, refusalOf } from "./peer-rules.js";

/** What the server serves, and to whom. */
interface SessionServerSettings {
  readonly identity: MetadataIdentity;
  /** Default: there is none, and its paths do not exist. */
  readonly exchange?: TokenExchange | undefined;
  /** Text for `/metrics`. Default: there is no such path. */
  readonly metrics?: (() => string) | undefined;
  readonly rules: PeerRules;
}

/** Where to listen: a port of a host, or a path. */
export type ListenAt = { readonly host: string; readonly port: number } | { readonly path: string };

const MOST_BYTES = 100_000;

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length; // as: no encoding is set
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, method: string, { code, headers, body }: Answer): void {
  response.writeHead(code, { "content-length": Buffer.byteLength(body), ...headers });
  response.end(method === "HEAD" ? undefined : body);
}

const plain = (code: number, text: string): Answer => ({
  code,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body: `${text}\n`,
});

async function answer(settings: SessionServerSettings, request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
  const refusal = refusalOf(request, settings.rules);
  if (refusal !== undefined) return plain(403, refusal);
  const { method = "", headers } = request;
  const url = `http://session${request.url}`;
  if (!URL.canParse(url)) return plain(400, "Bad Request");
  const { pathname: path, searchParams: query } = new URL(url);
  if (path === "/metrics" && settings.metrics !== undefined) return plain(200, settings.metrics().trimEnd());
  if (isMetadataPath(path)) {
    request.resume();
    const hasFlavor = headers["metadata-flavor"] === "Google";
    return answerMetadata(settings.identity, { method, path, query, hasFlavor, signal });
  }
  const body = await readBody(request);
  if (body === undefined) return plain(413, "Content Too Large");
  return (await settings.exchange?.answer({ method, path, headers, body, signal })) ?? plain(404, "Not Found");
}

function handle(settings: SessionServerSettings, request: IncomingMessage, response: ServerResponse): void {
  const gone = new AbortController();
  response.once("close", () => gone.abort(new Error("nobody is waiting for the response any more")));
  answer(settings, request, gone.signal).then(
    (found) => send(response, request.method ?? "", found),
    () =>
      response.headersSent
        ? response.destroy()
        : send(response, request.method ?? "", plain(500, "Internal Server Error")),
  );
}

/** A server that listens. */
export interface SessionServer {
  /** `127.0.0.1:41235`; the path of a socket. */
  readonly host: string;
  /** Stops it, and aborts what is under way. */
  close(): Promise<void>;
}

/** Starts a server. @throws the error of node:net when it can't listen */
export async function startSessionServer(settings: SessionServerSettings, at: ListenAt): Promise<SessionServer> {
  const server: Server = createServer((request, response) => handle(settings, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at, resolve);
  });
  const address = server.address() as AddressInfo | string; // as: it listens
  const host = typeof address === "string" ? address : `${"host" in at ? at.host : ""}:${address.port}`;
  return {
    host,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
