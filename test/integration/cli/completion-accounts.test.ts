// SPDX-License-Identifier: Apache-2.0
// The completion of service accounts: asked for only where the variable says so, remembered for five minutes, and silent whatever goes
// wrong.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { builtProgram, iamcreds, variablesOf } from "../../support/cli.js";
import { type CliStage, LOCKED, openCliStage, ROBOT } from "../../support/cli-stage.js";
import { clockOff } from "../../support/clock-off.js";

let stage: CliStage;
let variables: Readonly<Record<string, string>>;
beforeEach(async () => {
  stage = await openCliStage();
  stage.emulator.addGrant({ member: "user:dana@example.com", role: "roles/viewer", project: "my-project" });
  variables = {
    ...stage.variables,
    XDG_CACHE_HOME: join(stage.folder, "cache"),
    CLOUDSDK_CORE_PROJECT: "my-project",
  };
});
afterEach(() => stage.close());

const ask = (surroundings: Parameters<typeof iamcreds>[1] = {}) =>
  iamcreds(["completion", "--accounts"], { variables, ...surroundings });
const ALL = { code: 0, stdout: `${LOCKED}\n${ROBOT}\n`, stderr: "" };
const NONE = { code: 0, stdout: "", stderr: "" };

test("are those of the project, asked for once in five minutes and kept for their owner alone", async () => {
  expect(await ask()).toEqual(ALL);
  expect(await ask({ clock: clockOff(299_000) })).toEqual(ALL);
  expect(stage.count("ListServiceAccounts")).toBe(1);
  expect(await ask({ clock: clockOff(301_000) })).toEqual(ALL);
  expect(stage.count("ListServiceAccounts")).toBe(2);
  const folder = join(stage.folder, "cache/iamcreds");
  const [file = "", ...more] = readdirSync(folder);
  expect(more).toEqual([]);
  expect([statSync(folder).mode & 0o777, statSync(join(folder, file)).mode & 0o777]).toEqual([0o700, 0o600]);
  expect(await iamcreds(["auth", "revoke-cache"], { variables })).toMatchObject({ code: 0 });
  expect(readdirSync(join(stage.folder, "cache"))).toEqual([]);
});

test("are none, without a word, when nobody may list them, there is no project, or the login is broken", async () => {
  const { CLOUDSDK_CORE_PROJECT: _, ...projectless } = variables;
  expect(await ask({ variables: projectless })).toEqual(NONE);
  expect(await ask({ variables: { ...variables, CLOUDSDK_CORE_PROJECT: "other-project" } })).toEqual(NONE);
  const nobody = { ...variables, GOOGLE_APPLICATION_CREDENTIALS: join(stage.folder, "absent.json") };
  expect(await ask({ variables: nobody })).toEqual(NONE);
  expect(readdirSync(stage.folder)).not.toContain("cache");
});

test("are none when nobody answers: a Tab does not hang", async () => {
  const mute = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(mute, "listening");
  const { port } = mute.address() as { port: number }; // as: it listens on TCP
  const silent = { ...variables, IAM_CREDENTIALS_EMULATOR_HOST: `127.0.0.1:${port}` };
  expect(await ask({ variables: silent })).toEqual(NONE);
  mute.close();
});

test("SHELL is missing without the flag", async () => {
  expect(await iamcreds(["completion"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("SHELL is missing"),
  });
});

test.each([
  ["1", [LOCKED, ROBOT]],
  ["0", []],
])("are offered by bash with IAMCREDS_COMPLETE_ACCOUNTS=%s: %j", async (value, offered) => {
  const bin = join(stage.folder, "iamcreds");
  writeFileSync(bin, `#!/bin/sh\nexec ${process.execPath} ${builtProgram()} "$@"\n`, { mode: 0o755 });
  const script = join(stage.folder, "completion.bash");
  writeFileSync(script, (await iamcreds(["completion", "bash"])).stdout);
  const program = `source ${script}; COMP_WORDS=(iamcreds token --impersonate-service-account ""); COMP_CWORD=3
    _iamcreds; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = variablesOf({
    ...variables,
    PATH: `${stage.folder}:${process.env["PATH"]}`,
    IAMCREDS_COMPLETE_ACCOUNTS: value,
  });
  const child = spawn("bash", ["--norc", "-c", program], { env });
  let stdout = "";
  child.stdout.on("data", (bytes) => {
    stdout += bytes;
  });
  await once(child, "close");
  expect(stdout.split("\n").filter((each) => each !== "")).toEqual(offered);
});
