// SPDX-License-Identifier: Apache-2.0
// The same calls down both transports: requests, metadata and replies are the same.

import { generateKeyPairSync } from "node:crypto";
import {
  type AgreementStage,
  type Call,
  FACES,
  NAME,
  openAgreementStage,
  signJwt,
} from "../../support/agreement-stage.js";

const BYTES = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

describe("both transports", () => {
  let stage: AgreementStage;

  beforeAll(async () => {
    stage = await openAgreementStage();
  });

  afterEach(() => stage.closeClients());

  afterAll(() => stage[Symbol.asyncDispose]());

  test.each<[string, Call, Record<string, unknown>]>([
    [
      "GenerateAccessToken, to the nanosecond",
      (client, options) =>
        client.generateAccessToken(
          { name: NAME, delegates: ["d@p.iam.gserviceaccount.com"], scope: ["s:1", "é"], lifetime: "1.000000001s" },
          options,
        ),
      { accessToken: "t", expireTime: { seconds: "1412262083", nanos: 45_123_456 } },
    ],
    [
      "GenerateAccessToken, with no time set in the reply",
      (client, options) => client.generateAccessToken({ name: NAME, scope: ["s"] }, options),
      { accessToken: "t", expireTime: undefined },
    ],
    [
      "GenerateIdToken",
      (client, options) =>
        client.generateIdToken({ name: NAME, audience: "https://a.example/?b=c&d", includeEmail: true }, options),
      { token: "e.y.J" },
    ],
    [
      "SignBlob, all bytes",
      (client, options) => client.signBlob({ name: NAME, payload: BYTES }, options),
      { keyId: "k", signedBlob: BYTES },
    ],
    [
      "SignJwt, any text",
      (client, options) => client.signJwt({ name: NAME, payload: '{"sub":"\\u0000é😀\\"/"}' }, options),
      { keyId: "k", signedJwt: "😀" },
    ],
  ])("agree on %s", async (_, call, reply) => {
    const { result } = await stage.agree({ reply }, call);
    expect(result).toBeDefined();
    expect(stage.server.calls.rest).toHaveLength(1);
  });

  it("send the same metadata; only the transport's own token differs", async () => {
    const metadata = { "x-own": "a b", "x-bytes-bin": Buffer.from([0xfb, 0xff, 0]), "x-goog-api-client": "mine/1" };
    await stage.agree({ reply: { keyId: "k", signedJwt: "j" } }, signJwt, { metadata });
    const [overGrpc, overRest] = FACES.map((face) => stage.server.calls[face][0]?.headers);
    for (const key of ["authorization", "x-goog-request-params", "x-goog-user-project", "x-own", "x-bytes-bin"]) {
      expect([key, overRest?.[key]]).toEqual([key, overGrpc?.[key]]);
      expect(overRest?.[key]).toBeDefined();
    }
    expect(overRest?.["x-goog-api-client"]).toMatch(/^gl-node\/\S+ rest\/\S+ gax\/\S+ gapic\/\S+ mine\/1$/);
    expect(overGrpc?.["x-goog-api-client"]?.replace(/grpc\/\S+/, "")).toBe(
      overRest?.["x-goog-api-client"]?.replace(/rest\/\S+/, ""),
    );
    expect(overRest?.["content-type"]).toBe("application/json");
  });

  it("honor quota project and scopes alike", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = String(privateKey.export({ type: "pkcs8", format: "pem" }));
    const info = { client_email: "me@p.iam.gserviceaccount.com", private_key: key };
    stage.server.reset(() => ({ reply: { keyId: "k", signedJwt: "j" } }));
    for (const face of FACES) {
      await signJwt(stage.open(face, { credentials: info, scopes: ["scope-1"], quotaProjectId: "ours" }), {});
    }
    const facts = FACES.map((face) => {
      const { authorization = "", "x-goog-user-project": project } = stage.server.calls[face][0]?.headers ?? {};
      const claims = JSON.parse(Buffer.from(authorization.split(".")[1] ?? "", "base64url").toString());
      return [project, claims.scope, claims.iss];
    });
    expect(facts).toEqual([
      ["ours", "scope-1", info.client_email],
      ["ours", "scope-1", info.client_email],
    ]);
  });
});
