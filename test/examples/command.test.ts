// SPDX-License-Identifier: Apache-2.0
// Runs the commands that the README and the emulator's page show, word for word but for their port, and a client where what they
// print points.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = resolve(__dirname, "../..");

/** The arguments of the first `iamcreds` on a page. */
function readArguments(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8").replaceAll("\\\n", "");
  const [, line = ""] = /^npx (?:-p iam-credentials-client )?iamcreds (.+)$/m.exec(text) ?? [];
  return line.split(/ +/);
}

const GRANTED = {
  member: "user:dana@example.com",
  role: "roles/iam.serviceAccountTokenCreator",
  serviceAccount: "robot@my-project.iam.gserviceaccount.com",
};

const CALL = `
  const { IAMCredentialsAsyncClient } = require("iam-credentials-client");
  const client = new IAMCredentialsAsyncClient();
  const name = "robot@my-project.iam.gserviceaccount.com";
  client.signBlob({ name, payload: Buffer.from("x") })
    .then(({ signedBlob }) => process.stdout.write(String(signedBlob.length)))
    .finally(() => client.close());
`;

test.each([
  ["README.md", []],
  ["docs/emulator.md", [GRANTED]],
])("the command of %s starts an emulator, and what it exports points clients at it", async (page, grants) => {
  const args = readArguments(page);
  expect(args[0]).toBe("emulator");
  const command = [join(root, "build/iamcreds.js"), ...args, "--port", "0"];
  const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [printed] = await once(child.stdout.setEncoding("utf8"), "data");
    const [, host = ""] = /^export IAM_CREDENTIALS_EMULATOR_HOST=(.*)$/m.exec(printed) ?? [];
    const env = { ...process.env, IAM_CREDENTIALS_EMULATOR_HOST: host };
    expect(await run(process.execPath, ["-e", CALL], { cwd: root, env })).toEqual({ stdout: "256", stderr: "" });
    const state = (await (await fetch(`http://${host}/emulator/v1/state`)).json()) as { grants: unknown };
    expect(state.grants).toEqual(grants);
  } finally {
    child.kill("SIGTERM");
  }
  expect(await once(child, "exit")).toEqual([0, null]);
});
