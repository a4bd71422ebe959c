// SPDX-License-Identifier: Apache-2.0
// A staging: an emulator in which one thing is wrong on purpose, what must be found and printed, and the program that runs what was
// printed, after which all must be well.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DiagnoseOptions, type Diagnosis, diagnose } from "../../src/diagnosis/index.js";
import type { EmulatorOptions } from "../../src/emulator/index.js";
import { setEnvironment } from "./bare-environment.js";
import { type CliResult, iamcreds } from "./cli.js";
import { gcloud, gcloudVariables } from "./gcloud.js";
import { ADMIN, DANA, type GrantStage, openGrantStage, ROBOT, TOKEN_CREATOR } from "./grant-stage.js";

/** One staging. */
export interface Staging {
  /** Options of the emulator. Default: those of the stage, and that Dana reads policies. */
  readonly emulator?: EmulatorOptions;
  /** Sets it up. */
  stage(stage: GrantStage): unknown;
  /** What is asked besides, where that depends on the stage. */
  prepare?(stage: GrantStage): Promise<DiagnoseOptions>;
  /** What is asked besides. */
  readonly ask?: DiagnoseOptions;
  /** The causes that must be found, and no others; with a question mark: suspicions. */
  readonly causes: readonly string[];
  /** The commands that must be printed. */
  readonly commands: readonly (string | RegExp)[];
  /** What must stand in the evidence of the causes. Default: nothing that is looked at. */
  readonly evidence?: readonly RegExp[];
  /** Which of them mend it, in order; then the diagnosis must say ok. Default: all. */
  readonly run?: readonly number[];
  /** What mends it where no command of ours can. */
  mend?(stage: GrantStage): unknown;
  /** What is asked once it is mended. Default: the same. */
  readonly askAgain?: DiagnoseOptions;
  /** Whether the diagnosis must say ok at the end. Default: true. */
  readonly isMended?: false;
}

/** The project of all accounts. */
export const PROJECT = "stage-project";
/** Dana reads the policies. */
export const readable: EmulatorOptions = {
  grants: [
    { member: ADMIN, role: "roles/iam.serviceAccountAdmin", project: PROJECT },
    { member: DANA, role: "roles/viewer", project: PROJECT },
  ],
};

/** The member that an account is. */
export const sa = (email: string): string => `serviceAccount:${email}`;

/** The command that gives a role on an account. */
export function add(account: string, member: string, role = TOKEN_CREATOR): string {
  return `gcloud iam service-accounts add-iam-policy-binding ${account} --member=${member} --role=${role} --condition=None`;
}

/** Gives a role on an account. */
export function allow(
  { emulator }: GrantStage,
  member: string,
  serviceAccount: string,
  role = TOKEN_CREATOR,
): () => void {
  return emulator.addGrant({ member, role, serviceAccount });
}

/** Dana has every grant, and asks for a token that lives longer than the organization allows. */
export const LIFETIME_OVER_LIMIT: Staging = {
  stage: (stage) => allow(stage, DANA, ROBOT),
  ask: { lifetime: 7200 },
  causes: ["lifetime-too-long"],
  commands: ["gcloud org-policies set-policy POLICY_FILE"],
  run: [],
  askAgain: { lifetime: 3600 },
};

/** A machine on which no credentials are found. */
export interface BareMachine {
  /** gcloud's folder, which is empty. */
  readonly folder: string;
  /** Gives the environment back. */
  close(): void;
}

/** Takes the environment's credentials away: variables, metadata server and gcloud's folder. */
export function openBareMachine(): BareMachine {
  const folder = mkdtempSync(join(tmpdir(), "diagnosis-"));
  const restore = setEnvironment({ METADATA_SERVER_DETECTION: "none", CLOUDSDK_CONFIG: folder });
  return {
    folder,
    close() {
      restore();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Diagnoses as Dana, who wants to act as the robot. */
export function diagnoseAsDana(stage: GrantStage, options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const clientOptions = { ...stage.emulator.clientOptions(DANA), ...options.clientOptions };
  return diagnose({ target: ROBOT, caller: DANA, ...options, clientOptions });
}

/** The causes of a diagnosis, with a question mark behind those that only fit. */
export function causesOf({ causes }: Diagnosis): string[] {
  return [...new Set(causes.map(({ cause, state }) => `${cause}${state === "suspect" ? "?" : ""}`))];
}

/** The commands of a diagnosis. */
export function commandsOf({ causes }: Diagnosis): string[] {
  return causes.flatMap(({ commands }) => commands.map(({ command }) => command));
}

/** The program that a printed command is run by. */
export type CommandRunner = (stage: GrantStage, words: readonly string[]) => Promise<CliResult>;

/** `iamcreds` in gcloud's place, as the owner of the stage's emulator. */
const byIamcreds: CommandRunner = (stage, words) =>
  iamcreds(words.slice(1), { variables: { IAM_CREDENTIALS_EMULATOR_HOST: stage.emulator.host } });

/** gcloud itself, as the owner too. */
export const byGcloudItself: CommandRunner = async (stage, words) => {
  if (words[0] !== "gcloud") return byIamcreds(stage, words);
  const folder = mkdtempSync(join(tmpdir(), "mended-"));
  const tokenFile = join(folder, "token");
  writeFileSync(tokenFile, "owner");
  const variables = gcloudVariables(stage.emulator.url, join(folder, "config"), PROJECT);
  try {
    return await gcloud(words.slice(1), { ...variables, CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: tokenFile });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Runs a command that was printed. */
async function runPrinted(stage: GrantStage, command: string, run: CommandRunner): Promise<void> {
  const words = command.match(/'[^']*'|[^\s']+(?:'[^']*')?/g)?.map((word) => word.replaceAll("'", "")) ?? [];
  const { code, stderr } = await run(stage, words);
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`);
}

/** Whether a staging is mended by commands of gcloud's alone, so that gcloud itself can be tried. */
export function isMendedByGcloud({ commands, run = [...commands.keys()], mend }: Staging): boolean {
  const texts = run.map((index) => String(commands[index]));
  return texts.length > 0 && mend === undefined && texts.every((text) => !text.includes("iamcreds"));
}

/** Sets the stage, diagnoses, runs what was printed, and diagnoses again. */
export async function checkStaging(staging: Staging, runner: CommandRunner = byIamcreds): Promise<void> {
  const { emulator = readable, causes, commands, run: toRun, mend } = staging;
  const restore = setEnvironment();
  await using stage = await openGrantStage("grpc", emulator);
  try {
    await staging.stage(stage);
    const ask = staging.prepare === undefined ? staging.ask : await staging.prepare(stage);
    const { askAgain = ask } = staging;
    const found = await diagnoseAsDana(stage, ask);
    expect(causesOf(found)).toEqual(causes);
    expect(commandsOf(found)).toEqual(
      commands.map((each) => (typeof each === "string" ? each : expect.stringMatching(each))),
    );
    for (const text of staging.evidence ?? []) {
      expect(found.causes.flatMap(({ evidence }) => evidence).join("\n")).toMatch(text);
    }
    for (const index of toRun ?? commands.keys()) await runPrinted(stage, commandsOf(found)[index] ?? "", runner);
    await mend?.(stage);
    if (staging.isMended !== false)
      expect(await diagnoseAsDana(stage, askAgain)).toMatchObject({ state: "ok", causes: [] });
  } finally {
    restore();
  }
}
