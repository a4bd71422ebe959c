// SPDX-License-Identifier: Apache-2.0
// The test's library as a server would be that knows nothing of our tables: gRPC by grpc-js and the stubs, REST by Node's HTTP server,
// paths and JSON written by hand. Keeps what it hears.

import type { IncomingMessage, ServerResponse } from "node:http";
import { type Metadata, Server, ServerCredentials } from "@grpc/grpc-js";
import {
  type Book,
  type LibraryServiceServer,
  LibraryServiceService,
} from "../library/generated/library/v1/library.js";
import { type RecordingHttpServer, startHttpServer } from "./http-server.js";

/** A book with something in every field. */
export const BOOK: Book = {
  name: "shelves/1/books/2",
  state: 5,
  printedCopies: "9007199254740993",
  coverImage: Buffer.from([0xff, 0xef]),
  boughtAt: { seconds: "63108020", nanos: 21_000_000 },
  longestLoan: { seconds: "1209600", nanos: 500_000_000 },
  chapters: [{ title: "A", chapters: [{ title: "A.1", chapters: [] }] }],
  labels: { language: "de", "": "x" },
  stars: 0,
  subtitle: "",
  catalogEntry: { pages: 12, tags: ["x", null] },
  pastStates: [1, 5],
  reader: undefined,
  libraryNumber: 0,
  extra: undefined,
};

/** The same in JSON, with names of enums. */
export const BOOK_JSON = {
  name: "shelves/1/books/2",
  state: "STATE_LENT",
  printedCopies: "9007199254740993",
  coverImage: "/+8=",
  boughtAt: "1972-01-01T10:00:20.021Z",
  longestLoan: "1209600.500s",
  chapters: [{ title: "A", chapters: [{ title: "A.1" }] }],
  labels: { language: "de", "": "x" },
  stars: 0,
  subtitle: "",
  catalogEntry: { pages: 12, tags: ["x", null] },
  pastStates: ["STATE_THERE", "STATE_LENT"],
  libraryNumber: 0,
} as const;

/** Nothing but a name. */
export const BLANK: Book = {
  name: "books/3",
  state: 0,
  printedCopies: "0",
  coverImage: Buffer.alloc(0),
  boughtAt: undefined,
  longestLoan: undefined,
  chapters: [],
  labels: {},
  stars: undefined,
  subtitle: undefined,
  catalogEntry: undefined,
  pastStates: [],
  reader: undefined,
  libraryNumber: undefined,
  extra: undefined,
};

/** A running library. Made by {@link startLibrary}. */
export class LibraryServer implements AsyncDisposable {
  /** What came over gRPC: method, request and the header for routing. */
  readonly calls: (readonly [method: string, request: object, routing: string])[] = [];

  constructor(
    readonly grpc: Server,
    readonly grpcHost: string,
    readonly rest: RecordingHttpServer,
  ) {}

  /** Ends all of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.grpc.forceShutdown();
    await this.rest[Symbol.asyncDispose]();
  }
}

function answerOverRest({ method, url = "" }: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(url, "http://library");
  const answers: Readonly<Record<string, unknown>> = {
    "GET /v1/shelves/1/books/2": BOOK_JSON,
    "GET /v1/books/3": { name: "books/3" },
    "GET /v1/shelves/1/books":
      searchParams.get("pageToken") === "more"
        ? { books: [{ name: "books/3" }] }
        : { books: [BOOK_JSON], nextPageToken: "more" },
    "PATCH /v1/shelves/1/books/2": BOOK_JSON,
    "POST /v1/shelves/1/books/2:move": {},
  };
  const json = answers[`${method} ${pathname}`];
  const error = { error: { code: 404, status: "NOT_FOUND", message: "No such path." } };
  response.writeHead(json === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify(json ?? error));
}

/** Opens a library with two books. */
export async function startLibrary(): Promise<LibraryServer> {
  const grpc = new Server();
  const rest = await startHttpServer(answerOverRest);
  const heard = (method: string, request: object, metadata: Metadata) => {
    server.calls.push([method, request, String(metadata.get("x-goog-request-params")[0] ?? "")]);
  };
  const handlers: LibraryServiceServer = {
    getBook({ request, metadata }, respond) {
      heard("getBook", request, metadata);
      respond(null, request.name === BLANK.name ? BLANK : BOOK);
    },
    listBooks({ request, metadata }, respond) {
      heard("listBooks", request, metadata);
      const isSecond = request.pageToken === "more";
      respond(null, isSecond ? { books: [BLANK], nextPageToken: "" } : { books: [BOOK], nextPageToken: "more" });
    },
    updateBook({ request, metadata }, respond) {
      heard("updateBook", request, metadata);
      respond(null, BOOK);
    },
    moveBook({ request, metadata }, respond) {
      heard("moveBook", request, metadata);
      respond(null, {});
    },
    watchLoans: (call) => call.end(),
  };
  grpc.addService(LibraryServiceService, handlers);
  const port = await new Promise<number>((resolve, reject) => {
    grpc.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const server = new LibraryServer(grpc, `127.0.0.1:${port}`, rest);
  return server;
}
