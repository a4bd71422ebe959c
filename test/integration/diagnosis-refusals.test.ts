// SPDX-License-Identifier: Apache-2.0
// Stagings of what the service refuses for other reasons than grants: project, scope, quota, token, form, and what is above IAM.

import { allow, checkStaging, LIFETIME_OVER_LIMIT, readable, type Staging } from "../support/diagnosis-stage.js";
import { BUILD, DANA, type GrantStage, ROBOT } from "../support/grant-stage.js";

type Code = "PERMISSION_DENIED" | "UNAUTHENTICATED" | "RESOURCE_EXHAUSTED";
const INFO = "type.googleapis.com/google.rpc.ErrorInfo";

/** Dana has every grant, and the credentials API refuses all the same, until it is mended. */
function refused(code: Code, reason: string, rest: Omit<Staging, "stage"> & { readonly metadata?: object }): Staging {
  let remove: () => void = () => undefined;
  const { metadata = {}, ...staging } = rest;
  return {
    run: [],
    mend: () => remove(),
    ...staging,
    stage(stage: GrantStage) {
      allow(stage, DANA, ROBOT);
      const details = [{ "@type": INFO, reason, domain: "googleapis.com", metadata }];
      remove = stage.emulator.addFault({ method: "GenerateAccessToken", status: { code, message: "No.", details } });
    },
  };
}

const API = "iamcredentials.googleapis.com";
const LOGIN = "gcloud auth application-default login";

const STAGINGS: Readonly<Record<string, Staging>> = {
  "the API is off": refused("PERMISSION_DENIED", "SERVICE_DISABLED", {
    metadata: { service: API, consumer: "projects/123456" },
    causes: ["api-disabled"],
    commands: [`gcloud services enable ${API} --project=123456`],
  }),
  "gcloud's own project pays": refused("PERMISSION_DENIED", "SERVICE_DISABLED", {
    metadata: { service: API, consumer: "projects/764086051850" },
    causes: ["quota-project-missing"],
    commands: ["gcloud auth application-default set-quota-project PROJECT"],
  }),
  "the quota project may not be used": refused("PERMISSION_DENIED", "USER_PROJECT_DENIED", {
    metadata: { consumer: "projects/payer" },
    causes: ["quota-project-denied"],
    commands: [
      `gcloud projects add-iam-policy-binding payer --member=${DANA} --role=roles/serviceusage.serviceUsageConsumer --condition=None`,
      "gcloud auth application-default set-quota-project PROJECT",
      "unset GOOGLE_CLOUD_QUOTA_PROJECT",
    ],
  }),
  "the service finds no scope in the token": refused("PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", {
    causes: ["scope-insufficient"],
    commands: [
      "gcloud compute instances set-service-account VM --scopes=cloud-platform",
      `${LOGIN} --scopes=https://www.googleapis.com/auth/cloud-platform`,
    ],
  }),
  "the token has expired": refused("UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED", {
    causes: ["token-expired"],
    commands: [LOGIN],
  }),
  "the token is bound to a certificate": refused("UNAUTHENTICATED", "ACCESS_TOKEN_TYPE_UNSUPPORTED", {
    causes: ["token-bound"],
    commands: [
      "export GOOGLE_API_USE_MTLS_ENDPOINT=always",
      "export GOOGLE_API_PREVENT_AGENT_TOKEN_SHARING_FOR_GCP_SERVICES=false",
    ],
  }),
  "the quota is spent": refused("RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED", {
    metadata: { quota_limit: "GenerateCredentialsPerMinute", quota_limit_value: "60000" },
    causes: ["quota-exhausted"],
    commands: [],
  }),
  "a service perimeter": refused("PERMISSION_DENIED", "SECURITY_POLICY_VIOLATED", {
    metadata: { uid: "AbCd_1234-xyz" },
    causes: ["vpc-service-controls?"],
    commands: ["https://console.cloud.google.com/security/service-perimeter/troubleshoot?uniqueId=AbCd_1234-xyz"],
  }),
  "a restriction of the organization": refused("PERMISSION_DENIED", "LOCATION_POLICY_VIOLATED", {
    causes: ["organization-restricted?"],
    commands: [],
  }),
  "something that no policy shows": refused("PERMISSION_DENIED", "IAM_PERMISSION_DENIED", {
    metadata: { permission: "iam.serviceAccounts.getAccessToken" },
    causes: ["deny-policy?"],
    commands: [
      `gcloud policy-troubleshoot iam //iam.googleapis.com/projects/-/serviceAccounts/${ROBOT} --permission=iam.serviceAccounts.getAccessToken --principal-email=dana@example.com`,
    ],
  }),
  "a lifetime over the limit": LIFETIME_OVER_LIMIT,
  "quotes around the account": {
    stage: (stage) => allow(stage, DANA, ROBOT),
    ask: { target: `'${ROBOT}'` },
    causes: ["request-malformed"],
    commands: [`iamcreds diagnose ${ROBOT}`],
    askAgain: {},
  },
  "the prefix of a member": {
    stage: (stage) => allow(stage, DANA, ROBOT),
    ask: { target: `serviceAccount:${ROBOT}` },
    causes: ["request-malformed"],
    commands: [`iamcreds diagnose ${ROBOT}`],
    askAgain: {},
  },
  "a user in an account's place": {
    stage: (stage) => allow(stage, DANA, ROBOT),
    ask: { target: "dana@example.com" },
    causes: ["request-malformed"],
    commands: [],
    askAgain: {},
  },
  "a scope that is the URL of a service": {
    stage: (stage) => allow(stage, DANA, ROBOT),
    ask: { scopes: ["https://svc-x.run.app"] },
    causes: ["request-malformed"],
    commands: [],
    askAgain: {},
  },
  "a delegate that is none": {
    stage: (stage) => allow(stage, DANA, ROBOT),
    ask: { delegates: ["build"] },
    causes: ["request-malformed"],
    commands: [],
    askAgain: {},
  },
  "a token for another API": {
    emulator: readable,
    stage: (stage) => allow(stage, DANA, ROBOT),
    async prepare(stage) {
      const { accessToken } = await tokenFor(stage);
      return { caller: `serviceAccount:${BUILD}`, clientOptions: { credentials: bearer(accessToken) } };
    },
    causes: ["scope-insufficient"],
    commands: [
      "gcloud compute instances set-service-account VM --scopes=cloud-platform",
      `${LOGIN} --scopes=https://www.googleapis.com/auth/cloud-platform`,
    ],
    run: [],
    askAgain: {},
  },
  "a token that is none": {
    stage: (stage) => allow(stage, DANA, ROBOT),
    ask: { clientOptions: { credentials: bearer("not-a-token") } },
    causes: ["token-refused"],
    commands: [LOGIN],
    run: [],
    askAgain: {},
  },
};

function bearer(token: string) {
  return { getRequestMetadata: () => ({ authorization: `Bearer ${token}` }) };
}

async function tokenFor(stage: GrantStage) {
  allow(stage, DANA, BUILD);
  const { IAMCredentialsAsyncClient } = await import("../../src/index.js");
  await using client = new IAMCredentialsAsyncClient(stage.emulator.clientOptions(DANA));
  const scope = ["https://www.googleapis.com/auth/devstorage.read_only"];
  return client.generateAccessToken({ name: BUILD, scope });
}

test.each(Object.entries(STAGINGS))(
  "diagnose finds what is wrong and nothing else, and when it is mended all is well: %s",
  (_name, staging) => checkStaging(staging),
);
