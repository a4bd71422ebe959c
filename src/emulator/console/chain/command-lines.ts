// SPDX-License-Identifier: Apache-2.0
// Commands for a shell: granting a role with gcloud or iamcreds, and repeating a call with curl. The caller of the
// last is `owner`, who needs no token.

import type { Call, Grant } from "../link/records.js";

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function grantCommand(
  accounts: string,
  projects: string,
  { member, role, serviceAccount, project = "" }: Grant,
): string {
  const [group, target] = serviceAccount === undefined ? [projects, project] : [accounts, serviceAccount];
  return `${group} add-iam-policy-binding ${quote(target)} --member=${quote(member)} --role=${quote(role)}`;
}

/** The gcloud command that grants a role. */
export function gcloudCommand(grant: Grant): string {
  return grantCommand("gcloud iam service-accounts", "gcloud projects", grant);
}

/** The iamcreds command that grants a role. */
export function iamcredsCommand(grant: Grant): string {
  return grantCommand("iamcreds iam service-accounts", "iamcreds projects", grant);
}

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const onAccount: Readonly<Record<string, readonly [verb: string, path: string, body?: object]>> = {
  GenerateAccessToken: ["POST", ":generateAccessToken", { scope: [SCOPE] }],
  GenerateIdToken: ["POST", ":generateIdToken", { audience: "https://example.com", includeEmail: true }],
  SignBlob: ["POST", ":signBlob", { payload: "aGVsbG8=" }],
  SignJwt: ["POST", ":signJwt", { payload: '{"sub":"hello"}' }],
  GetServiceAccount: ["GET", ""],
  DisableServiceAccount: ["POST", ":disable", {}],
  EnableServiceAccount: ["POST", ":enable", {}],
  DeleteServiceAccount: ["DELETE", ""],
  ListServiceAccountKeys: ["GET", "/keys"],
  CreateServiceAccountKey: ["POST", "/keys", {}],
  GetIamPolicy: ["POST", ":getIamPolicy", {}],
};
const delegating = /^(Generate|Sign)/;

/**
 * The curl command that repeats a call as `owner`; undefined for methods that the console does not know, and without an
 * account. An example stands in for what the log does not keep of a request.
 */
export function curlCommand(call: Call, url: string): string | undefined {
  const { method, serviceAccount, delegates, quotaProject } = call;
  const known = onAccount[method];
  if (known === undefined || serviceAccount === undefined || call.service === "oauth2.googleapis.com") return undefined;
  const [verb, path, body] = known;
  const along =
    delegating.test(method) && delegates.length > 0
      ? { delegates: delegates.map((email) => `projects/-/serviceAccounts/${email}`) }
      : {};
  const words = [
    "curl",
    ...(verb === "GET" ? [] : ["-X", verb]),
    ...(url.startsWith("https:") ? ["--cacert emulator-ca.pem"] : []),
    quote(`${url}/v1/projects/-/serviceAccounts/${serviceAccount}${path}`),
    `-H ${quote("Authorization: Bearer owner")}`,
    ...(quotaProject === undefined ? [] : [`-H ${quote(`x-goog-user-project: ${quotaProject}`)}`]),
    ...(body === undefined
      ? []
      : [`-H ${quote("Content-Type: application/json")}`, `-d ${quote(JSON.stringify({ ...body, ...along }))}`]),
  ];
  return words.join(" ");
}
