// SPDX-License-Identifier: Apache-2.0
// The flags of every command that calls Google: the identity, the source, the lifetime, the output. Reads none of them.

import type { Flag, FlagGroups } from "./flags.js";

/** What `--format` takes. */
const FORMATS = ["text", "json", "ndjson", "env", "header", "value("] as const;

/** The flags. */
export const commonFlags: FlagGroups = {
  "As whom": {
    "impersonate-service-account": {
      value: "SA[,SA…]",
      isAccount: true,
      variables: ["CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT", "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT"],
      text: "the account to act as, behind the accounts of its delegation chain;\ndefault: CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT, then\nGOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
    },
    delegates: {
      value: "SA[,SA…]",
      isList: true,
      isAccount: true,
      text: "the delegation chain by itself, caller's side first",
    },
    source: {
      value: "adc|gcloud|metadata|FILE|-",
      isFile: true,
      text: "where the first token comes from: application default credentials,\ngcloud's login, the metadata server, a credentials file,\nor an access token on standard input; default: adc",
    },
    "access-token-file": {
      value: "file",
      isFile: true,
      text: "a file with an access token and nothing else, as the source",
    },
    scopes: {
      value: "S[,S…]",
      isList: true,
      text: "of the account's access token: URLs, or their last part;\ndefault: cloud-platform",
    },
    lifetime: { value: "duration", text: "of the account's access token: 900, 15m, 12h; default: 1h" },
    subject: { value: "user", text: "the user whom the account stands in for, by domain-wide delegation" },
  },
  "Which service": {
    project: {
      value: "P",
      variables: ["CLOUDSDK_CORE_PROJECT", "GOOGLE_CLOUD_PROJECT"],
      text: "the project that the command is about;\ndefault: CLOUDSDK_CORE_PROJECT, then GOOGLE_CLOUD_PROJECT",
    },
    "billing-project": {
      value: "P",
      aliases: ["quota-project"],
      text: "the project that is charged for quota (also --quota-project)",
    },
    endpoint: { value: "host[:port]", text: "the host of the service; default: Google's" },
    "universe-domain": { value: "U", text: "the universe; default: GOOGLE_CLOUD_UNIVERSE_DOMAIN, then googleapis.com" },
    transport: { value: "grpc|rest", values: ["grpc", "rest"], text: "how calls travel; default: grpc" },
    timeout: { value: "duration", text: "the total time of the command, tokens included; default: 60s" },
  },
  Output: {
    format: {
      value: "text|json|ndjson|env|header|value(FIELD)",
      values: FORMATS,
      text: "how the result is printed; default: text",
    },
    quiet: { text: "asks nothing, and says yes" },
    verbosity: {
      value: "debug|info|warn|error",
      values: ["debug", "info", "warn", "warning", "error"],
      text: "what is logged on standard error, never a token;\ndefault: warn",
    },
  },
};

/** The flag of commands that change something. */
export const dryRun: Readonly<Record<string, Flag>> = {
  "dry-run": { text: "prints the request and the gcloud command that does the same, and sends nothing" },
};

/** The flag of lists. */
export const listing: Readonly<Record<string, Flag>> = {
  "no-header": { text: "a table without the line of headers" },
};

/** The flag that says whose key or signature it is, as in gcloud. */
export const iamAccount: Readonly<Record<string, Flag>> = {
  "iam-account": {
    value: "SA",
    isAccount: true,
    text: "the account; default: that of --impersonate-service-account, by its chain",
  },
};
