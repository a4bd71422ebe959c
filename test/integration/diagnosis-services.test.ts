// SPDX-License-Identifier: Apache-2.0
// Stagings of projects: an API that is off, a project that may not be billed, roles on the project, and the organization's policy.

import type { DiagnoseOptions } from "../../src/diagnosis/index.js";
import { ProjectsAsyncClient } from "../../src/resource-manager/index.js";
import { clockOff } from "../support/clock-off.js";
import {
  add,
  allow,
  byGcloudItself,
  causesOf,
  checkStaging,
  diagnoseAsDana,
  isMendedByGcloud,
  PROJECT,
  readable,
  type Staging,
} from "../support/diagnosis-stage.js";
import { byGcloud, hasGcloud } from "../support/gcloud.js";
import { DANA, type GrantStage, openGrantStage, ROBOT, TOKEN_CREATOR } from "../support/grant-stage.js";

const API = "iamcredentials.googleapis.com";
const USER = "roles/iam.serviceAccountUser";
const OWNER = { getRequestMetadata: () => ({ authorization: "Bearer owner" }) };
const AN_HOUR_LATER = clockOff(3_600_000);
const PAYER: DiagnoseOptions = { clientOptions: { quotaProjectId: "payer-project" } };

/** Gives a role on the project over the API, so that it takes its time to come into effect. */
async function allowOnProject({ emulator }: GrantStage, role: string): Promise<void> {
  await using client = new ProjectsAsyncClient({ apiEndpoint: emulator.host, insecure: true, credentials: OWNER });
  await client.addBinding(PROJECT, { member: DANA, role });
}

const STAGINGS: Readonly<Record<string, Staging>> = {
  "the API is off for the project that pays": {
    emulator: { ...readable, disabledServices: [API] },
    stage: (stage) => allow(stage, DANA, ROBOT),
    causes: ["api-disabled"],
    commands: [new RegExp(`^gcloud services enable ${API} --project=\\d+$`)],
  },
  "the API is off for the quota project": {
    emulator: {
      ...readable,
      disabledServices: [`projects/payer-project/services/${API}`],
      projects: [{ id: "payer-project", number: "4242" }],
    },
    stage: (stage) => allow(stage, DANA, ROBOT),
    ask: PAYER,
    causes: ["api-disabled"],
    commands: [new RegExp(`^gcloud services enable ${API} --project=\\d+$`)],
  },
  "the quota project may not be used": {
    emulator: { ...readable, userProjects: "permitted" },
    stage: (stage) => allow(stage, DANA, ROBOT),
    ask: PAYER,
    causes: ["quota-project-denied"],
    commands: [
      `gcloud projects add-iam-policy-binding payer-project --member=${DANA} --role=roles/serviceusage.serviceUsageConsumer --condition=None`,
      "gcloud auth application-default set-quota-project PROJECT",
      "unset GOOGLE_CLOUD_QUOTA_PROJECT",
    ],
    run: [0],
  },
  "the role is on the project, and not in effect yet": {
    emulator: { ...readable, policyPropagationMs: 3_600_000 },
    stage: (stage) => allowOnProject(stage, TOKEN_CREATOR),
    causes: ["grant-not-in-effect"],
    commands: [],
    evidence: [/the project grants roles/, /the project's policy: read/],
    mend: (stage) => stage.emulator.advanceClock(3_600_000),
    askAgain: { clientOptions: { clock: AN_HOUR_LATER } },
  },
  "another role is on the project": {
    stage: (stage) => stage.emulator.addGrant({ member: DANA, role: USER, project: PROJECT }),
    causes: ["role-insufficient"],
    commands: [add(ROBOT, DANA)],
  },
  "a lifetime over the limit that the organization's policy gives to another account": {
    emulator: { ...readable, extendedLifetimeAccounts: [`other@${PROJECT}.iam.gserviceaccount.com`] },
    stage: (stage) => allow(stage, DANA, ROBOT),
    ask: { lifetime: 7200 },
    causes: ["lifetime-too-long"],
    commands: ["gcloud org-policies set-policy POLICY_FILE"],
    evidence: [
      /the policy iam\.allowServiceAccountCredentialLifetimeExtension in stage-project lists other@\S+$/m,
      /POLICY_FILE with the account: \{"name":.*"allowedValues":\["other@[^"]+","robot@[^"]+"\]/,
    ],
    run: [],
    askAgain: { lifetime: 3600 },
  },
  "a lifetime over the limit, and the organization's policy may not be read": {
    emulator: {},
    stage: (stage) => allow(stage, DANA, ROBOT),
    ask: { lifetime: 7200 },
    causes: ["lifetime-too-long"],
    commands: ["gcloud org-policies set-policy POLICY_FILE"],
    evidence: [/could not be read: HTTP 403/],
    run: [],
    askAgain: { lifetime: 3600 },
  },
};

test.each(Object.entries(STAGINGS))(
  "diagnose finds what is wrong in the project and nothing else, and what it prints mends it: %s",
  (_name, staging) => checkStaging(staging),
);

test.each(Object.entries(STAGINGS).filter(([, staging]) => isMendedByGcloud(staging)))(
  byGcloud("gcloud itself mends with what is printed: %s"),
  (_name, staging) => (hasGcloud ? checkStaging(staging, byGcloudItself) : Promise.resolve()),
  60_000,
);

describe("Service Usage is asked where nothing was called", () => {
  const ask = (stage: GrantStage, project: string) =>
    diagnoseAsDana(stage, { target: undefined, clientOptions: { quotaProjectId: project } });
  const stateOf = ({ findings }: Awaited<ReturnType<typeof ask>>) => findings.find(({ id }) => id === "service");

  test("and says on, off, or that it may not be asked", async () => {
    const off = [`projects/payer-project/services/${API}`];
    const viewer = { member: DANA, role: "roles/viewer" };
    await using stage = await openGrantStage("grpc", {
      disabledServices: off,
      grants: ["payer-project", PROJECT].map((project) => ({ ...viewer, project })),
    });
    const disabled = await ask(stage, "payer-project");
    expect(causesOf(disabled)).toEqual(["api-disabled"]);
    expect(stateOf(disabled)?.commands).toMatchObject([
      { command: `gcloud services enable ${API} --project=payer-project` },
    ]);
    expect(stateOf(await ask(stage, PROJECT))).toMatchObject({ state: "ok", source: "Service Usage" });
    expect(stateOf(await ask(stage, "foreign-project"))).toMatchObject({ state: "unknown", cause: undefined });
  });

  test("and not where the service has answered", async () => {
    await using stage = await openGrantStage("grpc", readable);
    allow(stage, DANA, ROBOT);
    await diagnoseAsDana(stage);
    expect(stage.emulator.calls().map(({ method }) => method)).not.toContain("GetService");
  });
});
