// SPDX-License-Identifier: Apache-2.0
// iamcreds at a real terminal, and where there is none: colors, narrow windows, the prompt, Ctrl-C and Ctrl-Z.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startEmulator } from "../../../src/emulator/index.js";
import { builtProgram } from "../../support/cli.js";
import { type CliStage, LOCKED, openCliStage, ROBOT } from "../../support/cli-stage.js";
import { byTmux, hasTmux, openTerminal, type Terminal } from "../../support/terminal.js";

const ESCAPE = "\x1b[";

let stage: CliStage;
let terminal: Terminal | undefined;
beforeEach(async () => {
  stage = await openCliStage();
  const script = `#!/bin/sh\nexec ${process.execPath} ${builtProgram()} "$@"\n`;
  writeFileSync(join(stage.folder, "iamcreds"), script, { mode: 0o755 });
});
afterEach(async () => {
  terminal?.close();
  terminal = undefined;
  await stage.close();
});

function open(columns?: number): Terminal {
  const variables = { ...stage.variables, PATH: `${stage.folder}:${process.env["PATH"]}` };
  terminal = openTerminal({ folder: stage.folder, variables, ...(columns === undefined ? {} : { columns }) });
  return terminal;
}

const atTerminal = (title: string, body: () => Promise<void>): void =>
  test(byTmux(title), async () => (hasTmux ? body() : undefined), 60_000);

atTerminal("marks are colored on a terminal, and neither with NO_COLOR nor in a pipe", async () => {
  const shell = open();
  const diagnose = `iamcreds diagnose ${LOCKED}`;
  shell.type(`clear; ${diagnose}; echo "code $?"`);
  await shell.wait(/^code 3$/m);
  expect(shell.read(true)).toContain(`${ESCAPE}32mok`);
  expect(shell.read(true)).toContain(`${ESCAPE}31m!!`);
  for (const plain of [`NO_COLOR=1 ${diagnose}`, `${diagnose} | cat`, `TERM=dumb ${diagnose}`]) {
    shell.type(`clear; ${plain}; echo "done: $?"`);
    const shown = await shell.wait(/^done: \d$/m);
    expect(shown).toMatch(/^ok {2}Who am I\?/m);
    expect(shell.read(true)).not.toContain(ESCAPE);
    shell.type("clear; echo over");
    await shell.wait(/^over$/m);
  }
});

atTerminal("why and run stand out in errors on a terminal, and not in a file", async () => {
  const shell = open();
  shell.type(`clear; iamcreds token ${LOCKED}; echo "code $?"`);
  await shell.wait(/^code 5$/m);
  expect(shell.read(true)).toContain(`${ESCAPE}1mwhy:`);
  shell.type(`clear; iamcreds token ${LOCKED} 2> ${stage.folder}/errors; cat ${stage.folder}/errors; echo "done: $?"`);
  expect(await shell.wait(/^done: 0$/m)).toMatch(/^why: /m);
  expect(shell.read(true)).not.toContain(ESCAPE);
});

atTerminal("a table is cut to a narrow window, and no line of it wraps", async () => {
  stage.emulator.addGrant({ member: "user:dana@example.com", role: "roles/viewer", project: "my-project" });
  const shell = open(36);
  shell.type("PS1=; clear; iamcreds iam service-accounts list --project my-project --source adc; echo end");
  const shown = await shell.wait(/^end$/m);
  const lines = shown.slice(0, shown.indexOf("\nend")).split("\n");
  expect(lines.map((line) => line.length)).toEqual([36, 36, 36]);
  for (const line of lines) expect(line).toMatch(/…$/);
});

atTerminal("a token at a terminal is followed by whose it is and until when, and by nothing in a pipe", async () => {
  const shell = open(200);
  shell.type(`clear; iamcreds token ${ROBOT}; echo "code $?"`);
  const shown = await shell.wait(/^code 0$/m);
  expect(shown).toMatch(/^ya29/m);
  expect(shown).toMatch(new RegExp(`^# ${ROBOT}, until \\d\\d:\\d\\d:\\d\\d `, "m"));
  shell.type(`clear; iamcreds token ${ROBOT} | tr -d a-zA-Z0-9 > /dev/null; echo "done: $?"`);
  expect(await shell.wait(/^done: 0$/m)).not.toContain("until");
});

atTerminal("the prompt before a deletion waits for an answer, and no is no", async () => {
  stage.emulator.addGrant({
    member: "user:dana@example.com",
    role: "roles/iam.serviceAccountAdmin",
    project: "my-project",
  });
  const shell = open(200);
  shell.type(`clear; iamcreds iam service-accounts delete ${LOCKED}; echo "code $?"`);
  await shell.wait(/Do you want to continue \(Y\/n\)\?/);
  shell.type("n");
  await shell.wait(/^code 2$/m);
  expect(stage.count("DeleteServiceAccount")).toBe(0);
});

atTerminal("Ctrl-C ends a wait with 130, whose progress is one line that is rewritten", async () => {
  const dana = { member: "user:dana@example.com" };
  const slow = await startEmulator({
    serviceAccounts: [ROBOT, LOCKED],
    policyPropagationMs: 3_600_000,
    grants: [
      { ...dana, role: "roles/iam.serviceAccountAdmin", serviceAccount: ROBOT },
      { ...dana, role: "roles/iam.serviceAccountTokenCreator", serviceAccount: LOCKED },
    ],
  });
  try {
    const shell = open(30);
    const login = join(stage.folder, "slow.json");
    await slow.writeCredentialsFile("authorized_user", login, { user: "dana@example.com" });
    shell.type(`export IAM_CREDENTIALS_EMULATOR_HOST=${slow.host} GOOGLE_APPLICATION_CREDENTIALS=${login}; clear`);
    shell.type(`iamcreds grant --caller serviceAccount:${LOCKED} --target ${ROBOT} --wait 7m`);
    const waiting = await shell.wait(/^waiting for the grants/m);
    expect(waiting.match(/waiting for/g)).toHaveLength(1);
    shell.press("C-c");
    shell.type('echo "code $?"'); // by itself: bash drops what stands on the line of an interrupted command
    await shell.wait(/^code 130$/m);
  } finally {
    await slow.close();
  }
});

atTerminal("Ctrl-C reaches the program that exec runs once, and exec waits for it and ends as it does", async () => {
  const shell = open();
  const script = `trap "echo interrupted; sleep 0.3; exit 7" INT; echo running; while :; do sleep 0.1; done`;
  shell.type(`clear; iamcreds exec ${ROBOT} -- sh -c '${script}'; echo "code $?"`);
  await shell.wait(/^running$/m);
  shell.press("C-c");
  const shown = await shell.wait(/^code \d+$/m);
  expect(shown).toMatch(/^code 7$/m);
  expect(shown.match(/interrupted$/gm)).toHaveLength(1);
});

atTerminal("Ctrl-Z stops what exec runs, and fg goes on with it", async () => {
  const shell = open();
  shell.type(`clear; iamcreds exec ${ROBOT} -- sh -c 'echo running; read line; echo "read $line"'; echo "code $?"`);
  await shell.wait(/^running$/m);
  shell.press("C-z");
  await shell.wait(/Stopped/);
  shell.type("fg");
  await shell.wait(/^iamcreds exec [^\n]*read line/m);
  shell.type("something");
  expect(await shell.wait(/^read /m)).toMatch(/^read something$/m);
});
