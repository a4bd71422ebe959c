// SPDX-License-Identifier: Apache-2.0
// Every operation of every protocol is on one road: a fault that refuses a call strikes before anything is done.

import { request } from "node:http";
import { describe, expect, test } from "@jest/globals";
import type { EmulatorFault } from "../../../../src/emulator/index.js";
import { controlRows } from "../../../../src/emulator/protocols/control/control-operations.js";
import { EventStreams } from "../../../../src/emulator/protocols/control/event-streams.js";
import { identityProviderRows } from "../../../../src/emulator/protocols/control/identity-provider.js";
import type { OperationRow } from "../../../../src/emulator/protocols/http/operation-table.js";
import { parsePathTemplate } from "../../../../src/emulator/protocols/http/path-template.js";
import { publicKeyRows } from "../../../../src/emulator/protocols/keys/published-keys.js";
import { metadataRows } from "../../../../src/emulator/protocols/metadata/metadata-operations.js";
import { oauthRows } from "../../../../src/emulator/protocols/oauth/oauth-operations.js";
import { restRows } from "../../../../src/emulator/protocols/rest/rest-operations.js";
import { openRoutes } from "../../../../src/emulator/protocols/rest/rest-routes.js";
import { services } from "../../../../src/emulator/services/services.js";
import { BareClient, type Row } from "../bare-client.js";
import { openControls, openEmptyWorld } from "../empty-world.js";
import { type ExampleRequest, type OpenWorld, openExampleWorld } from "./operation-examples.js";

const empty = { ...openEmptyWorld(), reset() {} };

// Each operation once, by its first method and path.
function listOperations(rows: readonly OperationRow[]): readonly OperationRow[] {
  const names = rows.map(([, , { name }]) => name);
  return rows.filter(([, , { name }], index) => names.indexOf(name) === index);
}

const overHttp = listOperations([
  ...publicKeyRows(empty),
  ...oauthRows(empty),
  ...metadataRows(empty),
  ...identityProviderRows(empty),
  ...controlRows({ ...openControls(empty), streams: new EventStreams(empty.events, empty.work) }),
]).map(([methods, , { name }]) => ({ name, method: methods.split("|")[0] ?? "", key: [name] as const }));

const overRest = restRows(empty).map(([method, path, { fullName = "" }]) => {
  return { name: fullName, method, key: [fullName, `${method} ${path}`] as const };
});

// fetch sets the header `host` itself.
function send({ host }: OpenWorld, method: string, { path, body = "", headers = {} }: ExampleRequest): Promise<number> {
  const [address = "", port = ""] = host.split(":");
  const isForm = typeof body !== "string";
  const type = isForm ? { "content-type": "application/x-www-form-urlencoded" } : {};
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: address, port, method, path, headers: { ...type, ...headers } }, (response) => {
      const end = () => resolve(response.statusCode ?? 0);
      // The stream of events does not end by itself.
      const isEndless = response.headers["content-type"] === "text/event-stream";
      if (isEndless) response.destroy().once("close", end);
      else response.resume().once("end", end);
    });
    outgoing.once("error", reject).end(String(body));
  });
}

const refusals: readonly Partial<EmulatorFault>[] = [
  { status: { code: "UNAVAILABLE", message: "Busy." } },
  { connection: "reset" },
];

describe("what a fault refuses over HTTP changes nothing, and without the fault it is done", () => {
  test.each([...overHttp, ...overRest])("$method $name", async ({ name, method, key }) => {
    await using open = await openExampleWorld();
    if (name === "emulator.removeFault") open.world.faults.add({ delayMs: 0, method: "nothing" });
    const example = await open.example(...key);
    const before = open.snapshot();
    const set = open.world.faults.list().map(({ id }) => id);
    for (const refusal of refusals) {
      open.world.faults.add({ ...refusal, method: name, times: 1 });
      const code = await send(open, method, example).catch(() => "cut");
      expect(code).toBe(refusal.status === undefined ? "cut" : 503);
      expect(open.world.faults.list().map((each) => each.id)).toEqual(set);
      expect(open.snapshot()).toEqual(before);
    }
    expect(await send(open, method, example)).toBe(200);
  });
});

describe("what a fault refuses over gRPC changes nothing, and without the fault it is done", () => {
  const methods = services.flatMap((service) =>
    service.methods.map((bound) => [bound.identity.method, bound] as const),
  );
  test.each(methods)("%s", async (fullName, { row }) => {
    await using open = await openExampleWorld();
    const route = openRoutes().find(({ bound }) => bound.identity.method === fullName);
    if (route === undefined) throw new Error("every method has a path over REST");
    const example = await open.example(fullName, `${route.verb} ${route.path}`);
    const [path = ""] = example.path.split("?");
    const message = route.read(
      {
        body: String(example.body ?? ""),
        variables: parsePathTemplate(route.path).match(path) ?? new Map(),
        query: [],
      },
      { fields: undefined } as never, // nothing else is read of them here
    );
    const client = new BareClient(open.host);
    const call = () => client.call(row as unknown as Row<unknown, unknown>, message, { token: "owner" }); // a generated row
    const before = open.snapshot();
    for (const refusal of refusals) {
      open.world.faults.add({ ...refusal, method: fullName, times: 1 });
      await expect(call()).rejects.toMatchObject({ code: 14 });
      expect(open.world.faults.list()).toEqual([]);
      expect(open.snapshot()).toEqual(before);
    }
    await call();
    client.close();
  });
});
