// SPDX-License-Identifier: Apache-2.0
// The flags of every command that calls Google: the identity, the source, the lifetime, the output. Reads none of them.

import type { Flag, FlagGroups } from "./flags.js";

/** What `--format` takes. */
const FORMATS = ["text", "json", "ndjson", "env", "header", "value("] as const;

/** The flags. */
export const commonFlags: FlagGroups = {
  Identity: {
    "impersonate-service-account": {
      value: "SA[,SA…]",
      isAccount: true,
      variables: ["CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT", "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT"],
      text: "the account to act as, preceded by its delegates, if any;\ndefault: CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT, then\nGOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
    },
    delegates: {
      value: "SA[,SA…]",
      isList: true,
      isAccount: true,
      text: "the delegation chain: the accounts between the caller and the target, in order",
    },
    source: {
      value: "adc|gcloud|metadata|FILE|-",
      isFile: true,
      text: "the credentials to start from: application default credentials, the gcloud\nlogin, the metadata server, a credentials file, or an access token on\nstandard input; default: adc",
    },
    "access-token-file": {
      value: "file",
      isFile: true,
      text: "start from the access token in this file, which holds nothing else",
    },
    scopes: {
      value: "S[,S…]",
      isList: true,
      text: "scopes of the access token: URLs, or just their last part;\ndefault: cloud-platform",
    },
    lifetime: { value: "duration", text: "lifetime of the access token: 900, 15m, 12h; default: 1h" },
    subject: { value: "user", text: "the user to act on behalf of, by domain-wide delegation" },
  },
  Service: {
    project: {
      value: "P",
      variables: ["CLOUDSDK_CORE_PROJECT", "GOOGLE_CLOUD_PROJECT"],
      text: "the project to work on;\ndefault: CLOUDSDK_CORE_PROJECT, then GOOGLE_CLOUD_PROJECT",
    },
    "billing-project": {
      value: "P",
      aliases: ["quota-project"],
      text: "the project billed for quota (also --quota-project)",
    },
    endpoint: { value: "host[:port]", text: "the API host; default: Google's" },
    "universe-domain": {
      value: "U",
      text: "the universe domain;\ndefault: GOOGLE_CLOUD_UNIVERSE_DOMAIN, then googleapis.com",
    },
    transport: { value: "grpc|rest", values: ["grpc", "rest"], text: "the protocol of API calls; default: grpc" },
    timeout: { value: "duration", text: "time limit for the whole command, including getting tokens; default: 60s" },
  },
  Output: {
    format: {
      value: "text|json|ndjson|env|header|value(FIELD)",
      values: FORMATS,
      text: "output format; default: text",
    },
    quiet: { text: "do not prompt; assume yes" },
    verbosity: {
      value: "debug|info|warn|error",
      values: ["debug", "info", "warn", "warning", "error"],
      text: "lowest level logged to standard error (tokens never are);\ndefault: warn",
    },
  },
};

/** The flag of commands that change something. */
export const dryRun: Readonly<Record<string, Flag>> = {
  "dry-run": { text: "print the request and the equivalent gcloud command, and send nothing" },
};

/** The flag of lists. */
export const listing: Readonly<Record<string, Flag>> = {
  "no-header": { text: "print the table without its header line" },
};

/** The flag that says whose key or signature it is, as in gcloud. */
export const iamAccount: Readonly<Record<string, Flag>> = {
  "iam-account": {
    value: "SA",
    isAccount: true,
    text: "the account; default: the one in --impersonate-service-account, with its delegates",
  },
};
