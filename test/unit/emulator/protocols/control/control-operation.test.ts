// SPDX-License-Identifier: Apache-2.0
// How endpoints of the control API say that a request is wrong, and whom they want a key of.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openStage, type Stage, TARGET } from "../../stage.js";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const NONE = "x@demo-project.iam.gserviceaccount.com";

async function send(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
  const json = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
  const response = await fetch(`${stage.emulator.url}/emulator/v1/${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...json,
  });
  return (await response.json()) as { error?: { code: number; message: string; status: string } };
}

describe("a request that is wrong", () => {
  test.each<[string, string, unknown, string]>([
    ["POST", "accounts", { email: NONE, colour: "red" }, "colour is not a field of a service account"],
    ["POST", "accounts", { email: 7 }, "email must be an e-mail address, not 7"],
    ["POST", "accounts", {}, "email must be an e-mail address"],
    [
      "PATCH",
      `accounts/${TARGET}`,
      { uniqueId: "1" },
      "uniqueId is not a field of a service account that can be changed",
    ],
    ["PATCH", `accounts/${TARGET}`, [], "The body must be a JSON object."],
    ["PATCH", `accounts/${TARGET}`, "{", "The body must be a JSON object."],
    ["POST", `accounts/${TARGET}/keys`, { bits: 1 }, "bits is not a field of this request"],
    ["POST", "grants", { member: "user:a@b.example" }, "grant.role is missing"],
    [
      "POST",
      "grants",
      { member: "user:a@b.example", role: "roles/viewer", account: TARGET },
      "grant.account is not a field",
    ],
    [
      "POST",
      "grants",
      { member: "user:a@b.example", role: "roles/viewer", project: "demo-project", propagate: 1 },
      "propagate must be a boolean, not 1",
    ],
    ["DELETE", "grants/1?propagate=perhaps", undefined, 'propagate must be a boolean, not "perhaps"'],
    ["DELETE", "grants/one", undefined, 'id must be an integer, not "one"'],
    ["GET", "calls?after=-1", undefined, 'after must be an integer, not "-1"'],
    ["GET", "calls?before=1", undefined, "before is not a parameter of this endpoint; valid names are after, limit"],
    ["GET", "calls?after=1&after=2", undefined, "after must be given once"],
    ["GET", "calls?limit=0", undefined, "limit must be an integer of at least 1, not 0"],
    ["GET", "needed-grants?format=yaml", undefined, "format must be one of json, gcloud, iamcreds, terraform"],
    ["PUT", "enforcement", { enforcement: "off" }, "enforcement must be one of enforce, observe"],
    ["PUT", "state", { version: 1, accounts: [] }, "seed.accounts is not a field of a seed"],
    ["PUT", "state", { version: 1, grants: [{}] }, "seed.grants[0].member is missing"],
    ["POST", "chain:explain", { principal: "owner" }, "serviceAccount is missing"],
    [
      "POST",
      "tokens",
      { principal: "user:a@b.example", lifetime: "1h" },
      "lifetime must be a positive number of seconds",
    ],
    ["POST", "tokens:inspect", { token: "" }, "token must be a non-empty string"],
    ["POST", "tokens:revoke", { tokens: [] }, "tokens is not a field of this request; valid names are token"],
    ["POST", "credentials", { kind: "password", options: {} }, "kind must be the type of a credentials file"],
    [
      "POST",
      "credentials",
      { kind: "service_account", options: { user: "x" } },
      "options.user is not an option of this kind",
    ],
    ["POST", "clock", { advanceMs: "1" }, 'advanceMs must be a non-negative number of milliseconds, not "1"'],
    ["POST", "clock", { advanceMs: -1 }, "advanceMs must be a non-negative number of milliseconds, not -1"],
    ["POST", "reset", { hard: true }, "hard is not a field of this request"],
    ["POST", "faults", { status: { code: "NOPE" } }, "fault.status.code must be"],
    ["GET", "projects/..%2fx/policy", undefined, "owner.project must be a project ID"],
  ])("%s %s %j is told by name", async (method, path, body, message) => {
    const before = JSON.stringify(stage.emulator.exportState());
    const { error } = await send(method, path, body);
    expect(error).toMatchObject({ code: 400, status: "INVALID_ARGUMENT" });
    expect(error?.message).toContain(message);
    expect(JSON.stringify(stage.emulator.exportState())).toBe(before);
  });

  test.each([
    ["PATCH", `accounts/${NONE}`, {}],
    ["DELETE", `accounts/${NONE}`, undefined],
    ["GET", `accounts/${NONE}/policy`, undefined],
    ["GET", `accounts/${NONE}/keys`, undefined],
    ["POST", `accounts/${NONE}/keys`, {}],
    ["DELETE", `accounts/${TARGET}/keys/${"0".repeat(40)}`, undefined],
    ["DELETE", "grants/999", undefined],
    ["DELETE", "faults/999", undefined],
  ])("%s %s of what is not there is NOT_FOUND", async (method, path, body) => {
    expect((await send(method, path, body)).error).toMatchObject({ code: 404, status: "NOT_FOUND" });
  });

  test("that a form of a web page could send is none", async () => {
    const { error } = await send("POST", "accounts", "{}", { "content-type": "text/plain" });
    expect(error?.message).toBe("The content type must be application/json.");
  });
});

describe("where other machines reach the emulator", () => {
  test("what the console does wants its key, in a header or in the query; what programs have used before does not", async () => {
    const emitWarning = process.emitWarning;
    process.emitWarning = () => {}; // that it is exposed
    await using open = await openStage({ host: "0.0.0.0" }).finally(() => {
      process.emitWarning = emitWarning;
    });
    const { emulator } = open;
    const key = new URL(emulator.consoleUrl ?? "").searchParams.get("key") ?? "";
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(emulator.info().features).toContain("key");
    const ask = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
      const response = await fetch(`${emulator.url}/emulator/v1/${path}`, { headers });
      await response.body?.cancel();
      return response.status;
    };
    expect(
      await Promise.all(["info", "events", "accounts", "needed-grants", "info?key=x"].map((path) => ask(path))),
    ).toEqual([401, 401, 401, 401, 401]);
    expect(await ask("info", { "x-emulator-key": key })).toBe(200);
    expect(await Promise.all([`info?key=${key}`, `events?key=${key}`].map((path) => ask(path)))).toEqual([200, 200]);
    expect(await Promise.all(["calls", "state", "faults"].map((path) => ask(path)))).toEqual([200, 200, 200]);
  });

  test("nobody else has a key to show", () => {
    expect(stage.emulator.consoleUrl).toBe(`${stage.emulator.url}/`);
    expect(stage.emulator.info().features).not.toContain("key");
  });
});
