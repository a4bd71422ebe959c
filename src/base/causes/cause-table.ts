// SPDX-License-Identifier: Apache-2.0
// The table of causes: what each means, in one text, and the commands that fix it. Which cause an error points to is decided in
// classify.ts; each is explained at length in its section of docs/troubleshooting.md.

import type { CauseId } from "./classify.js";
import {
  addBindingCommand,
  addProjectBindingCommand,
  createAccountCommand,
  enableAccountCommand,
  enableServiceCommand,
  removeBindingCommand,
  undeleteAccountCommand,
} from "./commands.js";
import type { Situation } from "./situation.js";

/** One cause. */
interface Cause {
  /** Whether waiting fixes it. */
  readonly isTransient: boolean;
  /** Who can run the commands. */
  readonly runBy: string;
  /** What is wrong and how it should be, in a sentence or two. */
  text(situation: Situation): string;
  /** To copy, in this order; empty if no command fixes it. */
  commands(situation: Situation): readonly string[];
}

const SELF = "you, on this machine";
const ACCOUNT_ADMIN = "anyone with roles/iam.serviceAccountAdmin on the account";
const PROJECT_ADMIN = "an owner of the project";
const ORGANIZATION_ADMIN = "an administrator of the organization";
const LOGIN = "gcloud auth application-default login";

const who = ({ caller }: Situation): string => caller ?? "the caller";
const whom = ({ account }: Situation): string => account ?? "the service account";
const none = (): readonly string[] => [];

function cause(
  runBy: string,
  text: (situation: Situation) => string,
  commands: (situation: Situation) => readonly string[] = none,
): Cause {
  return { isTransient: false, runBy, text, commands };
}

const passing = (each: Cause): Cause => ({ ...each, isTransient: true });

/** A troubleshooting command for what IAM policies do not show. */
function troubleshootCommand({ account, permission, caller }: Situation): string {
  const email = caller?.slice(caller.indexOf(":") + 1);
  const resource = `//iam.googleapis.com/projects/-/serviceAccounts/${account ?? "SERVICE_ACCOUNT"}`;
  const what = permission ?? "iam.serviceAccounts.getAccessToken";
  return `gcloud policy-troubleshoot iam ${resource} --permission=${what} --principal-email=${email ?? "CALLER"}`;
}

const GRANTS = {
  "role-missing": cause(
    ACCOUNT_ADMIN,
    (now) =>
      `${who(now)} lacks ${now.permission ?? "the permission"} on ${whom(now)}: it needs the role Service Account Token Creator on the account itself`,
    ({ account, caller, role }) => [addBindingCommand({ account, member: caller, role })],
  ),
  "role-insufficient": cause(
    ACCOUNT_ADMIN,
    (now) =>
      `${who(now)} has ${now.detail ?? "a role"} on ${whom(now)}, which does not include ${now.permission ?? "the permission"}; Service Account Token Creator does`,
    ({ account, caller, role }) => [addBindingCommand({ account, member: caller, role })],
  ),
  "member-misspelled": cause(
    ACCOUNT_ADMIN,
    (now) =>
      `the policy of ${whom(now)} names ${now.member ?? "another member"}, but the caller is ${who(now)}: another type of member, or another spelling`,
    ({ account, caller, role }) => [addBindingCommand({ account, member: caller, role })],
  ),
  "grant-not-in-effect": passing(
    cause(
      "nobody",
      (now) =>
        `the policy grants ${who(now)} the role on ${whom(now)}, but it is not in effect yet: wait up to 7 minutes; do not grant it again`,
    ),
  ),
  "condition-not-met": cause(
    ACCOUNT_ADMIN,
    (now) =>
      `the policy grants ${who(now)} the role on ${whom(now)} under a condition that is not met${now.detail === undefined ? "" : `: ${now.detail}`}`,
    ({ account, caller, role }) => [addBindingCommand({ account, member: caller, role })],
  ),
  "binding-stale": cause(
    ACCOUNT_ADMIN,
    (now) =>
      `the policy of ${whom(now)} names ${now.member ?? "a member that was deleted"}: the account was deleted and created again, and its grants are not restored with the name`,
    ({ account, member, caller, role }) => [
      ...(member === undefined ? [] : [removeBindingCommand({ account, member, role })]),
      addBindingCommand({ account, member: caller, role }),
    ],
  ),
  "self-grant-missing": cause(
    ACCOUNT_ADMIN,
    (now) =>
      `${whom(now)} needs Service Account Token Creator on itself: libraries that sign with its own token call as the account, and no account may act as itself without a grant`,
    ({ account, role }) => [addBindingCommand({ account, member: account && `serviceAccount:${account}`, role })],
  ),
  "account-absent": cause(
    PROJECT_ADMIN,
    (now) =>
      `${whom(now)} does not exist${now.detail === undefined ? "" : `; did you mean ${now.detail}?`} (if it was deleted in the last 30 days, undelete it by its unique ID, or its grants are lost)`,
    ({ account, uniqueId }) => [
      undeleteAccountCommand(uniqueId),
      ...(uniqueId === undefined ? [createAccountCommand(account)] : []),
    ],
  ),
  "account-disabled": cause(
    ACCOUNT_ADMIN,
    (now) => `${whom(now)} is disabled: nobody can get tokens or signatures from it`,
    ({ account }) => [enableAccountCommand(account)],
  ),
} satisfies Partial<Record<CauseId, Cause>>;

const CREDENTIALS = {
  "clock-wrong": cause(
    SELF,
    ({ detail }) =>
      `this machine's clock is wrong${detail === undefined ? "" : ` (${detail})`}: what it signs is too old or too new on arrival. With Docker Desktop, restart Docker`,
    () => ["timedatectl set-ntp true"],
  ),
  "credentials-missing": cause(
    SELF,
    () =>
      "no credentials were found on this machine: not in GOOGLE_APPLICATION_CREDENTIALS, not in gcloud's file, not at a metadata server",
    () => [LOGIN],
  ),
  "credentials-unexpected": cause(
    SELF,
    (now) =>
      `the credentials are those of ${now.detail ?? "somebody else"}, not of ${who(now)}: check which source they came from, and which source comes first`,
  ),
  "login-expired": cause(
    SELF,
    () => "the login has expired or was revoked: its refresh token no longer works. Log in again",
    () => [LOGIN],
  ),
  "key-refused": cause(
    "anyone with roles/iam.serviceAccountKeyAdmin on the account",
    (now) =>
      `the key in the key file is not, or is no longer, a key of ${whom(now)}: the key or the account was deleted or disabled`,
    ({ account }) => [`gcloud iam service-accounts keys list --iam-account=${account ?? "SERVICE_ACCOUNT"}`],
  ),
  "token-expired": cause(
    SELF,
    () => "the access token has expired: use credentials that renew it, not a token that was printed once",
    () => [LOGIN],
  ),
  "token-refused": cause(
    SELF,
    () => "the service does not accept the token: it is missing, malformed, revoked, or from another universe",
    () => [LOGIN],
  ),
  "scope-insufficient": cause(
    SELF,
    () =>
      "the source token lacks the scope cloud-platform. The scopes of a virtual machine are set while it is stopped; those of a user, at login",
    () => [
      "gcloud compute instances set-service-account VM --scopes=cloud-platform",
      `${LOGIN} --scopes=https://www.googleapis.com/auth/cloud-platform`,
    ],
  ),
  "token-bound": cause(
    SELF,
    () =>
      "the token is bound to a client certificate, but was sent over a connection without it: use the mutual-TLS endpoint, or request tokens that are not bound",
    () => [
      "export GOOGLE_API_USE_MTLS_ENDPOINT=always",
      "export GOOGLE_API_PREVENT_AGENT_TOKEN_SHARING_FOR_GCP_SERVICES=false",
    ],
  ),
} satisfies Partial<Record<CauseId, Cause>>;

const PROJECT = {
  "quota-project-denied": cause(
    PROJECT_ADMIN,
    (now) =>
      `${who(now)} may not bill ${now.project ?? "the quota project"}: grant the permission, or name another project`,
    ({ project, caller }) => [
      addProjectBindingCommand(project, { member: caller, role: "roles/serviceusage.serviceUsageConsumer" }),
      "gcloud auth application-default set-quota-project PROJECT",
      "unset GOOGLE_CLOUD_QUOTA_PROJECT",
    ],
  ),
  "quota-project-missing": cause(
    SELF,
    () => "no project of yours pays for the call: it was counted against gcloud's own project. Set a quota project",
    () => ["gcloud auth application-default set-quota-project PROJECT"],
  ),
  "api-disabled": cause(
    PROJECT_ADMIN,
    ({ service = "iamcredentials.googleapis.com", project = "the project that pays" }) =>
      `the API ${service} is not enabled for ${project}; after enabling it, wait up to 5 minutes`,
    ({ service, project }) => [enableServiceCommand(service, project)],
  ),
  "quota-exhausted": passing(
    cause(
      SELF,
      ({ quota }) =>
        `the project's quota${quota === undefined ? "" : ` ${quota}`} is exhausted for this minute (Google's default is 60,000 credentials a minute): keep one credentials object instead of one per request, and set the rate limit of Signer`,
    ),
  ),
  "exchange-throttled": passing(
    cause(
      SELF,
      () =>
        "the exchange for the source token was throttled (STS allows 6,000 a minute per project; the metadata server limits each machine): keep one credentials object, whose token is good for an hour",
    ),
  ),
  "lifetime-too-long": cause(
    ORGANIZATION_ADMIN,
    (now) =>
      `access tokens of ${whom(now)} last an hour at most, unless an organization policy lists the account: request 3600 seconds or less, or have the account listed. If you requested no more than that, check the clock`,
    () => ["gcloud org-policies set-policy POLICY_FILE"],
  ),
  "request-malformed": cause(
    SELF,
    ({ detail }) =>
      `the service says that the request is malformed, but names no field: ${detail ?? "check the account's name (no quotes, no prefix, `-` for the project), the scopes (none empty, no URL of a service), and the audience"}`,
  ),
  "vpc-service-controls": cause(
    ORGANIZATION_ADMIN,
    ({ refusalId }) =>
      `VPC Service Controls may have refused the call${refusalId === undefined ? "" : `; look up ${refusalId} in their troubleshooter`}`,
    ({ refusalId }) =>
      refusalId === undefined
        ? []
        : [`https://console.cloud.google.com/security/service-perimeter/troubleshoot?uniqueId=${refusalId}`],
  ),
  "organization-restricted": cause(
    ORGANIZATION_ADMIN,
    () => "an organization policy may forbid the call: a restriction on organizations, locations or services",
  ),
  "deny-policy": cause(
    ORGANIZATION_ADMIN,
    (now) =>
      `the role is granted, yet ${who(now)} is refused: a deny policy or a principal access boundary may override it`,
    (now) => [troubleshootCommand(now)],
  ),
} satisfies Partial<Record<CauseId, Cause>>;

const MACHINE = {
  "certificate-untrusted": cause(
    SELF,
    ({ detail }) =>
      `this machine does not trust the server's certificate${detail === undefined ? "" : ` (${detail})`}: a proxy that inspects TLS has a CA of its own, which Node.js must be told to trust`,
    () => ["export NODE_EXTRA_CA_CERTS=CA_FILE"],
  ),
  "certificate-missing": cause(
    SELF,
    ({ detail }) =>
      `a client certificate is required, but there is none that can be used${detail === undefined ? "" : `: ${detail}`}`,
    () => ["unset GOOGLE_API_USE_CLIENT_CERTIFICATE"],
  ),
  "host-unresolved": cause(
    SELF,
    ({ detail = "the host" }) =>
      `the name of ${detail} cannot be resolved here: no network, no DNS, or a misspelled endpoint`,
  ),
  "host-unreachable": passing(
    cause(
      SELF,
      ({ detail = "the host" }) =>
        `${detail} cannot be reached from here: allow it in the firewall, or name a proxy in https_proxy`,
    ),
  ),
  "proxy-refused": cause(
    SELF,
    ({ detail = "the proxy" }) =>
      `${detail} refuses to connect: it requires a user and password in the URL of https_proxy, or is the wrong proxy`,
    () => ["export no_proxy=.googleapis.com"],
  ),
  "http2-unavailable": cause(
    SELF,
    () => 'something between here and the service does not speak HTTP/2, which gRPC needs: use transport: "rest"',
  ),
  "environment-contradictory": cause(
    SELF,
    ({ detail = "variables" }) => `environment variables contradict each other: ${detail}`,
    ({ role }) => (role === undefined ? [] : [`unset ${role}`]),
  ),
  "node-too-old": cause(SELF, ({ detail = "this one" }) => `Node.js 20 or newer is required, not ${detail}`),
} satisfies Partial<Record<CauseId, Cause>>;

/** Every cause by its id. */
export const CAUSES: Readonly<Record<CauseId, Cause>> = { ...GRANTS, ...CREDENTIALS, ...PROJECT, ...MACHINE };
