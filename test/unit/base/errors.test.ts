// SPDX-License-Identifier: Apache-2.0
// The classes of errors: what they are called, what they descend from, what they carry.

import { inspect } from "node:util";
import { type RpcErrorInit, recordAttempts } from "../../../src/base/errors.js";
import {
  ClientClosedError,
  ConfigurationError,
  CredentialsError,
  IAMCredentialsError,
  RequestError,
  RpcError,
} from "../../../src/index.js";
import { PLANTED } from "../../support/secrets.js";

const INIT: RpcErrorInit = { code: 7, text: "no", method: "IAMCredentials.SignJwt", transport: "grpc" };
const INFO = {
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason: "IAM_PERMISSION_DENIED",
  domain: "iam.googleapis.com",
  metadata: { permission: "iam.serviceAccounts.signJwt" },
};

test("a wrong value that is a secret is not repeated, whatever was expected in its place", () => {
  const { token, privateKeyPem } = PLANTED;
  for (const value of [token, privateKeyPem, JSON.stringify(privateKeyPem), "https://me:open-sesame@host.example"]) {
    const problem = `must be host, not ${value}`;
    for (const error of [
      new ConfigurationError(problem),
      new RequestError("name", problem),
      new CredentialsError(problem),
    ]) {
      expect(error.message).toMatch(/must be host, not .*\[hidden\]/);
      expect(inspect(error)).not.toMatch(/open-sesame/);
    }
  }
});

test("a wrong value that is long is quoted in part", () => {
  const problem = `must be host, not ${"x y ".repeat(10_000)}`;
  const errors = [new ConfigurationError(problem), new RequestError("name", problem), new CredentialsError(problem)];
  for (const { message } of errors) {
    expect(message).toMatch(/must be host, not x y .*…$/);
    expect(message.length).toBeLessThan(5_000);
  }
});

describe.each([
  ["ConfigurationError", new ConfigurationError("apiEndpoint: must be host")],
  ["RequestError", new RequestError("name", "is missing")],
  ["CredentialsError", new CredentialsError("no token")],
  ["ClientClosedError", new ClientClosedError("closed")],
  ["RpcError", new RpcError(INIT)],
])("%s", (name, error) => {
  test("has its own name, also in its stack", () => {
    expect(error.name).toBe(name);
    expect(error.stack).toMatch(new RegExp(`^${name}: `));
  });

  test("is one of ours and an Error", () => {
    expect(error).toBeInstanceOf(IAMCredentialsError);
    expect(error).toBeInstanceOf(Error);
  });

  test("does not print its name as a property", () => {
    expect(Object.keys(error)).not.toContain("name");
  });
});

test("the base is called IAMCredentialsError", () => {
  expect(new IAMCredentialsError("x").name).toBe("IAMCredentialsError");
});

test("a RequestError puts the field in front of the problem and keeps it", () => {
  const error = new RequestError("delegates[1]", "is missing", { cause: "why" });
  expect(error.message).toBe("delegates[1]: is missing");
  expect(error.field).toBe("delegates[1]");
  expect(error.cause).toBe("why");
});

describe("an RpcError", () => {
  test("reads method, status and the text of the service in one line", () => {
    expect(new RpcError(INIT).message).toBe("IAMCredentials.SignJwt: PERMISSION_DENIED: no");
  });

  test("carries code, status, method and transport", () => {
    expect(new RpcError(INIT)).toMatchObject({
      code: 7,
      status: "PERMISSION_DENIED",
      method: "IAMCredentials.SignJwt",
      transport: "grpc",
    });
  });

  test("keeps the number of a code that is not canonical and calls it UNKNOWN", () => {
    expect(new RpcError({ ...INIT, code: 99 })).toMatchObject({
      code: 99,
      status: "UNKNOWN",
      message: "IAMCredentials.SignJwt: UNKNOWN: no",
    });
  });

  test("has one attempt, no details, no reason, no trailers and no cause where nothing else is said", () => {
    const error = new RpcError(INIT);
    expect(error).toMatchObject({ attempts: 1, details: [], reason: undefined, domain: undefined });
    expect(error.errorMetadata).toBeUndefined();
    expect(error.trailers.size).toBe(0);
    expect("cause" in error).toBe(false);
  });

  test("takes reason, domain and metadata from its ErrorInfo", () => {
    expect(new RpcError({ ...INIT, details: [INFO] })).toMatchObject({
      reason: "IAM_PERMISSION_DENIED",
      domain: "iam.googleapis.com",
      errorMetadata: { permission: "iam.serviceAccounts.signJwt" },
    });
  });

  test("takes them from the last ErrorInfo when there are two, and keeps the details in order", () => {
    const help = { "@type": "type.googleapis.com/google.rpc.Help", links: [] };
    const details = [INFO, { ...INFO, reason: "LATER" }, help];
    const error = new RpcError({ ...INIT, details });
    expect(error.reason).toBe("LATER");
    expect(error.details).toEqual(details);
  });

  test("does not take a type of the same name in another package for an ErrorInfo", () => {
    const foreign = { ...INFO, "@type": "type.googleapis.com/other.google.rpc.ErrorInfo" };
    expect(new RpcError({ ...INIT, details: [foreign] }).reason).toBeUndefined();
  });

  test("keeps its trailers without printing them", () => {
    const trailers = new Map([["x-trace-bin", [Buffer.from("TRAILER")]]]);
    const error = new RpcError({ ...INIT, trailers });
    expect(error.trailers).toBe(trailers);
    expect(inspect(error)).not.toMatch(/x-trace-bin/);
    expect(JSON.stringify(error)).not.toMatch(/x-trace-bin/);
  });

  test("keeps its cause", () => {
    const cause = new Error("beneath");
    expect(new RpcError({ ...INIT, cause }).cause).toBe(cause);
  });

  test("has the recorded number of attempts", () => {
    const error = new RpcError(INIT);
    expect(recordAttempts(error, 3)).toBe(error);
    expect(error.attempts).toBe(3);
  });
});
