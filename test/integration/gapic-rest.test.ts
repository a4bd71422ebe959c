// SPDX-License-Identifier: Apache-2.0
// The drop-in over REST (`fallback`): retries, timeouts, gRPC codes and decoded details, which the original does not have there.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { AuthClient, GoogleAuth } from "google-auth-library";
import { type ClientOptions, IAMCredentialsClient } from "../../src/gapic/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { rejectionOf } from "../support/rejection-of.js";
import { PLANTED } from "../support/secrets.js";
import { type Outcome, startTwoFacedServer, type TwoFacedServer } from "../support/two-faced-server.js";
import { waitUntil } from "../support/wait-until.js";

const request = { name: "projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com", payload: "{}" };
const SIGNED: Outcome = { reply: { keyId: "k", signedJwt: "j" } };

class PlantedClient extends AuthClient {
  async getAccessToken() {
    return { token: PLANTED.token };
  }
  async getRequestHeaders() {
    return new Headers({ authorization: `Bearer ${PLANTED.token}` });
  }
  async request(): Promise<never> {
    throw new Error("not asked");
  }
}

let server: TwoFacedServer;
let script: (number: number) => Outcome;
let restore: () => void;
const clients: IAMCredentialsClient[] = [];
const headers: Readonly<Record<string, string | undefined>>[] = [];
beforeEach(async () => {
  restore = setEnvironment({ METADATA_SERVER_DETECTION: "none" });
  script = () => SIGNED;
  headers.length = 0;
  server = await startTwoFacedServer((call) => {
    headers.push(call.headers);
    return script(headers.length);
  });
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await server[Symbol.asyncDispose]();
  restore();
});

function clientWith(options: ClientOptions = {}): IAMCredentialsClient {
  const [apiEndpoint = "", port] = server.host("rest").split(":");
  const auth = new GoogleAuth({ authClient: new PlantedClient() });
  const client = new IAMCredentialsClient({
    fallback: true,
    protocol: "http",
    apiEndpoint,
    port: Number(port),
    auth,
    ...options,
  });
  clients.push(client);
  return client;
}

describe("a call with fallback", () => {
  test.each([true, "rest", "proto"] as const)("%s goes over REST with the caller's token", async (fallback) => {
    expect(await clientWith({ fallback }).signJwt(request)).toEqual([{ keyId: "k", signedJwt: "j" }, null, null]);
    expect(headers[0]?.["authorization"]).toBe(`Bearer ${PLANTED.token}`);
    expect(headers[0]?.["x-goog-api-client"]).toMatch(/^gax\/\S+ gapic\/\S+ gl-node\/\S+ rest\//);
  });

  test("is repeated after UNAVAILABLE", async () => {
    script = (number) => (number < 3 ? { code: 14, message: "try again" } : SIGNED);
    expect(await clientWith().signJwt(request)).toHaveLength(3);
    expect(headers).toHaveLength(3);
  });

  test("ends with its timeout", async () => {
    script = () => "silence";
    const ended = rejectionOf(clientWith().signJwt(request, { timeout: 300 }));
    await waitUntil("the request has arrived", () => headers.length === 1);
    expect(await ended).toMatchObject({ code: 4, message: expect.stringContaining("exceeded 300 milliseconds") });
  });

  test("fails with the gRPC code and the details of the service", async () => {
    const info = { reason: "IAM_PERMISSION_DENIED", domain: "iam.googleapis.com", metadata: { permission: "p" } };
    script = () => ({ code: 7, message: "no", details: [["ErrorInfo", info]] });
    expect(await rejectionOf(clientWith().signJwt(request))).toMatchObject({
      code: 7,
      message: "no",
      reason: info.reason,
      domain: info.domain,
      errorInfoMetadata: info.metadata,
      statusDetails: [info],
    });
  });

  test("takes an AuthClient for its credentials, and that one for its auth", async () => {
    const authClient = new PlantedClient();
    const client = clientWith({ auth: undefined as never, authClient }); // as: an option that is not there
    expect(client.auth).toBe(authClient);
    await client.signJwt(request);
    expect(headers[0]?.["authorization"]).toBe(`Bearer ${PLANTED.token}`);
  });

  test("cannot be sent without a name, and says so", async () => {
    expect(await rejectionOf(clientWith().signJwt({}))).toMatchObject({
      code: 3,
      message: "name: must have the form projects/*/serviceAccounts/*",
    });
  });
});
