// SPDX-License-Identifier: Apache-2.0
// Shows that the watch over secrets catches each way in which one can come to light, and fails the file in which it does.

import { inspect } from "node:util";
import { CredentialsError, RequestError, RpcError } from "../../src/index.js";
import { PLANTED, plantSecret, takeLeaks } from "../support/secrets.js";
import { isOurs } from "../support/secrets-watch.js";
import { ROOT, runNode } from "./repository.js";

const leaks = (): string[] => takeLeaks(isOurs);

describe("the watch over secrets", () => {
  it("finds a token in the message of an error of ours, once, thrown or not", () => {
    new RpcError({ code: 3, text: `was ${PLANTED.token}`, method: "X.Y", transport: "t" });
    expect(leaks()).toEqual(["the planted token in a RpcError"]);
    expect(leaks()).toEqual([]);
  });

  it("finds a payload deep in the members of an error, as text and as bytes", () => {
    const value = Buffer.from(PLANTED.payload);
    new RpcError({ code: 3, text: "no", method: "X.Y", transport: "t", details: [{ "@type": "t", deep: { value } }] });
    expect(leaks()).toEqual(["the planted payload in a RpcError"]);
  });

  it("finds an assertion at the end of a chain of causes, also in base64", () => {
    const root = new Error(Buffer.from(PLANTED.assertion).toString("base64"));
    new CredentialsError("no token", { cause: new Error("refused", { cause: root }) });
    expect(leaks()).toEqual(["the planted assertion in a CredentialsError"]);
  });

  it("finds one line of a private key", () => {
    const line = PLANTED.privateKeyPem.split("\n")[9];
    new RpcError({ code: 3, text: `cannot parse ${line}`, method: "X.Y", transport: "t" });
    expect(leaks()).toEqual(["the planted private key in a RpcError"]);
  });

  it("finds what a test itself declares a secret: the signature of a JWT is enough", () => {
    const signature = "s".repeat(43);
    plantSecret("a minted token", `aaa.bbb.${signature}`);
    new CredentialsError(`got ${signature}`);
    expect(leaks()).toEqual(["a minted token in a CredentialsError"]);
  });

  it("finds what is logged, written to stderr or warned of", async () => {
    // biome-ignore lint/suspicious/noConsole: this is what must be caught.
    console.error("header", { authorization: `Bearer ${PLANTED.token}` });
    expect(leaks()).toEqual(["the planted token in console.error"]);
    process.stderr.write(`${inspect({ payload: PLANTED.payload })}\n`);
    expect(leaks()).toEqual(["the planted payload in stderr"]);
    process.emitWarning(`slow: ${PLANTED.token}`);
    await new Promise((resolve) => setImmediate(resolve));
    expect(leaks()).toEqual(["the planted token in stderr"]);
  });

  it("finds a secret in a plain error that a line of src/ builds, by where its stack begins", () => {
    const error = new Error(`seeded ${PLANTED.token}`);
    expect([isOurs(error), leaks()]).toEqual([false, []]);
    expect(error.stack).toMatch(/^Error: seeded .*\n {4}at .*secrets[.]test[.]ts:/);
    const built = new Error(`seeded ${PLANTED.token}`);
    built.stack = `Error: seeded\n    at load (${ROOT}/src/auth/application-default.ts:1:1)\n    at test.ts:1:1`;
    expect([isOurs(built), leaks()]).toEqual([true, ["the planted token in a Error"]]);
  });

  it("lets clean errors pass, and those that a test makes up itself", () => {
    new RequestError("name", "must be a name");
    new Error(`a foreign error with ${PLANTED.token}`);
    expect(leaks()).toEqual([]);
  });

  it("changes nothing about errors", () => {
    const error = new RequestError("name", "must be a name");
    expect([
      error instanceof Error,
      error.constructor,
      Object.getPrototypeOf(RequestError.prototype.constructor),
    ]).toEqual([true, RequestError, Object.getPrototypeOf(RequestError)]);
    expect(new TypeError("x")).toBeInstanceOf(TypeError);
    expect(() => JSON.parse("{")).toThrow(SyntaxError);
    expect(() => (undefined as unknown as { x: 1 }).x).toThrow(TypeError); // as: made to fail
  });

  it("fails a test file in which a secret comes to light, and names the secret without showing it", async () => {
    const args = [
      "node_modules/jest/bin/jest.js",
      "--testMatch",
      "**/test/gates/seeds/leak.seed.ts",
      "--json",
      "--coverage=false",
    ];
    const { exitCode, stdout, stderr } = await runNode(args);
    const { numPassedTests, numFailedTests } = JSON.parse(stdout);
    expect([exitCode, numPassedTests, numFailedTests]).toEqual([1, 1, 2]);
    expect(stderr).toContain("the planted token in a RpcError");
    expect(stderr).toContain("the planted payload in stderr");
  }, 240_000);
});
