// SPDX-License-Identifier: Apache-2.0
// Lists of pages on a transport that answers from a script: when a page is asked for, with what, and how the loop ends.

import type { ClientOptions } from "../../../src/client/client-options.js";
import { IAMAsyncClient } from "../../../src/iam-admin/client.js";
import { ManualClock } from "../../support/manual-clock.js";
import { rejectionOf, rpcErrorOf } from "../../support/rejection-of.js";
import { requestErrorOf } from "../../support/request-error-of.js";
import { refuse, reply, type Scene, ScriptedTransport, silence } from "../../support/scripted-transport.js";

const PROJECT = "projects/my-project";

/** A page of accounts, of which only the addresses count. */
const page = (emails: readonly string[], nextPageToken = ""): Scene =>
  reply({ accounts: emails.map((email) => ({ email })), nextPageToken });

function open(scenes: readonly Scene[], options: ClientOptions = {}) {
  const transport = new ScriptedTransport(...scenes);
  return { transport, client: new IAMAsyncClient({ transport, clock: new ManualClock(), ...options }) };
}

const tokensOf = ({ calls }: ScriptedTransport) =>
  calls.map(({ message }) => (message as { pageToken: string }).pageToken); // as: every call here has one

it("sends nothing before it is read, and asks for a page when the one before has been read to its end", async () => {
  const { client, transport } = open([page(["a", "b"], "2"), page([], "3"), page(["c"])]);
  const list = client.listServiceAccounts({ name: PROJECT });
  const items = list[Symbol.asyncIterator]();
  expect(transport.calls).toHaveLength(0);
  expect(await items.next()).toMatchObject({ value: { email: "a" } });
  expect(await items.next()).toMatchObject({ value: { email: "b" } });
  expect(tokensOf(transport)).toEqual([""]);
  expect(await items.next()).toMatchObject({ value: { email: "c" } });
  expect(tokensOf(transport)).toEqual(["", "2", "3"]);
  expect(await items.next()).toEqual({ done: true, value: undefined });
  expect(transport.calls).toHaveLength(3);
});

it("gives pages as the service does, with their tokens", async () => {
  const { client } = open([page(["a"], "2"), page([], "3"), page(["b"])]);
  const pages: unknown[] = [];
  for await (const { accounts, nextPageToken } of client.listServiceAccounts({ name: PROJECT }).pages()) {
    pages.push([accounts.length, nextPageToken]);
  }
  expect(pages).toEqual([
    [1, "2"],
    [0, "3"],
    [1, ""],
  ]);
});

it("gives one page alone, and goes on from the token of another", async () => {
  const { client, transport } = open([page(["a"], "2"), page(["b"])]);
  const { nextPageToken: pageToken } = await client.listServiceAccounts({ name: PROJECT, pageSize: 1 }).firstPage();
  const rest = await client.listServiceAccounts({ name: PROJECT, pageSize: 1, pageToken }).toArray();
  expect(rest).toMatchObject([{ email: "b" }]);
  expect(transport.calls.map(({ message }) => message)).toEqual([
    { name: PROJECT, pageSize: 1, pageToken: "" },
    { name: PROJECT, pageSize: 1, pageToken: "2" },
  ]);
});

it("starts anew for each loop", async () => {
  const { client, transport } = open([page(["a"], "2"), page(["b"]), page(["a"])]);
  const list = client.listServiceAccounts({ name: PROJECT });
  expect(await list.toArray()).toHaveLength(2);
  expect(await list.toArray()).toHaveLength(1);
  expect(tokensOf(transport)).toEqual(["", "2", ""]);
});

it("asks for no further page when the loop is left", async () => {
  const { client, transport } = open([page(["a", "b"], "2")]);
  for await (const { email } of client.listServiceAccounts({ name: PROJECT })) if (email === "b") break;
  expect(transport.calls).toHaveLength(1);
});

it("keeps to the request that it was given, whatever becomes of the object", async () => {
  const { client, transport } = open([page(["a"], "2"), page(["b"])]);
  const request = { name: PROJECT };
  const items = client.listServiceAccounts(request)[Symbol.asyncIterator]();
  await items.next();
  request.name = "projects/another";
  await items.next();
  expect(transport.calls.map(({ message }) => (message as typeof request).name)).toEqual([PROJECT, PROJECT]); // as: it has one
});

it("refuses a wrong request at once, before anybody reads", () => {
  const { client } = open([page([])]);
  expect(requestErrorOf(() => client.listServiceAccounts({ name: PROJECT, pageSize: -1 })).message).toBe(
    "pageSize: must be a positive integer",
  );
});

it("ends with the error of the page that fails, after the items before it", async () => {
  const { client } = open([page(["a"], "2"), refuse("PERMISSION_DENIED", "not any more")]);
  const seen: string[] = [];
  const read = async () => {
    for await (const { email } of client.listServiceAccounts({ name: PROJECT })) seen.push(email);
  };
  const error = await rpcErrorOf(read());
  expect([error.code, error.message]).toEqual([7, "IAM.ListServiceAccounts: PERMISSION_DENIED: not any more"]);
  expect(seen).toEqual(["a"]);
});

it("repeats a page by the policy of the method, and the pages before it not", async () => {
  const clock = new ManualClock();
  const scenes = [page(["a"], "2"), refuse("UNAVAILABLE"), page(["b"])];
  const { client, transport } = open(scenes, { clock });
  expect(await clock.drive(client.listServiceAccounts({ name: PROJECT }).toArray())).toHaveLength(2);
  expect(tokensOf(transport)).toEqual(["", "2", "2"]);
});

it("gives each page the whole time of the call, however long the reader takes", async () => {
  const clock = new ManualClock();
  const { client, transport } = open([page(["a"], "2"), page(["b"])], { clock });
  const items = client.listServiceAccounts({ name: PROJECT }, { timeout: 1000, retry: false })[Symbol.asyncIterator]();
  await items.next();
  await clock.advance(5000);
  await items.next();
  expect(transport.calls.map(({ timeoutMs }) => timeoutMs)).toEqual([1000, 1000]);
});

it("ends with the reason of the signal between two items of a page, and sends nothing more", async () => {
  const { client, transport } = open([page(["a", "b"], "2")]);
  const controller = new AbortController();
  const reason = new Error("enough");
  const seen: string[] = [];
  const read = async () => {
    for await (const { email } of client.listServiceAccounts({ name: PROJECT }, { signal: controller.signal })) {
      seen.push(email);
      controller.abort(reason);
    }
  };
  expect(await rejectionOf(read())).toBe(reason);
  expect([seen, transport.calls.length]).toEqual([["a"], 1]);
});

it("ends with the reason of the signal while a page is on its way", async () => {
  const clock = new ManualClock();
  const { client } = open([page(["a"], "2"), silence(clock)], { clock });
  const controller = new AbortController();
  const items = client.listServiceAccounts({ name: PROJECT }, { signal: controller.signal })[Symbol.asyncIterator]();
  await items.next();
  const next = items.next();
  const reason = new Error("enough");
  controller.abort(reason);
  expect(await rejectionOf(next)).toBe(reason);
});

it("does not go round in circles when a page names itself as the next", async () => {
  const { client, transport } = open([page(["a"], "2"), page(["b"], "2")]);
  const error = await rpcErrorOf(client.listServiceAccounts({ name: PROJECT }).toArray());
  expect([error.code, error.message]).toEqual([
    13,
    "IAM.ListServiceAccounts: INTERNAL: the service returned the token of this page as that of the next one, so the list would never end",
  ]);
  expect(transport.calls).toHaveLength(2);
});

it("refuses to go on when the client is closed", async () => {
  const { client } = open([page(["a"], "2")]);
  const items = client.listServiceAccounts({ name: PROJECT })[Symbol.asyncIterator]();
  await items.next();
  await client.close();
  expect(await rejectionOf(items.next())).toMatchObject({
    name: "ClientClosedError",
    message: "IAM.ListServiceAccounts: the client is closed",
  });
});
