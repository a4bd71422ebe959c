// SPDX-License-Identifier: Apache-2.0
// What is told of an error of Google's auth libraries: what the system said of a file, and nothing that is a secret.

import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { causeWithoutSecrets, describeForeignError } from "../../../../src/base/secrets/foreign-error.js";

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("it did not throw");
}

describe("describeForeignError", () => {
  test("keeps what the system told of a file that is not there, and adds no member that the original lacks", () => {
    const error = errorOf(() => readFileSync("/nowhere/key.json"));
    const { cause } = describeForeignError(error);
    expect(Object.entries(Object(cause))).toEqual([
      ["errno", -2],
      ["code", "ENOENT"],
      ["syscall", "open"],
      ["path", "/nowhere/key.json"],
    ]);
    expect(Object.getOwnPropertyNames(cause).sort()).toEqual(Object.getOwnPropertyNames(error).sort());
  });

  test.each([
    ["contents of a file", '{"type": "service_account", "project_id": "p"}'],
    ["a path with a secret that was sent", "/tmp/open-sesame/key.json"],
  ])("leaves out a path that is %s", (_what, path) => {
    const error = Object.assign(new Error("ENOENT"), { code: "ENOENT", path });
    const { cause } = describeForeignError(error, ["open-sesame"]);
    expect(Object.entries(Object(cause))).toEqual([["code", "ENOENT"]]);
  });

  test("leaves out codes and calls that are no words", () => {
    const error = Object.assign(new Error("no"), { code: "a b", errno: {}, syscall: "open {", config: { token: "t" } });
    expect(Object.keys(Object(describeForeignError(error).cause))).toEqual([]);
  });

  test.each([
    ["The executable returned an invalid response: <html>\nopen-sesame", "The executable returned an invalid response"],
    ["The output file contained an invalid response: open-sesame", "The output file contained an invalid response"],
    [
      "The executable failed with exit code: 3 and error message: open-sesame\n.",
      "The executable failed with exit code: 3",
    ],
    [
      "request to http://h.example/t?open=sesame failed, reason: connect ECONNREFUSED",
      "request to http://h.example/t failed, reason: connect ECONNREFUSED",
    ],
  ])("leaves out what was written where an answer was expected, and the query of a URL: %j", (message, shown) => {
    expect(describeForeignError(new Error(message)).text).toBe(shown);
  });

  test("keeps the name of an error that has one of its own", () => {
    const error = Object.assign(new Error("no"), { name: "GaxiosError" });
    expect(String(describeForeignError(error).cause)).toBe("GaxiosError: no");
  });
});

describe("causeWithoutSecrets", () => {
  test.each([
    ["an error", new TypeError("the disk is gone", { cause: new Error("no power") })],
    ["an error with facts", Object.assign(new Error("no"), { code: "E_NO", path: "/tmp/x", tokenCount: 3 })],
    ["no error", { status: 7 }],
    ["nothing", undefined],
  ])("is %s itself where nothing looks like a secret", (_what, error) => {
    expect(causeWithoutSecrets(error)).toBe(error);
  });

  test.each<[string, object]>([
    ["a header", { config: { headers: { Authorization: "Bearer open-sesame" } } }],
    ["a member by its name", { options: { form: { client_secret: "open-sesame" } } }],
    ["a quoted member", { data: { "refresh-token": "open-sesame" } }],
    ["the body of a request", { body: "grant_type=x&assertion=open-sesame" }],
    ["a cause", { cause: Object.assign(new Error("beneath"), { password: "open-sesame" }) }],
  ])("drops %s, and keeps name, message, code and stack", (_what, members) => {
    const error = Object.assign(new RangeError("it failed"), { code: "E_NO", ...members });
    const cause = causeWithoutSecrets(error);
    expect(cause).toMatchObject({
      name: "RangeError",
      code: "E_NO",
      message: "the response is not in the expected form",
    });
    expect(String((cause as Error).stack)).toContain("foreign-error.test.ts");
    expect(inspect(cause, { depth: 20, showHidden: true })).not.toContain("open-sesame");
  });

  test("drops what cannot be printed", () => {
    const error = Object.assign(new Error("it failed"), {
      [inspect.custom]() {
        throw new Error("not today");
      },
    });
    expect(causeWithoutSecrets(error)).not.toBe(error);
    expect(causeWithoutSecrets(error)).toMatchObject({ message: "it failed" });
  });
});
