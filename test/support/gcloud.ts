// SPDX-License-Identifier: Apache-2.0
// Runs Google's own gcloud, where it is installed, against an emulator: with a folder of its own, and every API at the emulator.

import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../src/emulator/index.js";
import { type CliResult, variablesOf } from "./cli.js";

/** Whether gcloud is installed. */
export const hasGcloud = spawnSync("gcloud", ["version"], { stdio: "ignore" }).status === 0;

/** The title of a test that needs gcloud. */
export const byGcloud = (title: string): string =>
  hasGcloud ? title : `is not judged, gcloud is not installed: ${title}`;

const APIS = ["IAM", "IAMCREDENTIALS", "CLOUDRESOURCEMANAGER", "SERVICEUSAGE", "ORGPOLICY"];

/** The variables that point gcloud at an emulator. */
export function gcloudVariables(url: string, folder: string, project: string): Record<string, string> {
  return {
    CLOUDSDK_CONFIG: folder,
    CLOUDSDK_CORE_PROJECT: project,
    CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "1",
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "1",
    CLOUDSDK_AUTH_TOKEN_HOST: `${url}/token`,
    ...Object.fromEntries(APIS.map((name) => [`CLOUDSDK_API_ENDPOINT_OVERRIDES_${name}`, `${url}/`])),
  };
}

/** Runs gcloud. */
export function gcloud(args: readonly string[], variables: Readonly<Record<string, string>>): Promise<CliResult> {
  return new Promise((done) => {
    const child = execFile("gcloud", args, { env: variablesOf(variables) }, (error, stdout, stderr) => {
      const { code } = Object(error) as { code?: unknown }; // as: null, or what execFile throws
      done({ code: error === null ? 0 : Number(code), stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** An emulator, and what makes gcloud and iamcreds both one user of it. */
export interface GcloudStage {
  readonly emulator: Emulator;
  /** For files. */
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Opens an emulator on which both programs are a user of a project. */
export async function openGcloudStage(options: EmulatorOptions, user: string, project: string): Promise<GcloudStage> {
  const folder = mkdtempSync(join(tmpdir(), "gcloud-"));
  const emulator = await startEmulator(options);
  const login = join(folder, "login.json");
  await emulator.writeCredentialsFile("authorized_user", login, { user: user.slice("user:".length) });
  return {
    emulator,
    folder,
    variables: {
      ...gcloudVariables(emulator.url, join(folder, "config"), project),
      CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: login,
      IAM_CREDENTIALS_EMULATOR_HOST: emulator.host,
      GOOGLE_APPLICATION_CREDENTIALS: login,
    },
    async close() {
      await emulator.close();
      rmSync(folder, { recursive: true });
    },
  };
}
