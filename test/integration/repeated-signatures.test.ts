// SPDX-License-Identifier: Apache-2.0
// Which failures of signBlob are repeated on the way to a signature, how often, and that the requests which mint say who is charged.

import {
  type ClientOptions,
  ImpersonatedCredentials,
  ImpersonatedIdTokenCredentials,
  Signer,
} from "../../src/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { type HttpStage, startHttpStage } from "../support/http-stage.js";
import { ManualClock } from "../support/manual-clock.js";
import { rejectionOf } from "../support/rejection-of.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const payload = Buffer.from("x");
const SIGNED = { body: { keyId: "k", signedBlob: Buffer.from("signed").toString("base64") } };

let stage: HttpStage;
let clock: ManualClock;
let clientOptions: ClientOptions;
let restore: () => void;

beforeEach(async () => {
  restore = setEnvironment();
  clock = new ManualClock();
  stage = await startHttpStage(() => SIGNED);
  const credentials = { getRequestMetadata: () => ({ authorization: "Bearer caller" }) };
  clientOptions = { apiEndpoint: stage.host, insecure: true, credentials, transport: "rest", clock };
});
afterEach(async () => {
  await stage.close();
  restore();
});

/** Lets delays pass until it is settled. @returns the delays: half of each bound, by the clock's chance */
async function delaysUntil(settled: Promise<unknown>): Promise<number[]> {
  const delays: number[] = [];
  let isSettled = false;
  const note = () => {
    isSettled = true;
  };
  settled.then(note, note);
  for (let turn = 0; turn < 4_000 && !isSettled; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    // Timeouts are longer.
    const [delay] = clock.waits.filter((ms) => ms <= 1_000);
    if (delay === undefined) continue;
    delays.push(delay);
    await clock.advance(delay);
  }
  return delays;
}

function ofSigner() {
  const signer = new Signer({ serviceAccount: ROBOT, clientOptions });
  return { sign: async () => (await signer.sign(payload)).signature, close: () => signer.close() };
}

function ofImpersonated() {
  const robot = new ImpersonatedCredentials({ targetPrincipal: ROBOT, clientOptions });
  return { sign: () => robot.signBytes(payload), close: () => robot.close() };
}

describe.each([
  ["a Signer", ofSigner],
  ["impersonated credentials", ofImpersonated],
])("%s", (_what, make) => {
  test.each([500, 502, 503, 504])("makes three attempts at a signature where HTTP %d is answered", async (status) => {
    const signer = make();
    let failures = 2;
    stage.answer = () => (failures-- > 0 ? { status, body: "no" } : SIGNED);
    const signed = signer.sign();
    expect(await delaysUntil(signed)).toEqual([500, 1_000]);
    expect((await signed).toString()).toBe("signed");
    stage.requests.length = 0;
    failures = 9;
    const refused = rejectionOf(signer.sign());
    await delaysUntil(refused);
    expect(await refused).toMatchObject({ name: "RpcError", attempts: 3 });
    expect(stage.requests).toHaveLength(3);
    await signer.close();
  });

  test.each([400, 403, 404, 429, 501])("makes one attempt where HTTP %d is answered", async (status) => {
    const signer = make();
    stage.answer = () => ({ status, body: "no" });
    const refused = rejectionOf(signer.sign());
    expect(await delaysUntil(refused)).toEqual([]);
    expect(await refused).toMatchObject({ name: "RpcError", attempts: 1 });
    expect(stage.requests).toHaveLength(1);
    await signer.close();
  });
});

test("the request for an ID token is charged to the quota project of its credentials, and without one to nobody", async () => {
  stage.answer = () => ({ status: 403, body: "no" });
  for (const quotaProjectId of ["pay-me", undefined]) {
    const settings = { targetPrincipal: ROBOT, targetAudience: "https://a.example", clientOptions, quotaProjectId };
    const credentials = new ImpersonatedIdTokenCredentials(settings);
    await rejectionOf(credentials.getAccessToken());
    await credentials.close();
  }
  const asked = stage.requests.map(({ path, headers }) => [path.split("?")[0], headers["x-goog-user-project"]]);
  const path = `/v1/projects/-/serviceAccounts/${encodeURIComponent(ROBOT)}:generateIdToken`;
  expect(asked).toEqual([
    [path, "pay-me"],
    [path, undefined],
  ]);
});
