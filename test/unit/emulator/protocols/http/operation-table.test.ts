// SPDX-License-Identifier: Apache-2.0
// Which rows of a table a request finds: those of its path in their order, whatever their templates begin and end with.

import { describe, expect, test } from "@jest/globals";
import { type HttpOperation, httpOperation } from "../../../../../src/emulator/protocols/http/http-operation.js";
import { OperationTable } from "../../../../../src/emulator/protocols/http/operation-table.js";
import { parsePathTemplate } from "../../../../../src/emulator/protocols/http/path-template.js";

function operation(name: string, transport: "http" | "rest" = "http"): HttpOperation {
  return httpOperation({
    name,
    service: "test",
    transport,
    identify: async () => undefined,
    run: async () => ({ code: 200, contentType: "text/plain", body: "" }),
    refuse: () => ({ code: 500, contentType: "text/plain", body: "" }),
  });
}

const TEMPLATES = [
  "/",
  "/token",
  "/v1/token",
  "/v1/{name=projects/*}:sign",
  "/v1/{name=projects/*}",
  "/v1/{rest=**}",
  "/{any=*}/token",
  "/{any=**}",
];
const table = new OperationTable(TEMPLATES.map((template) => ["GET", template, operation(template)]));
const found = (path: string) => table.find("GET", path).map(({ operation: { name } }) => name);

describe("a path finds", () => {
  test.each([
    ["/", ["/", "/{any=**}"]],
    ["/token", ["/token", "/{any=**}"]],
    ["/v1/token", ["/v1/token", "/v1/{rest=**}", "/{any=*}/token", "/{any=**}"]],
    ["/v2/token", ["/{any=*}/token", "/{any=**}"]],
    ["/v1/projects/p", ["/v1/{name=projects/*}", "/v1/{rest=**}", "/{any=**}"]],
    ["/v1/projects/p:sign", ["/v1/{name=projects/*}:sign", "/v1/{rest=**}", "/{any=**}"]],
    ["/v1/projects/p:q:sign", ["/v1/{name=projects/*}:sign", "/v1/{rest=**}", "/{any=**}"]],
    ["/v1/projects/p:", ["/v1/{rest=**}", "/{any=**}"]],
    ["/v1/projects/p:q/r", ["/v1/{rest=**}", "/{any=**}"]],
    ["", []],
    ["*", []],
  ])("%p: %p", (path, names) => {
    expect(found(path)).toEqual(names);
  });

  test("what a linear search of all rows would", () => {
    const pieces = ["", "v1", "projects", "token", "x:sign", "x:", ":", "a%3Ab"];
    for (const one of pieces) {
      for (const two of pieces) {
        for (const three of pieces) {
          const path = `/${one}/${two}/${three}`;
          const each = TEMPLATES.filter((template) => parsePathTemplate(template).match(path) !== undefined);
          expect([path, found(path)]).toEqual([path, each]);
        }
      }
    }
  });
});

describe("a method that the path does not have", () => {
  test("is refused by the path's operation, but finds nothing over REST", async () => {
    const [match] = new OperationTable([["GET", "/token", operation("token")]]).find("POST", "/token");
    expect(match?.operation.name).toBe("token");
    expect(new OperationTable([["GET", "/token", operation("token", "rest")]]).find("POST", "/token")).toEqual([]);
  });
});
