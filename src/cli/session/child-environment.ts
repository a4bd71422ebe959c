// SPDX-License-Identifier: Apache-2.0
// Which variables a child gets, so that it finds the session and nobody else's credentials. Starts nothing.

import type { Variables } from "../host/host.js";

/** The ways in which a child can get tokens. */
export const WAYS = ["file", "metadata", "gcloud", "env", "npm"] as const;

/** One of them. */
export type Way = (typeof WAYS)[number];

/** Where the session is. */
export interface SessionPlaces {
  /** `127.0.0.1:41235`. */
  readonly host: string;
  /** The session file. */
  readonly credentialsFile: string;
  /** The file with the access token alone. */
  readonly tokenFile: string;
  /** An empty folder that replaces gcloud's. */
  readonly gcloudFolder: string;
  /** npm's configuration. */
  readonly npmFile: string;
  /** The access token itself; undefined: it goes into no variable. */
  readonly token: string | undefined;
  readonly projectId: string | undefined;
}

/** Variables that would give a child another identity, or make it impersonate the account twice. */
const FOREIGN: readonly string[] = [
  "GOOGLE_APPLICATION_CREDENTIALS",
  "GOOGLE_CREDENTIALS",
  "GOOGLE_CLOUD_KEYFILE_JSON",
  "GCLOUD_KEYFILE_JSON",
  "GOOGLE_OAUTH_ACCESS_TOKEN",
  "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT",
  "CLOUDSDK_AUTH_ACCESS_TOKEN",
  "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE",
  "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE",
  "CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT",
  "GCE_METADATA_HOST",
  "GCE_METADATA_IP",
  "GCE_METADATA_ROOT",
];

function ofWay(way: Way, { host, credentialsFile, tokenFile, gcloudFolder, npmFile, token }: SessionPlaces): Variables {
  switch (way) {
    case "file":
      return { GOOGLE_APPLICATION_CREDENTIALS: credentialsFile };
    case "metadata":
      // GCE_METADATA_ROOT is what google-auth for Python before 2.0 reads.
      return {
        GCE_METADATA_HOST: host,
        GCE_METADATA_IP: host,
        GCE_METADATA_ROOT: host,
        METADATA_SERVER_DETECTION: "assume-present",
        CLOUDSDK_CONFIG: gcloudFolder,
      };
    case "gcloud":
      return { CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: tokenFile };
    case "env":
      return { CLOUDSDK_AUTH_ACCESS_TOKEN: token, GOOGLE_OAUTH_ACCESS_TOKEN: token };
    case "npm":
      return { NPM_CONFIG_USERCONFIG: npmFile, npm_config_userconfig: npmFile }; // npm sets the second for its scripts
  }
}

/** A proxy must not stand between the child and the session. */
function withoutProxy(variables: Variables): Variables {
  const hasProxy = Object.entries(variables).some(
    ([name, value]) => /^https?_proxy$/i.test(name) && value !== undefined && value !== "",
  );
  if (!hasProxy) return {};
  const list = [variables["no_proxy"] ?? variables["NO_PROXY"], "127.0.0.1", "localhost"]
    .filter((each) => each)
    .join(",");
  return { no_proxy: list, NO_PROXY: list };
}

/**
 * What is set, and what is removed (undefined), in a child's environment.
 *
 * @param variables what is there already
 */
export function changesOf(ways: readonly Way[], places: SessionPlaces, variables: Variables): Variables {
  const removed = Object.fromEntries(FOREIGN.flatMap((name) => (name in variables ? [[name, undefined]] : [])));
  const { projectId } = places;
  // Without a project, Node's library asks Resource Manager for the one of an external account, before any token.
  const project =
    projectId === undefined || variables["GOOGLE_CLOUD_PROJECT"] ? {} : { GOOGLE_CLOUD_PROJECT: projectId };
  const core =
    projectId === undefined || variables["CLOUDSDK_CORE_PROJECT"] ? {} : { CLOUDSDK_CORE_PROJECT: projectId };
  const own = Object.assign({}, ...ways.map((way) => ofWay(way, places))) as Variables; // as: each is
  return { ...removed, ...own, ...project, ...core, ...withoutProxy(variables) };
}
