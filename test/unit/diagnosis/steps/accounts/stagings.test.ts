// SPDX-License-Identifier: Apache-2.0
// Stagings of grants and accounts: what diagnose must find, which command it must print, and that the command mends it.

import type { DiagnoseOptions } from "../../../../../src/diagnosis/index.js";
import { clockOff } from "../../../../support/clock-off.js";
import {
  add,
  allow,
  byGcloudItself,
  checkStaging,
  isMendedByGcloud,
  LIFETIME_OVER_LIMIT,
  PROJECT,
  readable,
  type Staging,
  sa,
} from "../../../../support/diagnosis-stage.js";
import { byGcloud, hasGcloud } from "../../../../support/gcloud.js";
import { ADMIN, BUILD, DANA, RELEASE, ROBOT, TOKEN_CREATOR } from "../../../../support/grant-stage.js";

const OPEN_ID_CREATOR = "roles/iam.serviceAccountOpenIdTokenCreator";
const PAST = { expression: 'request.time < timestamp("2020-01-01T00:00:00Z")', title: "until 2020" };
const INFO = "type.googleapis.com/google.rpc.ErrorInfo";
const WORKER = `worker@${PROJECT}.iam.gserviceaccount.com`;
const CHAIN: DiagnoseOptions = { delegates: [BUILD, RELEASE] };
const AN_HOUR_LATER = clockOff(3_600_000);

const STAGINGS: Readonly<Record<string, Staging>> = {
  "no role": { stage: () => undefined, causes: ["role-missing"], commands: [add(ROBOT, DANA)] },
  "no role, and the policy may not be read": {
    emulator: { grants: [{ member: ADMIN, role: "roles/iam.serviceAccountAdmin", project: PROJECT }] },
    stage: () => undefined,
    causes: ["role-missing"],
    commands: [add(ROBOT, DANA)],
  },
  "no role for ID tokens": {
    stage: () => undefined,
    ask: { permission: "iam.serviceAccounts.getOpenIdToken" },
    causes: ["role-missing"],
    commands: [add(ROBOT, DANA, OPEN_ID_CREATOR)],
  },
  "the second hop lacks it": {
    stage: (stage) => allow(stage, DANA, BUILD),
    ask: { delegates: [BUILD] },
    causes: ["role-missing"],
    commands: [add(ROBOT, sa(BUILD))],
  },
  "all three hops lack it": {
    stage: () => undefined,
    ask: CHAIN,
    causes: ["role-missing"],
    commands: [add(BUILD, DANA), add(RELEASE, sa(BUILD)), add(ROBOT, sa(RELEASE))],
  },
  "the role User instead": {
    stage: (stage) => allow(stage, DANA, ROBOT, "roles/iam.serviceAccountUser"),
    causes: ["role-insufficient"],
    commands: [add(ROBOT, DANA)],
  },
  "the role Workload Identity User for a signature": {
    stage: (stage) => allow(stage, DANA, ROBOT, "roles/iam.workloadIdentityUser"),
    ask: { permission: "iam.serviceAccounts.signBlob" },
    causes: ["role-insufficient"],
    commands: [add(ROBOT, DANA)],
  },
  "a group has the role": {
    stage: (stage) => stage.admin.addBinding(ROBOT, { role: TOKEN_CREATOR, member: "group:team@example.com" }),
    causes: ["member-misspelled?"],
    commands: [add(ROBOT, DANA)],
  },
  "another kind of member has the role": {
    stage: (stage) => stage.admin.addBinding(ROBOT, { role: TOKEN_CREATOR, member: "group:dana@example.com" }),
    causes: ["member-misspelled?"],
    commands: [add(ROBOT, DANA)],
  },
  "a grant that is not in effect yet": {
    emulator: { ...readable, policyPropagationMs: 3_600_000 },
    stage: (stage) => stage.admin.addBinding(ROBOT, { role: TOKEN_CREATOR, member: DANA }),
    causes: ["grant-not-in-effect"],
    commands: [],
    mend: (stage) => stage.emulator.advanceClock(3_600_000),
    askAgain: { clientOptions: { clock: AN_HOUR_LATER } }, // the emulator's clock is in its answers
  },
  "a condition that does not hold": {
    stage: (stage) => stage.admin.addBinding(ROBOT, { role: TOKEN_CREATOR, member: DANA, condition: PAST }),
    causes: ["condition-not-met"],
    commands: [add(ROBOT, DANA)],
  },
  "an account that was deleted and made again": {
    emulator: { ...readable, serviceAccounts: [ROBOT, WORKER] },
    async stage(stage) {
      await stage.admin.addBinding(ROBOT, { role: TOKEN_CREATOR, member: sa(WORKER) });
      await stage.admin.deleteServiceAccount({ name: WORKER });
      await stage.admin.createServiceAccount({ name: `projects/${PROJECT}`, accountId: "worker" });
      await stage.admin.addBinding(WORKER, { role: TOKEN_CREATOR, member: DANA });
    },
    ask: { delegates: [WORKER] },
    causes: ["binding-stale"],
    commands: [
      /remove-iam-policy-binding robot@.* --member='deleted:serviceAccount:worker@.*[?]uid=\d+' /,
      add(ROBOT, sa(WORKER)),
    ],
  },
  "an account that was deleted, and that a policy remembers": {
    async stage(stage) {
      allow(stage, DANA, BUILD);
      await stage.admin.addBinding(ROBOT, { role: TOKEN_CREATOR, member: sa(BUILD) });
      await stage.admin.deleteServiceAccount({ name: BUILD });
    },
    ask: { delegates: [BUILD] },
    causes: ["account-absent"],
    commands: [/^gcloud iam service-accounts undelete \d+$/],
  },
  "an account that never was": {
    emulator: { ...readable, serviceAccounts: [] },
    stage: () => undefined,
    causes: ["account-absent"],
    commands: [
      "gcloud iam service-accounts undelete UNIQUE_ID",
      `gcloud iam service-accounts create robot --project=${PROJECT}`,
    ],
    run: [],
    mend: (stage) => {
      stage.emulator.addServiceAccount(ROBOT);
      allow(stage, DANA, ROBOT);
    },
  },
  "an account whose name is misspelled": {
    stage: (stage) => allow(stage, DANA, ROBOT),
    ask: { target: ROBOT.replace("robot", "robto") },
    causes: ["account-absent"],
    commands: [`iamcreds diagnose ${ROBOT}`],
    run: [],
    askAgain: {},
  },
  "a target that is disabled": {
    async stage(stage) {
      allow(stage, DANA, ROBOT);
      await stage.admin.disableServiceAccount({ name: ROBOT });
    },
    causes: ["account-disabled"],
    commands: [`gcloud iam service-accounts enable ${ROBOT}`],
  },
  "a delegate that is disabled": {
    async stage(stage) {
      allow(stage, DANA, BUILD);
      allow(stage, sa(BUILD), ROBOT);
      await stage.admin.disableServiceAccount({ name: BUILD });
    },
    ask: { delegates: [BUILD] },
    causes: ["account-disabled"],
    commands: [`gcloud iam service-accounts enable ${BUILD}`],
  },
  "an account that signs by its own token": {
    stage: (stage) => allow(stage, DANA, ROBOT),
    ask: { permission: "iam.serviceAccounts.signBlob", self: true },
    causes: ["self-grant-missing"],
    commands: [add(ROBOT, sa(ROBOT))],
  },
  "something above IAM": {
    stage: (stage) => {
      allow(stage, DANA, ROBOT);
      const details = [
        {
          "@type": INFO,
          reason: "IAM_PERMISSION_DENIED",
          domain: "iam.googleapis.com",
          metadata: { permission: "iam.serviceAccounts.getAccessToken" },
        },
      ];
      stage.emulator.addFault({
        method: "GenerateAccessToken",
        times: 1,
        status: { code: "PERMISSION_DENIED", message: "No.", details },
      });
    },
    causes: ["deny-policy?"],
    commands: [
      `gcloud policy-troubleshoot iam //iam.googleapis.com/projects/-/serviceAccounts/${ROBOT} --permission=iam.serviceAccounts.getAccessToken --principal-email=dana@example.com`,
    ],
    run: [],
  },
  "a lifetime over the limit": LIFETIME_OVER_LIMIT,
};

test.each(Object.entries(STAGINGS))(
  "diagnose finds %s, and nothing else, and what it prints mends it",
  (_name, staging) => checkStaging(staging),
);

test.each(Object.entries(STAGINGS).filter(([, staging]) => isMendedByGcloud(staging)))(
  byGcloud("gcloud itself mends with what is printed: %s"),
  (_name, staging) => (hasGcloud ? checkStaging(staging, byGcloudItself) : Promise.resolve()),
  60_000,
);
