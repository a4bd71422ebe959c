// SPDX-License-Identifier: Apache-2.0
// Help and completion are made of the same table: every command has both, with the same flags; and the scripts run in their shells.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listCommands } from "../../../../src/cli/table/command.js";
import { flagsOf } from "../../../../src/cli/table/find-command.js";
import { flattenFlags } from "../../../../src/cli/table/flags.js";
import { tree } from "../../../../src/cli/tree.js";
import { iamcreds } from "../../../support/cli.js";

const commands = listCommands(tree.entries).map(([path, entry]) => [path.join(" "), entry.load()] as const);
const flagNames = (command: (typeof commands)[number][1]) =>
  Object.keys(flattenFlags(flagsOf(command, () => tree.commonFlags())));

test.each(commands)("the help of %s names its flags, its arguments and its exit codes", async (path, command) => {
  const { code, stdout, stderr } = await iamcreds([...path.split(" "), "--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.startsWith(`Usage: iamcreds ${path} `)).toBe(true);
  for (const name of flagNames(command)) expect(stdout).toContain(`  --${name}`);
  for (const { name } of command.positionals ?? []) expect(stdout.split("\n")[0]).toContain(name);
  expect(stdout).toContain("Exit codes: ");
  expect(await iamcreds(["help", ...path.split(" ")])).toEqual({ code, stdout, stderr });
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
});

test("every alias stands for a command", () => {
  const paths = commands.map(([path]) => path);
  for (const path of Object.values(tree.aliases)) expect(paths).toContain(path.join(" "));
});

test.each(["bash", "zsh", "fish", "powershell"])(
  "the script for %s names every command and every flag",
  async (shell) => {
    const { code, stdout, stderr } = await iamcreds(["completion", shell]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const [path, command] of commands) {
      expect(stdout).toMatch(new RegExp(`["'](${path})["'\\\\]`));
      for (const name of flagNames(command))
        expect(stdout).toMatch(new RegExp(shell === "fish" ? `-l ${name}\\b` : `--${name}\\b`));
    }
  },
);

const isThere = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;

/** What bash offers for a line. */
function completeInBash(script: string, line: string): string[] {
  const words = line.split(" ");
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const program = `source ${script}\nCOMP_WORDS=(${quoted})\nCOMP_CWORD=${words.length - 1}\n_iamcreds\nprintf '%s\\n' "\${COMPREPLY[@]}"\n`;
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", program], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((each) => each !== "");
}

describe("in bash", () => {
  const title = isThere("bash") ? "words, flags and values are offered" : "nothing is judged: bash is not installed";
  it(title, async () => {
    if (!isThere("bash")) return;
    const folder = mkdtempSync(join(tmpdir(), "completion-"));
    const script = join(folder, "iamcreds.bash");
    writeFileSync(script, (await iamcreds(["completion", "bash"])).stdout);
    try {
      expect(completeInBash(script, "iamcreds iam service-accounts sign")).toEqual([
        "sign-jwt",
        "sign-blob",
        "sign-url",
      ]);
      expect(completeInBash(script, "iamcreds token --impersonate-")).toEqual(["--impersonate-service-account"]);
      expect(completeInBash(script, "iamcreds token --format j")).toEqual(["json"]);
      expect(completeInBash(script, "iamcreds token --format = n")).toEqual(["ndjson"]);
      expect(completeInBash(script, "iamcreds token --lifetime ")).toEqual([]);
      expect(completeInBash(script, "iamcreds completion ")).toEqual([
        ...["bash", "zsh", "fish", "powershell"],
        "--accounts",
      ]);
      expect(completeInBash(script, `iamcreds auth decode ${folder}/i`)).toEqual([script]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe.each(["zsh", "fish"])("in %s", (shell) => {
  const title = isThere(shell) ? "the script is well formed" : `nothing is judged: ${shell} is not installed`;
  it(title, async () => {
    if (!isThere(shell)) return;
    const { stdout } = await iamcreds(["completion", shell]);
    const { status, stderr } = spawnSync(shell, ["-n"], { input: stdout, encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
  });
});
