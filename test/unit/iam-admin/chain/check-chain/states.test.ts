// SPDX-License-Identifier: Apache-2.0
// What checkChain says of a chain that does not hold, for each reason, and that it says all of it in one answer.

import type { ChainReport } from "../../../../../src/iam-admin/index.js";
import {
  ADMIN,
  BUILD,
  CHAIN,
  DANA,
  openGrantStage,
  RELEASE,
  ROBOT,
  statesOf,
  TOKEN_CREATOR,
} from "../../../../support/grant-stage.js";

const commands = ({ hops }: ChainReport) => hops.map((hop) => hop.commands);
const grant = (account: string, member: string) =>
  `gcloud iam service-accounts add-iam-policy-binding ${account} --member=${member} --role=${TOKEN_CREATOR} --condition=None`;
const DANAS_CHAIN = { ...CHAIN, caller: DANA };
const READER = { member: DANA, role: "roles/viewer", project: "stage-project" };
const INFO = "type.googleapis.com/google.rpc.ErrorInfo";

describe.each(["grpc", "rest"] as const)("over %s", (transport) => {
  test("a disabled target is disabled, not granted, and the command enables it", async () => {
    await using stage = await openGrantStage(transport);
    const dana = stage.client(DANA);
    stage.allow(DANA, ROBOT);
    await stage.admin.disableServiceAccount({ name: ROBOT });
    const report = await dana.checkChain({ caller: DANA, target: ROBOT });
    expect(statesOf(report)).toEqual(["disabled tested"]);
    expect(report.isGranted).toBe(false);
    expect(report.missing).toEqual([]);
    expect(commands(report)).toEqual([[`gcloud iam service-accounts enable ${ROBOT}`]]);
    await stage.admin.enableServiceAccount({ name: ROBOT });
    expect((await dana.checkChain({ target: ROBOT })).isGranted).toBe(true);
  });

  test("a disabled target whose account may not be read is tried, and never granted", async () => {
    const name = "projects/stage-project/roles/minter";
    await using stage = await openGrantStage(transport, {
      roles: [{ name, includedPermissions: ["iam.serviceAccounts.getAccessToken"] }],
    });
    const dana = stage.client(DANA);
    stage.allow(DANA, ROBOT, name);
    expect(statesOf(await dana.checkChain({ target: ROBOT }))).toEqual(["granted tried"]);
    await stage.admin.disableServiceAccount({ name: ROBOT });
    const report = await dana.checkChain({ target: ROBOT });
    expect(statesOf(report)).toEqual(["unknown tried"]);
    expect(report.hops[0]).toMatchObject({ cause: "account-disabled", error: { status: "FAILED_PRECONDITION" } });
  });

  test("a disabled delegate is disabled at its own hop", async () => {
    await using stage = await openGrantStage(transport);
    const dana = stage.client(DANA);
    stage.allow(DANA, BUILD);
    stage.allow(`serviceAccount:${BUILD}`, ROBOT);
    await stage.admin.disableServiceAccount({ name: BUILD });
    const report = await dana.checkChain({ caller: DANA, delegates: [BUILD], target: ROBOT });
    expect(statesOf(report)).toEqual(["disabled tested", "unknown notReached"]);
    expect(commands(report)[0]).toEqual([`gcloud iam service-accounts enable ${BUILD}`]);
  });

  test("a grant that is written and not in effect is that, and no command grants it again", async () => {
    await using stage = await openGrantStage(transport, {
      policyPropagationMs: 3_600_000,
      grants: [READER, { ...READER, member: ADMIN, role: "roles/iam.serviceAccountAdmin" }],
    });
    const dana = stage.client(DANA);
    await stage.admin.addBinding(ROBOT, { role: TOKEN_CREATOR, member: DANA });
    const request = { caller: DANA, target: ROBOT };
    const report = await dana.checkChain(request);
    expect(statesOf(report)).toEqual(["notInEffect read"]);
    expect(report).toMatchObject({
      isGranted: false,
      missing: [],
      hops: [{ cause: "grant-not-in-effect", commands: [] }],
    });
    stage.emulator.advanceClock(3_600_000);
    expect(statesOf(await dana.checkChain(request))).toEqual(["granted tested"]);
  });

  test("all missing grants come in one answer where the policies may be read, and granting them makes the chain whole", async () => {
    await using stage = await openGrantStage(transport, {
      grants: [READER, { ...READER, member: ADMIN, role: "roles/iam.serviceAccountAdmin" }],
    });
    const dana = stage.client(DANA);
    const report = await dana.checkChain(DANAS_CHAIN);
    expect(statesOf(report)).toEqual(["missing tested", "missing read", "missing read"]);
    expect(report.missing.map(({ command }) => command)).toEqual([
      grant(BUILD, DANA),
      grant(RELEASE, `serviceAccount:${BUILD}`),
      grant(ROBOT, `serviceAccount:${RELEASE}`),
    ]);
    for (const { resource, role, member = "" } of report.missing)
      await stage.admin.addBinding(resource, { role, member });
    expect((await dana.checkChain(DANAS_CHAIN)).isGranted).toBe(true);
  });

  test("beyond a missing hop, what is granted is told as well: by policy, or in the name of an account that gives tokens directly", async () => {
    await using stage = await openGrantStage(transport, { grants: [READER] });
    const dana = stage.client(DANA);
    stage.allow(`serviceAccount:${BUILD}`, RELEASE);
    expect(statesOf(await dana.checkChain(DANAS_CHAIN))).toEqual(["missing tested", "granted read", "missing read"]);
    stage.allow(DANA, RELEASE);
    expect(statesOf(await dana.checkChain(DANAS_CHAIN))).toEqual(["missing tested", "granted read", "missing read"]);
    stage.allow(`serviceAccount:${RELEASE}`, ROBOT);
    expect(statesOf(await dana.checkChain(DANAS_CHAIN))).toEqual(["missing tested", "granted read", "granted tested"]);
  });

  test("an account that is absent is told with the commands that bring it back or make it", async () => {
    await using stage = await openGrantStage(transport);
    const dana = stage.client(DANA);
    const report = await dana.checkChain({ target: "ghost@stage-project.iam.gserviceaccount.com" });
    expect(statesOf(report)).toEqual(["absent tried"]);
    expect(commands(report)).toEqual([
      [
        "gcloud iam service-accounts undelete UNIQUE_ID",
        "gcloud iam service-accounts create ghost --project=stage-project",
      ],
    ]);
  });

  test("an account that acts as itself lacks the grant on itself", async () => {
    await using stage = await openGrantStage(transport);
    const report = await stage
      .client(`serviceAccount:${ROBOT}`)
      .checkChain({ caller: `serviceAccount:${ROBOT}`, target: ROBOT, permission: "iam.serviceAccounts.signBlob" });
    expect(report.hops).toMatchObject([{ state: "missing", cause: "self-grant-missing" }]);
    expect(commands(report)).toEqual([[grant(ROBOT, `serviceAccount:${ROBOT}`)]]);
  });

  test.each([
    [
      "api-disabled",
      {
        code: "PERMISSION_DENIED",
        reason: "SERVICE_DISABLED",
        metadata: { service: "iamcredentials.googleapis.com", consumer: "projects/123" },
      },
      ["gcloud services enable iamcredentials.googleapis.com --project=123"],
    ],
    [
      "token-expired",
      { code: "UNAUTHENTICATED", reason: "ACCESS_TOKEN_EXPIRED" },
      ["gcloud auth application-default login"],
    ],
    ["quota-exhausted", { code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMIT_EXCEEDED" }, []],
  ] as const)(
    "what keeps the check itself from an answer is unknown, and named: %s",
    async (cause, { code, ...info }, expected) => {
      await using stage = await openGrantStage(transport);
      const dana = stage.client(DANA);
      const details = [{ "@type": INFO, domain: "googleapis.com", metadata: {}, ...info }];
      stage.emulator.addFault({ principal: DANA, status: { code, message: "No.", details } });
      const report = await dana.checkChain({ caller: DANA, target: ROBOT }, { retry: false });
      expect(statesOf(report)).toEqual(["unknown tried"]);
      expect(report.hops).toMatchObject([{ cause, commands: expected }]);
    },
  );
});
