// SPDX-License-Identifier: Apache-2.0
// ID tokens of a machine's service account, against a metadata server and the emulator.

import { ComputeEngineIdTokenCredentials, ConfigurationError } from "../../../src/index.js";
import { startHttpStage } from "../../support/http-stage.js";
import { idToken, MACHINE, type MachineStage, OTHER, openMachineStage } from "../../support/machine-stage.js";
import { rejectionOf } from "../../support/rejection-of.js";

let stage: MachineStage;
beforeEach(async () => {
  stage = await openMachineStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

describe("ComputeEngineIdTokenCredentials", () => {
  const AUDIENCE = "https://my-service.example/?a=b&c=d#e";
  const claimsOf = (token = "") => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());

  test("in the metadata server's mode ask the configured account, the audience encoded", async () => {
    const credentials = new ComputeEngineIdTokenCredentials({
      targetAudience: AUDIENCE,
      serviceAccountEmail: OTHER,
      useMetadataIdentityEndpoint: true,
    });
    await credentials.refresh();
    expect(claimsOf(credentials.token)).toMatchObject({ aud: AUDIENCE, email: OTHER, format: "full" });
    expect(stage.metadata.requests[0]?.headers["x-goog-api-client"]).toMatch(/ auth-request-type\/it cred-type\/mds$/);
    expect(credentials.signer).toBeUndefined();
    const error = await rejectionOf(credentials.signBytes(Buffer.from("x")));
    expect(error).toEqual(new ConfigurationError("signer: is not available if the metadata identity endpoint is used"));
    const other = credentials.withTargetAudience("https://other.example");
    expect((await other.getAccessToken()).token).not.toBe(credentials.token);
    expect(claimsOf(other.token).aud).toBe("https://other.example");
  });

  test("what only signing needs is refused in that mode, by name", () => {
    const build = () =>
      new ComputeEngineIdTokenCredentials({
        targetAudience: AUDIENCE,
        useMetadataIdentityEndpoint: true,
        tokenUri: "https://tokens.example",
        additionalClaims: {},
      });
    expect(build).toThrow(
      new ConfigurationError(
        "tokenUri, additionalClaims: must not be set together with useMetadataIdentityEndpoint; the metadata server supports nothing else",
      ),
    );
  });

  test("a signer that cannot sign is refused at once", () => {
    const signer = { signBlob: () => undefined };
    expect(() => new ComputeEngineIdTokenCredentials({ targetAudience: AUDIENCE, signer: signer as never })).toThrow(
      new ConfigurationError("signer: must be an object with a method sign, such as a Signer"),
    ); // as: wrong on purpose
  });

  test.each([
    ["exp", new Date(0), "must be whole seconds since 1970, such as Math.floor(Date.now() / 1000), not a Date"],
    ["iat", 1.5, "must be whole seconds since 1970, such as Math.floor(Date.now() / 1000), not a fraction"],
    [
      "nbf",
      Date.UTC(2026, 0),
      "must be whole seconds since 1970, such as Math.floor(Date.now() / 1000), not milliseconds",
    ],
    ["level", Number.NaN, "is NaN or Infinity, which JSON cannot represent"],
    ["level", 7n, "is a bigint, which JSON cannot represent; use a number or a string"],
  ])(
    "a claim %s that JSON or the service does not take (%p) is refused when the credentials are made",
    (claim, wrong, problem) => {
      const build = () =>
        new ComputeEngineIdTokenCredentials({ targetAudience: AUDIENCE, additionalClaims: { [claim]: wrong } });
      expect(build).toThrow(new ConfigurationError(`additionalClaims.${claim}: ${problem}`));
    },
  );

  test("in the signing mode IAM signs an assertion as the account, and the token endpoint takes it", async () => {
    const endpoint = await startHttpStage(({ body }) => {
      const { target_audience: aud } = claimsOf(new URLSearchParams(body).get("assertion") ?? "");
      return { body: { id_token: idToken({ aud }) } };
    });
    const credentials = new ComputeEngineIdTokenCredentials({
      targetAudience: AUDIENCE,
      tokenUri: `${endpoint.url}/token`,
      additionalClaims: { purpose: "test" },
      clientOptions: { apiEndpoint: stage.emulator.host, insecure: true },
    });
    await credentials.refresh();
    expect(claimsOf(credentials.token).aud).toBe(AUDIENCE);
    const assertion = new URLSearchParams(endpoint.requests[0]?.body).get("assertion") ?? "";
    const claims = claimsOf(assertion);
    expect(claims).toEqual({
      iss: MACHINE,
      aud: `${endpoint.url}/token`,
      target_audience: AUDIENCE,
      purpose: "test",
      iat: expect.any(Number),
      exp: claims.iat + 3600,
    });
    expect(stage.emulator.calls().at(-1)).toMatchObject({ method: "SignBlob", principal: `serviceAccount:${MACHINE}` });
    expect(credentials).toMatchObject({ signerEmail: MACHINE, serviceAccountEmail: MACHINE });
    const signature = await credentials.signBytes(Buffer.from(assertion.slice(0, assertion.lastIndexOf("."))));
    expect(signature.toString("base64url")).toBe(assertion.split(".")[2]);
    expect(credentials.signer).toBeDefined();
    expect(credentials.withTokenUri("https://tokens.example").tokenUri).toBe("https://tokens.example");
    await credentials.close();
    await endpoint.close();
  });

  test("a signer of one's own signs instead of IAM", async () => {
    const endpoint = await startHttpStage(() => ({
      body: { id_token: idToken({ aud: "x" }) },
    }));
    const calls = stage.emulator.calls().length;
    const credentials = new ComputeEngineIdTokenCredentials({
      targetAudience: "x",
      serviceAccountEmail: MACHINE,
      tokenUri: endpoint.url,
      signer: { sign: async () => ({ signature: Buffer.from("own signature"), keyId: "own" }) },
      quotaProjectId: "billed",
    });
    const headers = await credentials.getRequestHeaders();
    expect(headers.get("x-goog-user-project")).toBe("billed");
    const assertion = new URLSearchParams(endpoint.requests[0]?.body).get("assertion") ?? "";
    expect(Buffer.from(assertion.split(".")[2] ?? "", "base64url").toString()).toBe("own signature");
    expect(stage.emulator.calls()).toHaveLength(calls);
    await endpoint.close();
  });
});
