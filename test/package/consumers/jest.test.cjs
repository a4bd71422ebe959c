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

test("a copy from before jest.resetModules() loads grpc-js and google-auth-library for itself", async () => {
  jest.resetModules();
  const old = require("iam-credentials-client");
  jest.resetModules();
  const request = { name: "robot@p.iam.gserviceaccount.com", payload: "{}" };
  const grpcJs = { transport: "grpc-js", apiEndpoint: "127.0.0.1:1", insecure: true, apiKey: "k" };
  const credentials = {
    type: "external_account",
    audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: "https://sts.googleapis.com/v1/token",
    credential_source: { file: "no-such-token" },
  };
  for (const [options, itsError] of [
    [grpcJs, old.RpcError],
    [{ credentials }, old.CredentialsError],
  ]) {
    const make = async () => {
      const client = new old.IAMCredentialsAsyncClient(options);
      await client.signJwt(request, { timeout: 5_000, retry: false }).finally(() => client.close());
    };
    await expect(make()).rejects.toBeInstanceOf(itsError);
  }
});

test("names that load on demand are spied on, assigned and restored", async () => {
  jest.resetModules(); // so that none of them has been read
  const door = require("iam-credentials-client");
  const spy = jest.spyOn(door, "verifyIdToken").mockResolvedValue("a stand-in");
  expect(await require("iam-credentials-client").verifyIdToken()).toBe("a stand-in");
  spy.mockRestore();
  expect(() => jest.replaceProperty(door, "verifyIdToken", () => 1)).toThrow("it is a function");
  await expect(door.verifyIdToken("x.y.z", { audience: "a" })).rejects.toBeInstanceOf(door.VerificationError);
  const StandIn = class {};
  const { Verifier } = door;
  door.Verifier = StandIn;
  expect(new (require("iam-credentials-client").Verifier)()).toBeInstanceOf(StandIn);
  door.Verifier = Verifier;
  expect(new door.Verifier()).toBeInstanceOf(Verifier);
});
