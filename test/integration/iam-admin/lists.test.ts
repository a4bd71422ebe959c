// SPDX-License-Identifier: Apache-2.0
// Lists of the admin API that come in pages, against the emulator and over both transports: what is fetched, and when.

import type { IAMAsyncClient, PagedList } from "../../../src/iam-admin/index.js";
import { type AdminStage, CARRIERS, emailOf, openAdminStage, PROJECT } from "../../support/admin-stage.js";
import { rejectionOf, rpcErrorOf } from "../../support/rejection-of.js";

const IDS = ["robot-a", "robot-b", "robot-c", "robot-d", "robot-e"];
const EMAILS = IDS.map(emailOf);
const FULL_NAME = `//cloudresourcemanager.googleapis.com/projects/${PROJECT}`;

let stage: AdminStage;
beforeAll(async () => {
  stage = await openAdminStage({ serviceAccounts: EMAILS });
});
afterAll(() => stage[Symbol.asyncDispose]());

describe.each(CARRIERS)("over %s", (transport) => {
  let client: IAMAsyncClient;
  let before: number;
  beforeAll(() => {
    client = stage.client(transport);
  });
  beforeEach(() => {
    before = stage.emulator.calls().length;
  });

  const fetched = () => stage.emulator.calls().length - before;

  it("fetches a page when its first item is wanted, and none before", async () => {
    const list = client.listServiceAccounts({ name: PROJECT, pageSize: 2 });
    const seen: [email: string, pages: number][] = [];
    expect(fetched()).toBe(0);
    for await (const { email } of list) seen.push([email, fetched()]);
    expect(seen).toEqual(EMAILS.map((email, index) => [email, Math.floor(index / 2) + 1]));
    expect(fetched()).toBe(3);
  });

  it("fetches no more when the loop is left", async () => {
    for await (const { email } of client.listServiceAccounts({ name: PROJECT, pageSize: 2 })) {
      if (email === EMAILS[1]) break;
    }
    expect(fetched()).toBe(1);
  });

  it("goes page by page, and on from a token that was kept", async () => {
    const sizes: number[] = [];
    for await (const page of client.listServiceAccounts({ name: PROJECT, pageSize: 2 }).pages()) {
      sizes.push(page.accounts.length);
      expect(page.nextPageToken === "").toBe(sizes.length === 3);
    }
    expect(sizes).toEqual([2, 2, 1]);
    const { nextPageToken } = await client.listServiceAccounts({ name: PROJECT, pageSize: 4 }).firstPage();
    const rest = client.listServiceAccounts({ name: PROJECT, pageSize: 4, pageToken: nextPageToken });
    expect((await rest.toArray()).map(({ email }) => email)).toEqual(EMAILS.slice(4));
  });

  it("refuses the token of another list as the service does", async () => {
    const { nextPageToken: pageToken } = await client.listServiceAccounts({ name: PROJECT, pageSize: 1 }).firstPage();
    const error = await rpcErrorOf(client.listRoles({ pageToken }).toArray());
    expect([error.code, error.message]).toEqual([
      3,
      "IAM.ListRoles: INVALID_ARGUMENT: Request contains an invalid argument.",
    ]);
  });

  test.each<[string, (client: IAMAsyncClient, pageSize: number) => PagedList<{ readonly name: string }, unknown>]>([
    ["listServiceAccounts", (from, pageSize) => from.listServiceAccounts({ name: PROJECT, pageSize })],
    ["listRoles", (from, pageSize) => from.listRoles({ pageSize })],
    ["queryGrantableRoles", (from, pageSize) => from.queryGrantableRoles({ fullResourceName: FULL_NAME, pageSize })],
    [
      "queryTestablePermissions",
      (from, pageSize) => from.queryTestablePermissions({ fullResourceName: FULL_NAME, pageSize }),
    ],
  ])("%s gives the same items in pages of 3 and of 100", async (_, list) => {
    const names = async (pageSize: number) => (await list(client, pageSize).toArray()).map(({ name }) => name);
    const small = await names(3);
    const pages = fetched();
    expect(pages).toBe(Math.ceil(small.length / 3));
    expect(small.length).toBeGreaterThan(3);
    expect(await names(100)).toEqual(small);
    expect(fetched()).toBe(pages + 1);
  });
});

// On stages of their own: the emulator writes a call down when it ends, and these end whenever it notices that nobody waits.
describe.each(CARRIERS)("cut short over %s", (transport) => {
  it("a list ends with the reason of the signal, within a page and while one is on its way", async () => {
    await using own = await openAdminStage({ serviceAccounts: EMAILS });
    const client = own.client(transport);
    const request = { name: PROJECT, pageSize: 2 };
    const reason = new Error("enough");
    const controller = new AbortController();
    const within = async () => {
      for await (const _ of client.listServiceAccounts(request, { signal: controller.signal }))
        controller.abort(reason);
    };
    expect(await rejectionOf(within())).toBe(reason);
    expect(own.emulator.calls()).toHaveLength(1);

    own.emulator.addFault({ method: "ListServiceAccounts", delayMs: 60_000 });
    const another = new AbortController();
    const items = client.listServiceAccounts(request, { signal: another.signal })[Symbol.asyncIterator]();
    const next = rejectionOf(items.next());
    another.abort(reason);
    expect(await next).toBe(reason);
  });

  it("a list gives each page its own deadline", async () => {
    await using own = await openAdminStage({ serviceAccounts: EMAILS });
    const list = own
      .client(transport)
      .listServiceAccounts({ name: PROJECT, pageSize: 4 }, { timeout: 1500, retry: false });
    const iterator = list[Symbol.asyncIterator]();
    for (let item = 0; item < 4; item++) await iterator.next();
    own.emulator.addFault({ method: "ListServiceAccounts", delayMs: 60_000 });
    const error = await rpcErrorOf(iterator.next());
    expect([error.code, error.message]).toEqual([
      4,
      expect.stringMatching(
        /^IAM\.ListServiceAccounts: DEADLINE_EXCEEDED: the deadline of 1500 ms passed after 1 attempt/,
      ),
    ]);
  });
});
