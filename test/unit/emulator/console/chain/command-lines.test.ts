// SPDX-License-Identifier: Apache-2.0
// The commands that the console hands out: for a shell, and never with a token.

import {
  curlCommand,
  gcloudCommand,
  iamcredsCommand,
} from "../../../../../src/emulator/console/chain/command-lines.js";
import { aCall } from "../a-call.js";

const SIGNER = "signer@demo-project.iam.gserviceaccount.com";
const URL = "http://127.0.0.1:8519";
const role = "roles/iam.serviceAccountTokenCreator";

it("gives a role on an account with gcloud and iamcreds", () => {
  const grant = { member: "user:dana@example.com", role, serviceAccount: SIGNER };
  const rest = `iam service-accounts add-iam-policy-binding ${SIGNER} --member=user:dana@example.com --role=${role}`;
  expect(gcloudCommand(grant)).toBe(`gcloud ${rest}`);
  expect(iamcredsCommand(grant)).toBe(`iamcreds ${rest}`);
});

it("gives a role on a project, and quotes what a shell would read otherwise", () => {
  const grant = { member: "user:o'neil$(x)@example.com", role: "roles/browser", project: "demo-project" };
  expect(gcloudCommand(grant)).toBe(
    `gcloud projects add-iam-policy-binding demo-project --member='user:o'\\''neil$(x)@example.com' --role=roles/browser`,
  );
});

it("makes a call again as owner, along its delegates and with its quota project", () => {
  const call = aCall({
    method: "GenerateAccessToken",
    delegates: ["ci@demo-project.iam.gserviceaccount.com"],
    quotaProject: "payer",
  });
  expect(curlCommand(call, URL)).toBe(
    `curl -X POST ${URL}/v1/projects/-/serviceAccounts/${SIGNER}:generateAccessToken -H 'Authorization: Bearer owner' ` +
      `-H 'x-goog-user-project: payer' -H 'Content-Type: application/json' ` +
      `-d '{"scope":["https://www.googleapis.com/auth/cloud-platform"],` +
      `"delegates":["projects/-/serviceAccounts/ci@demo-project.iam.gserviceaccount.com"]}'`,
  );
});

it("has no curl command for what it does not know how to ask again", () => {
  expect(curlCommand(aCall({ method: "oauth2.token" }), URL)).toBeUndefined();
  const { serviceAccount: _, ...nobody } = aCall();
  expect(curlCommand(nobody, URL)).toBeUndefined();
});
