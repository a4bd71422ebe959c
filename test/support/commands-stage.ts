// SPDX-License-Identifier: Apache-2.0
// The stage of commands that are one line each: an emulator with two accounts, a folder for files, and the program within the test's own
// process, as the emulator's owner or as who has logged in.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { type CliResult, type CliSurroundings, iamcreds } from "./cli.js";

/** The project of both accounts. */
export const PROJECT = "my-project";
/** A member without a grant. */
export const DANA = "user:dana@example.com";
/** An account. */
export const ROBOT = `robot@${PROJECT}.iam.gserviceaccount.com`;
/** Another, for the middle of a chain. */
export const MIDDLE = `middle@${PROJECT}.iam.gserviceaccount.com`;
/** The role that lets a member act as an account. */
export const CREATOR = "roles/iam.serviceAccountTokenCreator";

/** The stage. */
export interface CommandsStage {
  readonly emulator: Emulator;
  /** The path of a file in the stage's folder. */
  file(name: string): string;
  /** Runs a command against the emulator, as its owner. */
  run(line: string, surroundings?: CliSurroundings): Promise<CliResult>;
  /** The variables of a user who has logged in. */
  loginOf(member: string): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

/** Opens the stage. */
export async function openCommandsStage(): Promise<CommandsStage> {
  const folder = mkdtempSync(join(tmpdir(), "commands-"));
  const emulator = await startEmulator({ serviceAccounts: [ROBOT, MIDDLE] });
  const file = (name: string): string => join(folder, name);
  return {
    emulator,
    file,
    run: (line, { variables = {}, ...more } = {}) =>
      iamcreds(line.split(" "), {
        variables: { IAM_CREDENTIALS_EMULATOR_HOST: emulator.host, ...variables },
        ...more,
      }),
    async loginOf(member) {
      const path = file(`${member.replace(":", ".")}.json`);
      await emulator.writeCredentialsFile("authorized_user", path, { user: member.slice("user:".length) });
      return { GOOGLE_APPLICATION_CREDENTIALS: path };
    },
    async close() {
      await emulator.close();
      rmSync(folder, { recursive: true });
    },
  };
}
