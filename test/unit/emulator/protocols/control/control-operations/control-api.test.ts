// SPDX-License-Identifier: Apache-2.0
// The control API over sockets, against what the methods of the same emulator say; and its table in the documentation.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { Emulator } from "../../../../../../src/emulator/emulator.js";
import { controlRows } from "../../../../../../src/emulator/protocols/control/control-operations.js";
import { EventStreams } from "../../../../../../src/emulator/protocols/control/event-streams.js";
import { identityProviderRows } from "../../../../../../src/emulator/protocols/control/identity-provider.js";
import { openControls, openEmptyWorld } from "../../../empty-world.js";
import { ALICE, nameOf, openStage, type Stage, TARGET, TOKEN_CREATOR } from "../../../stage.js";

const NEW = "new-one@demo-project.iam.gserviceaccount.com";
const SIGN_BLOB = "iam.serviceAccounts.signBlob";
const sign = { name: nameOf(TARGET), delegates: [], payload: Buffer.from("x") };

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ grants: [], policyPropagationMs: 60_000 });
});
afterEach(() => stage.close());

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${stage.emulator.url}/emulator/v1/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  expect(response.headers.get("cache-control")).toBe("no-store");
  const text = await response.text();
  return response.headers.get("content-type")?.startsWith("application/json") ? JSON.parse(text) : text;
}

const told = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("over HTTP", () => {
  test("a denied call tells what is missing, and once that is granted the same call passes", async () => {
    const { client } = stage;
    const { token } = (await ask("POST", "tokens", { principal: ALICE })) as { token: string };
    await client.refusal(rows.signBlob, sign, { token });
    const { calls, last } = (await ask("GET", "calls")) as { calls: { permission: string }[]; last: number };
    const info = (await ask("GET", "info")) as { permissions: Readonly<Record<string, string>> };
    const role = info.permissions[calls[0]?.permission ?? ""];
    const { id } = (await ask("POST", "grants", { member: ALICE, role, serviceAccount: TARGET })) as { id: number };
    await client.call(rows.signBlob, sign, { token });
    expect(await ask("GET", `calls?after=${last}`)).toMatchObject({ calls: [{ id: 2, status: "OK" }], last: 2 });
    expect(await ask("GET", "calls?after=2")).toEqual({ calls: [], last: 2 });
    expect(await ask("DELETE", `grants/${id}`)).toEqual({});
    await client.refusal(rows.signBlob, sign, { token });
    expect(await ask("DELETE", "calls")).toEqual({});
    expect(stage.emulator.calls()).toEqual([]);
  });

  test("accounts and their keys go through all that they can", async () => {
    const { emulator } = stage;
    expect(await ask("POST", "accounts", { email: NEW, displayName: "New" })).toMatchObject({
      email: NEW,
      displayName: "New",
    });
    const { key, credentialsFile } = (await ask("POST", `accounts/${NEW}/keys`, {})) as {
      key: { id: string };
      credentialsFile: { private_key_id: string; private_key: string };
    };
    expect(key).toMatchObject({ id: credentialsFile.private_key_id, type: "USER_MANAGED" });
    expect(credentialsFile.private_key).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    expect(await ask("GET", `accounts/${NEW}/keys`)).toEqual({ keys: told(await emulator.serviceAccountKeys(NEW)) });
    expect(await ask("PATCH", `accounts/${NEW}/keys/${key.id}`, { disabled: true })).toMatchObject({ disabled: true });
    expect(await ask("DELETE", `accounts/${NEW}/keys/${key.id}`)).toEqual({});
    expect(await ask("PATCH", `accounts/${NEW}`, { disabled: true })).toMatchObject({ disabled: true });
    expect(await ask("DELETE", `accounts/${NEW}`)).toEqual({});
    expect(await ask("GET", "accounts")).toEqual({ accounts: told(emulator.accounts()) });
    expect(emulator.accounts().at(-1)).toMatchObject({ email: NEW, deleted: true });
    expect(await ask("PATCH", `accounts/${NEW}`, { deleted: false })).toMatchObject({ deleted: false, disabled: true });
  });

  test("policies are those of the emulator, with a grant's time", async () => {
    const { emulator } = stage;
    const condition = { expression: 'resource.type == "x"', title: "x" };
    const grant = { member: ALICE, role: TOKEN_CREATOR, condition, propagate: true };
    const { id } = (await ask("POST", "grants", { ...grant, serviceAccount: TARGET })) as { id: number };
    await ask("POST", "grants", { ...grant, project: "demo-project" });
    const policy = told(emulator.policy({ serviceAccount: TARGET }));
    expect(policy).toMatchObject({
      bindings: [{ id, condition, inEffectAt: expect.any(String) }, { from: "project" }],
    });
    expect(await ask("GET", `accounts/${TARGET}/policy`)).toEqual(policy);
    expect(await ask("GET", "projects/demo-project/policy")).toEqual(
      told(emulator.policy({ project: "demo-project" })),
    );
    expect(await ask("DELETE", `grants/${id}?propagate=true`)).toEqual({});
    expect(emulator.policy({ serviceAccount: TARGET }).bindings).toHaveLength(1);
  });

  test("a chain is explained, and what was needed is told in each form", async () => {
    const { client, emulator } = stage;
    const chain = { principal: ALICE, serviceAccount: TARGET, permission: SIGN_BLOB };
    expect(await ask("POST", "chain:explain", chain)).toEqual({
      decision: [{ from: ALICE, to: TARGET, permission: SIGN_BLOB, outcome: "denied" }],
    });
    expect(await ask("PUT", "enforcement", { enforcement: "observe" })).toEqual({ enforcement: "observe" });
    await client.call(rows.signBlob, sign, { token: await emulator.accessToken(ALICE) });
    expect(await ask("GET", "calls")).toMatchObject({ calls: [{ observed: true, permission: SIGN_BLOB }] });
    expect(await ask("GET", "needed-grants")).toEqual({ grants: told(emulator.neededGrants()) });
    for (const format of ["gcloud", "iamcreds", "terraform"] as const) {
      expect(await ask("GET", `needed-grants?format=${format}`)).toBe(emulator.neededGrants(format));
      expect(emulator.neededGrants(format)).toContain(TARGET);
    }
  });

  test("tokens are made, inspected and revoked, and credentials files given", async () => {
    const { emulator } = stage;
    const { token } = (await ask("POST", "tokens", { principal: ALICE, lifetime: 60 })) as { token: string };
    expect(await ask("POST", "tokens:inspect", { token })).toEqual(told(await emulator.inspectToken(token)));
    expect(await ask("POST", "tokens:revoke", { token })).toEqual({});
    expect(await ask("POST", "tokens:inspect", { token })).toMatchObject({ revoked: true, valid: false });
    const file = { kind: "authorized_user", options: { user: "dana@example.com" } };
    expect(await ask("POST", "credentials", file)).toMatchObject({ type: "authorized_user" });
  });

  test("state, faults and the clock are set and told", async () => {
    const { emulator } = stage;
    const state = { version: 1, serviceAccounts: [{ email: NEW, displayName: "‮<img onerror>" }] };
    expect(await ask("PUT", "state", state)).toEqual({});
    expect(await ask("GET", "state")).toEqual(told(emulator.exportState()));
    expect(emulator.accounts()).toMatchObject([{ email: NEW, displayName: "‮<img onerror>" }]);
    const { id } = (await ask("POST", "faults", { delayMs: 1, times: 2 })) as { id: number };
    expect(await ask("GET", "faults")).toEqual({ faults: told(emulator.faults()) });
    expect(await ask("DELETE", `faults/${id}`)).toEqual({});
    const before = emulator.info().now;
    const { now } = (await ask("POST", "clock", { advanceMs: 3_600_000 })) as { now: string };
    expect(Date.parse(now) - before.getTime()).toBeGreaterThanOrEqual(3_600_000);
    expect(await ask("POST", "reset", {})).toEqual({});
    expect(emulator.accounts()).toHaveLength(3);
  });
});

describe("the table of the documentation", () => {
  const page = readFileSync(join(__dirname, "../../../../../../docs/emulator-control.md"), "utf8");
  const world = openEmptyWorld();
  const streams = new EventStreams(world.events, world.work);
  const routes = [...controlRows({ ...openControls(world), streams }), ...identityProviderRows(world)].map(
    ([method, path]) => `${method} ${path.slice("/emulator/v1/".length).replace(/=\*+\}/g, "}")}`,
  );

  test("has each endpoint of the control API, and none besides", () => {
    const listed = [...page.matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) [^`\s]+)`/g)].map(([, route]) => route);
    expect([...new Set(listed)].sort()).toEqual([...routes].sort());
  });

  test("names methods that an emulator has", () => {
    const table = page.split("\n").filter((line) => /^\| `(GET|POST|PUT|PATCH|DELETE) /.test(line));
    const methods = table.map((line) => /^\| `[^`]+` \| `(\w+)\(/.exec(line)?.[1] ?? line);
    expect(methods.filter((name) => typeof Reflect.get(Emulator.prototype, name) !== "function")).toEqual([]);
    expect(methods).toHaveLength(routes.length - 3); // those of the identity provider are no methods
  });

  test("marks what wants the key where other machines reach the emulator", async () => {
    const marked = page
      .split("\n")
      .flatMap((line) => /^\| `(\w+ [^`]+)` .*\| (key|) ?\|$/.exec(line)?.slice(1, 3).join(" ") ?? []);
    const keyed = controlRows({ ...openControls(world), keyOf: () => "k", streams });
    const wanted = await Promise.all(
      keyed.map(async ([method, path, operation]) => {
        const request = { headers: {}, query: new URLSearchParams() } as never; // what is looked at
        const isOpen = await operation.identify(request, { delegates: [] }).then(
          () => true,
          () => false,
        );
        return `${method} ${path.slice("/emulator/v1/".length).replace(/=\*+\}/g, "}")} ${isOpen ? "" : "key"}`;
      }),
    );
    expect(marked.sort()).toEqual(wanted.sort());
  });
});
