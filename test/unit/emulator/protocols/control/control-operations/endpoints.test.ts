// SPDX-License-Identifier: Apache-2.0
// The emulator's own endpoints over HTTP: what they answer, what they refuse by name, and that they are no calls.

import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "@jest/globals";
import { createLocalJWKSet, jwtVerify } from "jose";
import { openStage, type Stage, TARGET } from "../../../stage.js";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
beforeEach(() => stage.emulator.reset());
afterAll(() => stage.close());

async function ask(method: string, path: string, body?: unknown, contentType = "application/json") {
  const url = `${stage.emulator.url}/emulator/v1/${path}`;
  const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
  const answer = await fetch(url, { method, headers: { "content-type": contentType }, ...sent });
  const text = await answer.text();
  return { status: answer.status, json: text.startsWith("{") ? JSON.parse(text) : text };
}

const refusal = (message: string) => ({
  status: 400,
  json: { error: { code: 400, message, status: "INVALID_ARGUMENT" } },
});

describe("faults", () => {
  it("are set, listed with what is left of them, removed one by one and all at once", async () => {
    const { json } = await ask("POST", "faults", { status: { code: 14 }, times: 3 });
    const second = await ask("POST", "faults", { delayMs: 1 });
    expect((await ask("GET", "faults")).json.faults).toEqual([
      { id: json.id, fault: expect.objectContaining({ times: 3 }), remaining: 3 },
      { id: second.json.id, fault: expect.objectContaining({ delayMs: 1 }) },
    ]);
    expect((await ask("DELETE", `faults/${json.id}`)).status).toBe(200);
    expect((await ask("DELETE", `faults/${json.id}`)).status).toBe(404);
    expect((await ask("DELETE", "faults")).status).toBe(200);
    expect((await ask("GET", "faults")).json).toEqual({ faults: [] });
  });

  it("that are wrong are refused by the field", async () => {
    expect(await ask("POST", "faults", { delay: 1 })).toMatchObject({
      status: 400,
      json: { error: { message: expect.stringMatching(/^fault\.delay is not a field of a fault/) } },
    });
  });
});

test.each(["faults", "clock", "reset"])(
  "%s takes a JSON object and says so, so that no page can send one unasked",
  async (path) => {
    const type = refusal("The content type must be application/json.");
    expect(await ask("POST", path, "{}", "text/plain")).toEqual(type);
    const body = refusal("The body must be a JSON object.");
    for (const wrong of ["", "x", "[]", "5"]) expect(await ask("POST", path, wrong)).toEqual(body);
    if (path === "reset") expect((await ask("POST", path, "{}", "Application/JSON; charset=utf-8")).status).toBe(200);
  },
);

it("the clock goes ahead and tells the time, and a reset puts it back", async () => {
  const { json } = await ask("POST", "clock", { advanceMs: 3_600_000 });
  expect(Date.parse(json.now)).toBeGreaterThan(Date.now() + 3_000_000);
  expect((await ask("POST", "clock", { advanceMs: "1" })).status).toBe(400);
  expect((await ask("POST", "reset", {})).json).toEqual({});
  expect(Date.parse((await ask("POST", "clock", { advanceMs: 0 })).json.now)).toBeLessThan(Date.now() + 60_000);
});

it("calls are listed, and none of these is one", async () => {
  expect((await ask("GET", "calls")).json).toEqual({ calls: [], last: 0 });
  await fetch(`${stage.emulator.url}/v1/projects/-/serviceAccounts/${TARGET}`, {
    headers: { authorization: "Bearer owner" },
  });
  expect((await ask("GET", "calls")).json.calls).toEqual([
    expect.objectContaining({ method: expect.stringContaining("GetServiceAccount") }),
  ]);
});

it("the state is a seed with the accounts that there are", async () => {
  const { json } = await ask("GET", "state");
  expect(json.serviceAccounts.map(({ email }: { email: string }) => email)).toContain(TARGET);
});

describe("the identity provider", () => {
  const provider =
    "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/emulator-pool/providers/emulator-provider";
  const token = (audience: string, subject: string) =>
    ask("GET", `identity-provider/token?${new URLSearchParams({ audience, subject })}`);

  it("signs subject tokens that its published keys verify", async () => {
    const { json: document } = await ask("GET", "identity-provider/.well-known/openid-configuration");
    const keys = await (await fetch(document.jwks_uri)).json();
    const { json } = await token(provider, "robot-1");
    const { payload } = await jwtVerify(json.token, createLocalJWKSet(keys as never)); // as: jose looks at it
    expect(payload).toMatchObject({ iss: document.issuer, sub: "robot-1", aud: `https:${provider}` });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3_600);
    expect((await token(`https:${provider}`, "robot-1")).status).toBe(200);
  });

  it("signs for no other audience, and for no subject that is none", async () => {
    const audience = refusal("audience must be the name of a provider whose tokens the emulator issues.");
    expect(await token("//iam.googleapis.com/x", "robot-1")).toEqual(audience);
    for (const subject of ["", "a b", "x".repeat(128)]) {
      expect(await token(provider, subject)).toEqual(refusal("subject must be 1 to 127 characters."));
    }
  });
});
