// SPDX-License-Identifier: Apache-2.0
// From the file that gcloud writes for impersonation to options: what it says, what stands over it, and what is wrong with it.

import { expect, it, test } from "@jest/globals";
import {
  type ImpersonatedServiceAccountInfo,
  optionsFromImpersonatedServiceAccountInfo,
} from "../../../src/impersonation/impersonated-service-account-info.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const url = (host: string) => `https://${host}/v1/projects/-/serviceAccounts/${ROBOT}:generateAccessToken`;
const source_credentials = { type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "r" };
const INFO: ImpersonatedServiceAccountInfo = {
  type: "impersonated_service_account",
  service_account_impersonation_url: url("iamcredentials.googleapis.com"),
  source_credentials,
};

it("names the account, and leaves the default host to what else decides", () => {
  const { targetPrincipal, clientOptions } = optionsFromImpersonatedServiceAccountInfo(INFO, {});
  expect(targetPrincipal).toBe(ROBOT);
  expect(clientOptions).not.toHaveProperty("apiEndpoint");
});

it("keeps another host, delegates, scopes and quota project, over which the overrides stand", () => {
  const info = {
    ...INFO,
    service_account_impersonation_url: url("iamcredentials.europe-west1.rep.googleapis.com"),
    delegates: ["a@b.example"],
    scopes: ["s"],
    quota_project_id: "p",
  };
  const options = optionsFromImpersonatedServiceAccountInfo(info, { quotaProjectId: "own" });
  expect(options).toMatchObject({ delegates: ["a@b.example"], scopes: ["s"], quotaProjectId: "own" });
  expect(options.clientOptions).toMatchObject({ apiEndpoint: "iamcredentials.europe-west1.rep.googleapis.com" });
});

test.each([
  [null, "info: must be the contents of a credentials file"],
  [{ ...INFO, type: "service_account" }, 'type: must be "impersonated_service_account", was "service_account"'],
  [
    { ...INFO, service_account_impersonation_url: "no URL" },
    'service_account_impersonation_url: cannot extract the target principal from "no URL"',
  ],
  [{ ...INFO, source_credentials: { type: "x" } }, 'source_credentials: a source of type "x" is not supported'],
  [{ ...INFO, source_credentials: null }, "source_credentials: a source of type none is not supported"],
])("%j is refused: %s", (info, message) => {
  // as: what a file may hold
  expect(() => optionsFromImpersonatedServiceAccountInfo(info as ImpersonatedServiceAccountInfo, {})).toThrow(
    expect.objectContaining({ name: "ConfigurationError", message }),
  );
});
