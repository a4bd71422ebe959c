// SPDX-License-Identifier: Apache-2.0
// A service that is none of ours: its proto, the generator, and no table by hand make a client over gRPC and REST.

import { createServiceClient, rowFromStub } from "../../src/index.js";
import { LibraryServiceNames, LibraryServiceRows as rows } from "../library/generated/library/v1/library.tables.js";
import { BLANK, BOOK, BOOK_JSON, type LibraryServer, startLibrary } from "../support/library-server.js";

const service = { ...LibraryServiceNames, emulatorVariable: "LIBRARY_EMULATOR_HOST" };
const methods = {
  getBook: rowFromStub(rows.getBook, { retry: {} }),
  listBooks: rowFromStub(rows.listBooks),
  updateBook: rowFromStub(rows.updateBook),
  moveBook: rowFromStub(rows.moveBook),
  watchLoans: rowFromStub(rows.watchLoans),
};
const ALT = "%24alt=json%3Benum-encoding%3Dint";
const MOVE = { name: BOOK.name, otherShelf: "archive/7" };

let server: LibraryServer;
beforeAll(async () => {
  server = await startLibrary();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  server.calls.length = 0;
  server.rest.requests.length = 0;
});

function openClient(transport: "grpc" | "rest") {
  const apiEndpoint = transport === "rest" ? server.rest.host : server.grpcHost;
  const credentials = { getRequestMetadata: () => ({ authorization: "Bearer x" }) };
  return createServiceClient(service, methods, { transport, apiEndpoint, insecure: true, credentials });
}

describe.each(["grpc", "rest"] as const)("over %s", (transport) => {
  it("reads every kind of field, and none", async () => {
    await using client = openClient(transport);
    expect(await client.getBook({ name: BOOK.name })).toEqual(BOOK);
    expect(await client.getBook({ name: BLANK.name })).toEqual(BLANK);
  });

  it("lists page by page", async () => {
    await using client = openClient(transport);
    const list = client.listBooks({ parent: "shelves/1", pageSize: 1, pageToken: "", states: [1, 5] });
    expect(await list.toArray()).toEqual([BOOK, BLANK]);
  });

  it("writes", async () => {
    await using client = openClient(transport);
    expect(await client.updateBook({ newBook: BOOK, updateMask: ["longest_loan", "labels"] })).toEqual(BOOK);
    expect(await client.moveBook(MOVE)).toEqual({});
  });
});

it("writes over gRPC what the server reads, with the routing that the proto wants", async () => {
  await using client = openClient("grpc");
  const update = { newBook: BOOK, updateMask: ["longest_loan", "labels"] };
  await client.updateBook(update);
  await client.moveBook(MOVE);
  await client.moveBook({ ...MOVE, otherShelf: "shelves/2" });
  expect(server.calls).toEqual([
    ["updateBook", update, "new_book.name=shelves/1/books/2"],
    ["moveBook", MOVE, "other_shelf=archive/7&shelf=archive/7"],
    ["moveBook", { ...MOVE, otherShelf: "shelves/2" }, "shelf=shelves/1&other_shelf=shelves/2"],
  ]);
});

it("writes over REST the paths, queries and bodies of the proto's rules", async () => {
  await using client = openClient("rest");
  await client.getBook({ name: BLANK.name });
  await client.listBooks({ parent: "shelves/1", pageSize: 1, pageToken: "", states: [1, 5] }).firstPage();
  await client.updateBook({ newBook: BOOK, updateMask: ["longest_loan", "labels"] });
  await client.moveBook(MOVE);
  const { name: _, ...inBody } = BOOK_JSON;
  expect(
    server.rest.requests.map(({ method, url, body }) => [method, url, body === "" ? "" : JSON.parse(body)]),
  ).toEqual([
    ["GET", `/v1/books/3?${ALT}`, ""],
    ["GET", `/v1/shelves/1/books?pageSize=1&states=1&states=5&${ALT}`, ""],
    [
      "PATCH",
      `/v1/shelves/1/books/2?updateMask=longestLoan%2Clabels&${ALT}`,
      { ...inBody, state: 5, pastStates: [1, 5] },
    ],
    ["POST", `/v1/shelves/1/books/2:move?${ALT}`, { otherShelf: "archive/7" }],
  ]);
});

it("refuses a name that no path takes before anything is sent, and a stream over REST", async () => {
  await using client = openClient("rest");
  await expect(client.getBook({ name: "shelf/1" })).rejects.toMatchObject({
    name: "RequestError",
    message: "name: must have the form shelves/*/books/*",
  });
  await expect(client.watchLoans({})[Symbol.asyncIterator]().next()).rejects.toThrow("LibraryService.WatchLoans");
  expect(server.rest.requests).toEqual([]);
});
