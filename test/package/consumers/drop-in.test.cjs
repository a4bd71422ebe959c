// SPDX-License-Identifier: Apache-2.0
// A user's Jest in CommonJS, without a transformer: the drop-in itself, and a test that stubs a client as tests of the original do.

const { IAMCredentialsClient, protos, v1 } = require("iam-credentials-client/gapic");
const { startEmulator } = require("iam-credentials-client/emulator");
const dropIn = require("./drop-in.cjs");

test("the drop-in works", async () => {
  expect(await dropIn({ IAMCredentialsClient, protos, startEmulator })).toBe("dropped in");
});

test("an inner call is stubbed", async () => {
  const client = new IAMCredentialsClient({ credentials: { client_email: "bogus", private_key: "bogus" } });
  await client.initialize();
  client.innerApiCalls.signJwt = jest.fn().mockResolvedValue([{ signedJwt: "stubbed" }, null, null]);
  const [{ signedJwt }] = await client.signJwt({ name: "n" });
  expect(signedJwt).toBe("stubbed");
  expect(client.innerApiCalls.signJwt.mock.calls[0][0]).toEqual({ name: "n" });
  await client.close();
});

test("a method is mocked", async () => {
  jest.spyOn(IAMCredentialsClient.prototype, "signBlob").mockResolvedValue([{ keyId: "mocked" }]);
  expect(await new IAMCredentialsClient().signBlob({})).toEqual([{ keyId: "mocked" }]);
});

test("a property is replaced and restored", () => {
  const { google } = protos;
  const replaced = jest.replaceProperty(protos, "google", {});
  expect(require("iam-credentials-client/gapic/protos").google).toEqual({});
  replaced.restore();
  expect(protos.google).toBe(google);
});

test("the client of a version is spied on and restored", () => {
  const spy = jest.spyOn(v1, "IAMCredentialsClient").mockReturnValue({ isStandIn: true });
  expect(new v1.IAMCredentialsClient()).toEqual({ isStandIn: true });
  spy.mockRestore();
  expect(v1.IAMCredentialsClient).toBe(IAMCredentialsClient);
});
