// SPDX-License-Identifier: Apache-2.0
// Decides which cause an error points to: by reason and code first, by text last, since Google changes texts. Knows no user-facing text
// and no command: both are in cause-table.ts.

import type { ErrorFacts } from "./error-facts.js";
import type { StatusName } from "./status.js";

/** The cause that an error points to, and how certain that is. */
interface Classification {
  readonly cause: CauseId;
  /** `false`: it fits, but something else may be the cause. */
  readonly isCertain: boolean;
}

/**
 * What can be wrong, in the order in which people run into it. Each is a section of docs/troubleshooting.md.
 *
 * Source of the order: threads in public trackers, counted.
 */
export const CAUSE_IDS = [
  "role-missing",
  "role-insufficient",
  "member-misspelled",
  "clock-wrong",
  "credentials-missing",
  "credentials-unexpected",
  "login-expired",
  "key-refused",
  "token-expired",
  "token-refused",
  "grant-not-in-effect",
  "condition-not-met",
  "binding-stale",
  "account-absent",
  "account-disabled",
  "self-grant-missing",
  "request-malformed",
  "quota-project-denied",
  "quota-project-missing",
  "api-disabled",
  "scope-insufficient",
  "lifetime-too-long",
  "exchange-throttled",
  "quota-exhausted",
  "token-bound",
  "certificate-untrusted",
  "certificate-missing",
  "host-unresolved",
  "host-unreachable",
  "proxy-refused",
  "http2-unavailable",
  "environment-contradictory",
  "node-too-old",
  "vpc-service-controls",
  "organization-restricted",
  "deny-policy",
] as const;

/** What is wrong: the id of a cause. */
export type CauseId = (typeof CAUSE_IDS)[number];

/** The numbers of Google's projects behind gcloud's OAuth clients: a quota on one of them means that no project of the caller's pays. */
const GCLOUD_PROJECTS: readonly string[] = ["32555940559", "764086051850"];

/** The permission to act as an account, as worded in the texts seen so far. */
const DENIED =
  /Permission '?iam\.serviceAccounts\.(?:getAccessToken|getOpenIdToken|signBlob|signJwt|implicitDelegation)'? (?:denied|is required)/;
const CHAIN_PERMISSION =
  /^iam\.serviceAccounts\.(?:getAccessToken|getOpenIdToken|signBlob|signJwt|implicitDelegation)$/;
const CERTIFICATE =
  /^(?:CERT_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT_ALTNAME)|^CERTIFICATE_VERIFY_FAILED$/;

interface Rule {
  readonly cause: CauseId;
  /** Default: true. */
  readonly isCertain?: boolean;
  isShown(facts: ErrorFacts): boolean;
}

const byReason = (cause: CauseId, reasons: readonly string[], isCertain = true): Rule => ({
  cause,
  isCertain,
  isShown: ({ reason }) => reason !== undefined && reasons.includes(reason),
});
const byText = (cause: CauseId, pattern: RegExp, isCertain = true): Rule => ({
  cause,
  isCertain,
  isShown: ({ text }) => pattern.test(text),
});
const bySystemCode = (cause: CauseId, pattern: RegExp): Rule => ({
  cause,
  isShown: ({ systemCode }) => systemCode !== undefined && pattern.test(systemCode),
});
/** If the code is known, it must be one of these; a printed text may not name it. */
const hasStatus = ({ status }: ErrorFacts, ...names: readonly StatusName[]): boolean =>
  status === undefined || names.includes(status);
const consumerOf = ({ metadata, text }: ErrorFacts): string =>
  metadata["consumer"] ?? /\bproject ['"]?(\d+)/.exec(text)?.[1] ?? "";
const isGcloudProject = (facts: ErrorFacts): boolean =>
  GCLOUD_PROJECTS.some((number) => consumerOf(facts).endsWith(number));

/** What Google's APIs say in `reason`. Source: google/api/error_reason.proto. */
const REASONS: readonly Rule[] = [
  {
    cause: "quota-project-missing",
    isShown: (facts) => facts.reason === "SERVICE_DISABLED" && isGcloudProject(facts),
  },
  byReason("api-disabled", ["SERVICE_DISABLED"]),
  {
    cause: "role-missing",
    isShown: ({ reason, metadata, text }) =>
      reason === "IAM_PERMISSION_DENIED" && (CHAIN_PERMISSION.test(metadata["permission"] ?? "") || DENIED.test(text)),
  },
  byReason("quota-project-denied", ["USER_PROJECT_DENIED"]),
  byReason("scope-insufficient", ["ACCESS_TOKEN_SCOPE_INSUFFICIENT"]),
  byReason("token-expired", ["ACCESS_TOKEN_EXPIRED"]),
  byReason("token-bound", ["ACCESS_TOKEN_TYPE_UNSUPPORTED"]),
  byReason("account-disabled", ["ACCOUNT_STATE_INVALID"], false),
  byReason("token-refused", ["CREDENTIALS_MISSING"]),
  byReason("quota-exhausted", ["RATE_LIMIT_EXCEEDED", "RESOURCE_QUOTA_EXCEEDED"]),
  byReason("vpc-service-controls", ["SECURITY_POLICY_VIOLATED"], false),
  byReason(
    "organization-restricted",
    ["ORG_RESTRICTION_VIOLATION", "LOCATION_POLICY_VIOLATED", "RESOURCE_USAGE_RESTRICTION_VIOLATED"],
    false,
  ),
];

/** What the token endpoint and the libraries say. Source: AIP-4112, RFC 6749, and threads that report it. */
const OAUTH: readonly Rule[] = [
  byText(
    "clock-wrong",
    /short-lived token|reasonable timeframe|Token used too (?:early|late)|not yet valid.*\bclock\b/i,
  ),
  byText("login-expired", /invalid_rapt|rapt_required|Reauthentication (?:failed|is needed|required)/i),
  byText("key-refused", /Invalid JWT Signature|Invalid grant: account not found/i),
  {
    cause: "login-expired",
    isShown: ({ oauthError, text }) => oauthError === "invalid_grant" && !/assertion|\bJWT\b|subject token/i.test(text),
  },
  byText(
    "credentials-missing",
    /no credentials were found: |could not (?:load the|find|automatically determine) (?:default )?credentials|default credentials were not found|do not currently have an active account selected/i,
  ),
  {
    cause: "exchange-throttled",
    isShown: ({ text }) =>
      /could not get a token with/.test(text) &&
      /\b429\b|too many requests|resource_?exhausted|quota exceeded/i.test(text),
  },
  {
    cause: "exchange-throttled",
    isShown: ({ text, status }) =>
      /sts\.googleapis\.com|token endpoint|metadata (?:server|service)|computeMetadata|169\.254\.169\.254|metadata\.google\.internal/i.test(
        text,
      ) &&
      (status === "RESOURCE_EXHAUSTED" || /\b429\b|too many requests/i.test(text)),
  },
];

/** What the service says in words. */
const TEXTS: readonly Rule[] = [
  { cause: "role-missing", isShown: (facts) => hasStatus(facts, "PERMISSION_DENIED") && DENIED.test(facts.text) },
  {
    cause: "role-missing",
    isCertain: false,
    isShown: (facts) =>
      /Failed to impersonate \[/.test(facts.text) ||
      (facts.status === "PERMISSION_DENIED" && /(?:^|: )The caller does not have permission\.?$/m.test(facts.text)),
  },
  byText("quota-project-denied", /Caller does not have required permission to use project/),
  byText("quota-project-missing", /requires a quota project|without a quota project/i),
  {
    cause: "quota-project-missing",
    isShown: (facts) => /has not been used in project|is disabled/.test(facts.text) && isGcloudProject(facts),
  },
  byText("api-disabled", /API has not been used in project \S+ before or it is disabled/),
  byText("scope-insufficient", /insufficient authentication scopes/i),
  byText("lifetime-too-long", /token lifetime cannot exceed \d+ seconds/i),
  { cause: "account-absent", isShown: ({ text }) => /Gaia id not found|Unknown service account/i.test(text) },
  byText("vpc-service-controls", /vpcServiceControlsUniqueIdentifier|prohibited by organization's policy/, false),
  {
    cause: "account-absent",
    isShown: ({ status, text, method }) =>
      status === "NOT_FOUND" && isAboutAccounts(method) && /(?:^|: )Requested entity was not found\.?$/m.test(text),
  },
  {
    // Seen for a disabled account in the emulator only: Google's real answer is not known.
    cause: "account-disabled",
    isCertain: false,
    isShown: ({ status, text, method }) =>
      status === "FAILED_PRECONDITION" && isAboutCredentials(method) && /Precondition check failed/.test(text),
  },
  {
    cause: "request-malformed",
    isShown: (facts) => facts.status === "INVALID_ARGUMENT" && /contains an invalid argument/.test(facts.text),
  },
  {
    cause: "token-refused",
    isShown: ({ status, text }) => status === "UNAUTHENTICATED" && /authentication credential/.test(text),
  },
  { cause: "quota-exhausted", isShown: ({ status, text }) => status === "RESOURCE_EXHAUSTED" && /quota/i.test(text) },
];

/** What the network says. Source: the codes of Node and OpenSSL. */
const NETWORK: readonly Rule[] = [
  bySystemCode("certificate-untrusted", CERTIFICATE),
  byText("certificate-untrusted", /self[- ]signed certificate|unable to (?:get local issuer|verify the first) certif/i),
  bySystemCode("http2-unavailable", /^NO_PROTOCOL$|NO_APPLICATION_PROTOCOL$/),
  byText("http2-unavailable", /did not negotiate the protocol h2|no[_ ]application[_ ]protocol/i),
  byText("proxy-refused", /\b407\b|proxy authentication required/i),
  bySystemCode("host-unresolved", /^(?:ENOTFOUND|EAI_AGAIN)$/),
  byText("host-unresolved", /name resolution failed|getaddrinfo ENOTFOUND/i),
  bySystemCode("host-unreachable", /^E(?:CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH|NETUNREACH)$/),
  byText("host-unreachable", /\b(?:connect )?E(?:CONNREFUSED|TIMEDOUT|HOSTUNREACH|NETUNREACH)\b/),
];

const RULES: readonly Rule[] = [...REASONS, ...OAUTH, ...TEXTS, ...NETWORK];

function isAboutCredentials(method: string | undefined): boolean {
  return method === undefined || method.startsWith("IAMCredentials.");
}

function isAboutAccounts(method: string | undefined): boolean {
  return isAboutCredentials(method) || /^IAM\.\w*ServiceAccount$/.test(method ?? "");
}

/** The cause that one error points to; `undefined`: no known one. */
export function classifyError(facts: ErrorFacts): Classification | undefined {
  const rule = RULES.find(({ isShown }) => isShown(facts));
  return rule && { cause: rule.cause, isCertain: rule.isCertain ?? true };
}
