// SPDX-License-Identifier: Apache-2.0
// Every kind of credentials against the emulator, which says in the end who called.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { GoogleAuth, OAuth2Client } from "google-auth-library";
import {
  type ClientOptions,
  ConfigurationError,
  CredentialsError,
  IAMCredentialsAsyncClient,
  type ServiceAccountInfo,
  type TokenProvider,
} from "../../src/index.js";
import { collect, openCounterClient } from "../support/counter-client.js";
import {
  ALICE,
  CLOUD_PLATFORM,
  type DelegationStage,
  FIRST,
  openDelegationStage,
  SECOND,
} from "../support/delegation-stage.js";
import { answerGrpc, SIGN_BLOB_RESPONSE, startHttp2Server } from "../support/http2-server.js";
import { rejectionOf, rpcErrorOf } from "../support/rejection-of.js";
import { waitUntil } from "../support/wait-until.js";

let stage: DelegationStage;
let folder: string;
let keyFile: string;
let key: ServiceAccountInfo & Record<string, unknown>;

beforeAll(async () => {
  stage = await openDelegationStage();
  folder = mkdtempSync(join(tmpdir(), "credentials-"));
  keyFile = join(folder, "key.json");
  key = { ...(await stage.emulator.createServiceAccountKey(FIRST)) };
  writeFileSync(keyFile, JSON.stringify(key));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stage[Symbol.asyncDispose]();
});

const endpoint = (): ClientOptions => ({ apiEndpoint: stage.emulator.host, insecure: true });
const payload = Buffer.from("x");

/** Who a client is for the emulator: it makes one call that `first` may make. */
async function principalOf(client: IAMCredentialsAsyncClient): Promise<string | undefined> {
  await client.signBlob({ name: SECOND, payload });
  await client.close();
  return stage.emulator.calls().at(-1)?.principal;
}

describe("a call whose token takes time connects meanwhile", () => {
  /** Credentials that answer only when a client has connected. */
  const answeringOnceConnected = (server: { readonly accepted: number }): TokenProvider => ({
    async getRequestMetadata() {
      await waitUntil("the client has connected", () => server.accepted === 1);
      return { authorization: "Bearer x" };
    },
  });

  test.each([false, true])("a unary call, on shared channels: %p", async (sharedChannels) => {
    await using server = await startHttp2Server((stream) => answerGrpc(stream, SIGN_BLOB_RESPONSE));
    const credentials = answeringOnceConnected(server);
    await using client = new IAMCredentialsAsyncClient({
      apiEndpoint: server.host,
      insecure: true,
      transport: "grpc",
      credentials,
      sharedChannels,
    });
    expect((await client.signBlob({ name: FIRST, payload })).keyId).toBe("k");
    expect(server.accepted).toBe(1);
  });

  test("a stream", async () => {
    await using server = await startHttp2Server((stream) => answerGrpc(stream, Buffer.alloc(0)));
    await using client = openCounterClient(server.host, {
      transport: "grpc",
      credentials: answeringOnceConnected(server),
    });
    expect(await collect(client.count({ to: 1, paddingBytes: 0 }))).toHaveLength(1);
    expect(server.accepted).toBe(1);
  });
});

describe("a service-account key calls as its account", () => {
  test.each<[string, () => IAMCredentialsAsyncClient]>([
    ["credentials", () => new IAMCredentialsAsyncClient({ ...endpoint(), credentials: key })],
    ["credentialsFile", () => new IAMCredentialsAsyncClient({ ...endpoint(), credentialsFile: keyFile })],
    ["fromServiceAccountFile", () => IAMCredentialsAsyncClient.fromServiceAccountFile(keyFile, endpoint())],
    ["fromServiceAccountJson", () => IAMCredentialsAsyncClient.fromServiceAccountJson(keyFile, endpoint())],
    ["fromServiceAccountInfo", () => IAMCredentialsAsyncClient.fromServiceAccountInfo(key, endpoint())],
    ["scopes", () => new IAMCredentialsAsyncClient({ ...endpoint(), credentials: key, scopes: [CLOUD_PLATFORM] })],
    [
      "one scope as text",
      () => new IAMCredentialsAsyncClient({ ...endpoint(), credentials: key, scopes: CLOUD_PLATFORM }),
    ],
  ])("by %s", async (_way, make) => {
    expect(await principalOf(make())).toBe(`serviceAccount:${FIRST}`);
  });

  test("and is refused with scopes that do not cover the API", async () => {
    const scopes = ["https://www.googleapis.com/auth/devstorage.read_only"];
    await using client = new IAMCredentialsAsyncClient({ ...endpoint(), credentials: key, scopes });
    const error = await rpcErrorOf(client.signBlob({ name: SECOND, payload }));
    expect(error.message).toMatch(/: PERMISSION_DENIED: Request had insufficient authentication scopes\.$/);
    expect(error).toMatchObject({ code: 7, reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT" });
  });

  test("and is refused with a key that the account does not have", async () => {
    const { private_key } = await stage.emulator.createServiceAccountKey(SECOND);
    await using client = new IAMCredentialsAsyncClient({ ...endpoint(), credentials: { ...key, private_key } });
    const error = await rpcErrorOf(client.signBlob({ name: SECOND, payload }));
    expect(error.message).toMatch(/: UNAUTHENTICATED: Request had invalid authentication credentials\./);
    expect(error.code).toBe(16);
  });

  test("and stands over the option credentials in fromServiceAccountInfo", async () => {
    const options = stage.emulator.clientOptions(ALICE);
    const client = IAMCredentialsAsyncClient.fromServiceAccountInfo(key, options);
    expect(await principalOf(client)).toBe(`serviceAccount:${FIRST}`);
  });

  test("sends the quota project of the file", async () => {
    const credentials = { ...key, quota_project_id: "charged-project" };
    await principalOf(new IAMCredentialsAsyncClient({ ...endpoint(), credentials }));
    expect(stage.emulator.calls().at(-1)?.quotaProject).toBe("charged-project");
  });

  test("cannot be read from a file that is not there", () => {
    const make = () => IAMCredentialsAsyncClient.fromServiceAccountFile(join(folder, "none.json"), endpoint());
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(/^filename: cannot read .*none\.json: it does not exist$/);
  });
});

describe("a client of google-auth-library", () => {
  test("with a token lends it", async () => {
    const credentials = new OAuth2Client();
    credentials.setCredentials({ access_token: await stage.emulator.accessToken(`serviceAccount:${FIRST}`) });
    expect(await principalOf(new IAMCredentialsAsyncClient({ ...endpoint(), credentials }))).toBe(
      `serviceAccount:${FIRST}`,
    );
  });

  test("with a key signs its own JWT for the service's audience", async () => {
    const credentials = new GoogleAuth({ keyFilename: keyFile });
    expect(await principalOf(new IAMCredentialsAsyncClient({ ...endpoint(), credentials }))).toBe(
      `serviceAccount:${FIRST}`,
    );
  });

  test("without a token rejects the call with a CredentialsError and sends nothing", async () => {
    await using client = new IAMCredentialsAsyncClient({ ...endpoint(), credentials: new OAuth2Client() });
    const before = stage.emulator.calls().length;
    const error = await rejectionOf(client.signBlob({ name: SECOND, payload }));
    expect(error).toBeInstanceOf(CredentialsError);
    expect((error as Error).message).toBe(
      // as: the line above has said so
      "could not get a token from the given credentials: No access, refresh token, API key or refresh handler callback is set.",
    );
    expect(stage.emulator.calls()).toHaveLength(before);
  });
});

describe("a TokenProvider of one's own", () => {
  const first = () => stage.emulator.accessToken(`serviceAccount:${FIRST}`);

  test("authorizes calls, at once or as a promise", async () => {
    const authorization = `Bearer ${await first()}`;
    const atOnce: TokenProvider = { getRequestMetadata: () => ({ authorization }) };
    const later: TokenProvider = { getRequestMetadata: async () => ({ authorization }) };
    for (const credentials of [atOnce, later]) {
      expect(await principalOf(new IAMCredentialsAsyncClient({ ...endpoint(), credentials }))).toBe(
        `serviceAccount:${FIRST}`,
      );
    }
  });

  test("is asked again for the next call, so that a renewed token is used", async () => {
    const tokens = [await stage.emulator.accessToken(ALICE), await first()];
    const credentials = { getRequestMetadata: () => ({ authorization: `Bearer ${tokens.shift()}` }) };
    await using client = new IAMCredentialsAsyncClient({ ...endpoint(), credentials });
    await client.signBlob({ name: FIRST, payload });
    await client.signBlob({ name: SECOND, payload });
    const principals = stage.emulator.calls().map((call) => call.principal);
    expect(principals.slice(-2)).toEqual([ALICE, `serviceAccount:${FIRST}`]);
  });

  test("that fails rejects the call with a CredentialsError that keeps the cause", async () => {
    const cause = new Error("the vault is sealed");
    const credentials = { getRequestMetadata: () => Promise.reject(cause) };
    await using client = new IAMCredentialsAsyncClient({ ...endpoint(), credentials });
    const error = await rejectionOf(client.signBlob({ name: SECOND, payload }));
    expect(error).toBeInstanceOf(CredentialsError);
    expect(error).toMatchObject({
      message: "IAMCredentials.SignBlob: could not get a token from the credentials: Error: the vault is sealed",
      cause,
    });
  });

  test("is not asked when the call brings its own authorization", async () => {
    const credentials = { getRequestMetadata: () => Promise.reject(new Error("asked")) };
    await using client = new IAMCredentialsAsyncClient({ ...endpoint(), credentials });
    const metadata = { authorization: `Bearer ${await first()}` };
    await client.signBlob({ name: SECOND, payload }, { metadata });
    expect(stage.emulator.calls().at(-1)).toMatchObject({ principal: `serviceAccount:${FIRST}`, status: "OK" });
  });
});

test("a token does not go over a plain connection to another machine unless that is allowed", () => {
  const options: ClientOptions = { apiEndpoint: "203.0.113.1:443", insecure: true, credentials: key };
  expect(() => new IAMCredentialsAsyncClient(options)).toThrow(
    new ConfigurationError(
      "insecure: a token would be sent to 203.0.113.1:443 over a plain connection; connect with TLS, or set allowInsecureToken: true",
    ),
  );
  expect(() => new IAMCredentialsAsyncClient({ ...options, allowInsecureToken: true })).not.toThrow();
});
