// SPDX-License-Identifier: Apache-2.0
// The header x-allowed-locations: when it is looked up, when it is sent, and that no call waits for it.

import { RegionalAccessBoundary } from "../../../../src/auth/tokens/regional-access-boundary.js";
import { openSideClient } from "../../../../src/base/http/side-requests.js";
import { ImpersonatedCredentials } from "../../../../src/index.js";
import { type HttpStage, startHttpStage } from "../../../support/http-stage.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { waitUntil } from "../../../support/wait-until.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const token = { value: "token" };
const HOUR = 3_600_000;

let lookup: HttpStage;
let clock: ManualClock;
let boundary: RegionalAccessBoundary;
const route = () => ({ http: openSideClient({ clock }), url: lookup.url });

beforeEach(async () => {
  lookup = await startHttpStage(() => ({ body: { locations: ["us-central1"], encodedLocations: "0xA30" } }));
  clock = new ManualClock();
  boundary = new RegionalAccessBoundary({ clock, route, account: () => ROBOT });
});
afterEach(() => lookup.close());

const answered = (count: number) => waitUntil(`${count} lookups`, () => lookup.requests.length === count);
const known = (value: string) => waitUntil(`the header ${value}`, () => boundary.headerFor(token) === value);

test("is looked up in the background with the token itself, once, and sent from then on", async () => {
  expect(boundary.headerFor(token)).toBeUndefined();
  expect(boundary.headerFor(token)).toBeUndefined();
  await known("0xA30");
  expect(lookup.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    [`/v1/projects/-/serviceAccounts/${encodeURIComponent(ROBOT)}/allowedLocations`, "Bearer token"],
  ]);
});

test("is looked up again after six hours, and the old one is sent meanwhile", async () => {
  boundary.headerFor(token);
  await known("0xA30");
  lookup.answer = () => ({ body: { locations: [], encodedLocations: "0x0" } });
  await clock.advance(6 * HOUR);
  expect(boundary.headerFor(token)).toBe("0xA30");
  await known(""); // no restriction
  expect(lookup.requests).toHaveLength(2);
});

test("a lookup that fails sends nothing, and is tried again after half a minute, then a minute, by the clock's chance", async () => {
  lookup.answer = () => ({ status: 404, body: "no" });
  const isAskedAt = async (ms: number, count: number) => {
    await clock.advance(ms);
    boundary.headerFor(token);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([ms, lookup.requests.length]).toEqual([ms, count]);
  };
  boundary.headerFor(token);
  await answered(1);
  await waitUntil("the failure is noted", () => clock.waits.length === 0);
  await isAskedAt(29_999, 1);
  await isAskedAt(1, 2);
  await waitUntil("the failure is noted", () => clock.waits.length === 0);
  await isAskedAt(59_999, 2);
  await isAskedAt(1, 3);
});

test("a value that no header can carry is not sent, since it would fail every call", async () => {
  lookup.answer = () => ({ body: { encodedLocations: "0x\n" } });
  boundary.headerFor(token);
  await answered(1);
  await waitUntil("the failure is noted", () => clock.waits.length === 0);
  expect(boundary.headerFor(token)).toBeUndefined();
});

test("a lookup that is never answered keeps no call waiting and no process alive", async () => {
  lookup.answer = () => undefined;
  boundary.headerFor(token);
  await answered(1);
  expect(boundary.headerFor(token)).toBeUndefined();
  expect(clock.keepsAlive).toBe(false);
  await clock.advance(60_000);
});

test("nothing is looked up as long as the account is not known", async () => {
  const unknown = new RegionalAccessBoundary({ clock, route, account: () => undefined });
  expect(unknown.headerFor(token)).toBeUndefined();
  expect(lookup.requests).toEqual([]);
});

describe("impersonated credentials", () => {
  test("send it when it is asked for, never in the lookup, and not in another universe", async () => {
    const options = { apiEndpoint: lookup.host, insecure: true, credentials: { getRequestMetadata: () => ({}) } };
    const answers = { unary: async () => ({ accessToken: "token", expireTime: { seconds: "1", nanos: 0 } }) };
    const transport = { kind: "own", host: lookup.host, close: async () => undefined, ...answers };
    const build = (more: object) =>
      new ImpersonatedCredentials({
        // as: the transport answers every call alike
        clientOptions: { ...options, transport: () => transport as never, ...more },
        targetPrincipal: ROBOT,
        regionalAccessBoundary: true,
        clock,
      });
    const robot = build({});
    const header = async () => (await robot.getRequestHeaders()).get("x-allowed-locations");
    expect(await header()).toBeNull();
    await answered(1);
    let sent = await header();
    for (let tries = 0; sent === null && tries < 100; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      sent = await header();
    }
    expect(sent).toBe("0xA30");
    expect(lookup.requests[0]?.headers["x-allowed-locations"]).toBeUndefined();
    const elsewhere = build({ universeDomain: "example.com", checkUniverseDomain: false });
    await elsewhere.getRequestHeaders();
    const off = new ImpersonatedCredentials({ client: robot.client, targetPrincipal: ROBOT, clock });
    await off.getRequestHeaders();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(lookup.requests).toHaveLength(1);
  });
});
