// SPDX-License-Identifier: Apache-2.0
// An emulator in which dana may act as a robot, her login in a file, and a folder of its own: what commands that act as somebody need.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";

/** The account that dana may act as. */
export const ROBOT = "robot@my-project.iam.gserviceaccount.com";
/** One that she may not. */
export const LOCKED = "locked@my-project.iam.gserviceaccount.com";

/** The stage. */
export interface CliStage {
  readonly emulator: Emulator;
  readonly folder: string;
  /** The folder for temporary files of what is started with `variables`. */
  readonly temporary: string;
  readonly variables: Readonly<Record<string, string>>;
  /** How often a method was called. */
  count(method: string): number;
  /** Whose an access token is, by the emulator's own word. */
  ownerOf(token: string): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Opens the stage. */
export async function openCliStage(): Promise<CliStage> {
  const folder = mkdtempSync(join(tmpdir(), "cli-"));
  const emulator = await startEmulator({ serviceAccounts: [ROBOT, LOCKED] });
  const role = "roles/iam.serviceAccountTokenCreator";
  emulator.addGrant({ member: "user:dana@example.com", role, serviceAccount: ROBOT });
  const login = join(folder, "login.json");
  await emulator.writeCredentialsFile("authorized_user", login, { user: "dana@example.com" });
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  const variables = {
    IAM_CREDENTIALS_EMULATOR_HOST: emulator.host,
    GOOGLE_APPLICATION_CREDENTIALS: login,
    TMPDIR: temporary,
  };
  return {
    emulator,
    folder,
    temporary,
    variables,
    count: (name) => emulator.calls().filter(({ method }) => method === name).length,
    async ownerOf(token) {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      // testIamPermissions needs no permission, and the log says who asked.
      await fetch(`${emulator.url}/v1/projects/-/serviceAccounts/${ROBOT}:testIamPermissions`, {
        method: "POST",
        headers,
        body: JSON.stringify({ permissions: ["iam.serviceAccounts.get"] }),
      });
      return emulator.calls().at(-1)?.principal;
    },
    async close() {
      await emulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
