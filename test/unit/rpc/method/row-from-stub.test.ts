// SPDX-License-Identifier: Apache-2.0
// From a generated method to a row: its kind, names, time and policy, what its tables add, and the options that are refused.

import { describe, expect, it, test } from "@jest/globals";
import * as methods from "../../../../src/iam-credentials/methods.js";
import { ConfigurationError } from "../../../../src/index.js";
import type { MessageFields, MethodTables, RoutingParameter } from "../../../../src/messages/tables.js";
import { IncompleteReply } from "../../../../src/rpc/method/incomplete-reply.js";
import { type MethodStub, rowFromStub } from "../../../../src/rpc/method/row-from-stub.js";
import { CounterServiceService as stubs } from "../../../streaming/generated/streaming/v1/counter.js";
import { messageOf, optional } from "../../../support/field-types.js";

interface Book {
  readonly name?: string;
  readonly parent?: { readonly pageSize?: number; readonly displayName?: string };
}

const FIELDS: MessageFields = { name: "string" };
const REPLY_FIELDS: MessageFields = { title: optional("string") };

/** A unary method whose messages are objects as they are. */
function stubWith<Tables extends Partial<MethodTables>>(tables: Tables) {
  const stub: MethodStub<Book, { readonly title?: string; readonly books?: readonly string[] }> = {
    path: "/library.v1.Library/GetBook",
    requestStream: false,
    responseStream: false,
    requestSerialize: (message) => Buffer.from(JSON.stringify(message)),
    responseDeserialize: (bytes) => JSON.parse(bytes.toString()),
  };
  return { ...stub, requestStream: false as const, responseStream: false as const, ...tables };
}

/** The routing header's fields of a message, by these parameters. */
function route(routing: readonly RoutingParameter[], message: Book) {
  return rowFromStub(stubWith({ routing })).routing(message);
}

describe("a row of a stub", () => {
  it("takes kind, label and path from it, one attempt and 60 s", () => {
    const row = rowFromStub(stubs.count);
    expect(row).toMatchObject({
      kind: "serverStream",
      label: "CounterService.Count",
      path: "/streaming.v1.CounterService/Count",
      timeoutMs: 60_000,
      retry: { maxAttempts: 1, codes: [] },
    });
    expect(row.decode(row.encode({ to: 3, paddingBytes: 0 }))).toMatchObject({ number: 3 });
    const kinds = [rowFromStub(stubs.double), rowFromStub(stubs.sum), rowFromStub(stubs.doubleEach)];
    expect(kinds.map(({ kind }) => kind)).toEqual(["unary", "clientStream", "bidi"]);
    expect(Object.isFrozen(row)).toBe(true);
  });

  it("has the policy of our own methods with retry: {}", () => {
    expect(rowFromStub(stubs.count, { retry: {} }).retry).toEqual(methods.signJwt.retry);
  });

  it("names a retry option that is wrong", () => {
    expect(() => rowFromStub(stubs.count, { retry: { maxAttempts: 0 } })).toThrow(
      "retry.maxAttempts: must be a positive integer (the first attempt counts), or Infinity",
    );
  });

  test.each([0, -1, Number.NaN, "60"])("takes no timeout of %j", (timeout) => {
    expect(() => rowFromStub(stubs.count, { timeout: timeout as number })).toThrow(
      "timeout: must be a positive number of milliseconds, or Infinity for none",
    );
  });

  it("may live for ever", () => {
    expect(rowFromStub(stubs.count, { timeout: Number.POSITIVE_INFINITY }).timeoutMs).toBe(Number.POSITIVE_INFINITY);
  });

  it("checks requests and forms responses with the fields of its tables, or leaves both as they are", () => {
    const tables = { request: messageOf(FIELDS), reply: messageOf(REPLY_FIELDS), bindings: [] };
    const seen: MessageFields[] = [];
    const row = rowFromStub(stubWith(tables), {
      normalize: (name: string, fields) => {
        seen.push(fields);
        return { name };
      },
      respond: ({ title }, fields) => {
        seen.push(fields);
        return title?.length;
      },
    });
    expect([row.normalize("x"), row.respond({ title: "four" })]).toEqual([{ name: "x" }, 4]);
    expect(seen).toEqual([FIELDS, REPLY_FIELDS]);
    const plain = rowFromStub(stubWith({}));
    const [message, reply] = [{ name: "x" }, { title: "four" }];
    expect([plain.normalize(message), plain.respond(reply)]).toEqual([message, reply]);
  });

  it("finds a reply incomplete that lacks what is required, before it is formed", () => {
    const row = rowFromStub(stubWith({}), { required: ["title"], respond: ({ title }) => title?.length });
    expect(row.respond({ title: "four" })).toBe(4);
    expect(() => row.respond({ title: "" })).toThrow(new IncompleteReply("the response has no title"));
    expect(() => row.respond({})).toThrow(IncompleteReply);
  });

  it("goes over HTTP with bindings and both tables, and not otherwise", () => {
    const bindings = [{ verb: "get", template: "/v1/{name=books/*}", body: undefined }] as const;
    const [request, reply] = [messageOf(FIELDS), messageOf(REPLY_FIELDS)];
    const httpOf = (tables: Partial<MethodTables>) => rowFromStub(stubWith(tables)).http;
    expect(httpOf({ bindings, request, reply })).toEqual({ bindings, request: FIELDS, reply: REPLY_FIELDS });
    for (const tables of [{ bindings, request }, { bindings, reply }, { bindings: [], request, reply }, {}]) {
      expect(httpOf(tables)).toBeUndefined();
    }
  });

  it("gives the items of a page where its table names their field", () => {
    const paged = rowFromStub(stubWith({ items: "books" } as const));
    expect(paged.items({ books: ["a"] })).toEqual(["a"]);
    expect(rowFromStub(stubWith({}))).not.toHaveProperty("items");
  });
});

describe("the routing header", () => {
  test.each<[string, readonly RoutingParameter[], Book, readonly (readonly [string, string])[]]>([
    ["has a field by its path", [{ field: "name" }], { name: "books/1" }, [["name", "books/1"]]],
    [
      "has a field within a message, by the proto's spelling",
      [{ field: "parent.display_name" }],
      { parent: { displayName: "d" } },
      [["parent.display_name", "d"]],
    ],
    ["has numbers as text", [{ field: "parent.page_size" }], { parent: { pageSize: 5 } }, [["parent.page_size", "5"]]],
    ["has an empty value for what is not there", [{ field: "parent.page_size" }], {}, [["parent.page_size", ""]]],
    [
      "has a part of a field under the name of its template",
      [{ field: "name", template: "{shelf=shelves/*}/**" }],
      { name: "shelves/1/books/2" },
      [["shelf", "shelves/1"]],
    ],
    [
      "has the whole field where the template has no pattern",
      [{ field: "name", template: "{id}" }],
      { name: "a/b" },
      [["id", "a/b"]],
    ],
    [
      "takes ** for nothing at all, too",
      [{ field: "name", template: "{shelf=shelves/*}/**" }],
      { name: "shelves/1" },
      [["shelf", "shelves/1"]],
    ],
    [
      "has nothing where the template does not match",
      [{ field: "name", template: "{shelf=shelves/*}" }],
      { name: "shelves/1/books/2" },
      [],
    ],
    ["has nothing where the part is empty", [{ field: "name", template: "{id}" }], { name: "" }, []],
    ["takes the signs of a pattern as they are", [{ field: "name", template: "a.b/{id=*}" }], { name: "axb/1" }, []],
    [
      "has the last that matches of two for one key, in its place",
      [
        { field: "name", template: "{id=shelves/*}/**" },
        { field: "name", template: "{id=shelves/*/books/*}" },
        { field: "name", template: "{id=nothing/*}" },
      ],
      { name: "shelves/1/books/2" },
      [["id", "shelves/1/books/2"]],
    ],
  ])("%s", (_, routing, message, header) => {
    expect(route(routing, message)).toEqual(header);
  });

  it("is what the option says, whatever the tables do", () => {
    const row = rowFromStub(stubWith({ routing: [{ field: "name" }] }), { routing: () => [["own", "1"]] });
    expect(row.routing({ name: "x" })).toEqual([["own", "1"]]);
  });
});

test("the option http of former days is an error that names what has its place", () => {
  const options = { http: { verb: "get" } } as object; // as: no option any more
  expect(() => rowFromStub(stubWith({}), options)).toThrow(
    new ConfigurationError(
      "http: is no longer an option; pass rowFromStub the rows that the plugin protoc-gen-service-rows generates from your protos",
    ),
  );
});
