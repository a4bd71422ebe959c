// SPDX-License-Identifier: Apache-2.0
// A user's Jest in CommonJS, without a transformer: what tsc left as import() would fail here.

const { startEmulator } = require("iam-credentials-client/emulator");
const client = require("iam-credentials-client");
const loadLibraries = require("./libraries.cjs");
const mintAndVerify = require("./mint-and-verify.cjs");

test("a token is minted and verified", async () => {
  expect(await mintAndVerify({ ...client, startEmulator })).toBe("minted and verified");
});

test("errors are recognized", () => {
  expect(() => new client.IAMCredentialsAsyncClient({ insecure: "yes" })).toThrow(client.ConfigurationError);
});

test("google-auth-library and grpc-js are loaded when they are needed", async () => {
  expect(await loadLibraries()).toBe("4 answered");
});
