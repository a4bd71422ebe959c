// SPDX-License-Identifier: Apache-2.0
// Runs the commands that the README and the emulator's page show, word for word but for their port, and a client where what they
// print points.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = resolve(__dirname, "../..");

/** The arguments of each `iamcreds` on a page. */
function readCommands(page: string): string[][] {
  const text = readFileSync(join(root, page), "utf8").replaceAll("\\\n", "");
  const lines = text.matchAll(/^npx (?:-p iam-credentials-client )?iamcreds (.+)$/gm);
  return Array.from(lines, ([, line = ""]) => line.split(/ +/));
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
  const [args = []] = readCommands(page);
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

test("the commands of docs/permissions.md tell which grant one call has needed, in three forms", async () => {
  const [start = [], call = []] = readCommands("docs/permissions.md");
  const folder = mkdtempSync(join(tmpdir(), "permissions-"));
  const iamcreds = join(root, "build/iamcreds.js");
  const child = spawn(process.execPath, [iamcreds, ...start, "--port", "0"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [printed] = await once(child.stdout.setEncoding("utf8"), "data");
    const [, host = ""] = /^export IAM_CREDENTIALS_EMULATOR_HOST=(.*)$/m.exec(printed) ?? [];
    const page = readFileSync(join(root, "docs/permissions.md"), "utf8");
    const [, file = ""] = /^export .* GOOGLE_APPLICATION_CREDENTIALS=(\S+)$/m.exec(page) ?? [];
    const env = { ...process.env, IAM_CREDENTIALS_EMULATOR_HOST: host, GOOGLE_APPLICATION_CREDENTIALS: file };
    await run(process.execPath, [iamcreds, ...call], { cwd: folder, env });
    const urls = Array.from(
      page.matchAll(/^curl "http:\/\/127\.0\.0\.1:8519(\S+)"/gm),
      ([, path]) => `http://${host}${path}`,
    );
    const told = await Promise.all(urls.map(async (url) => (await fetch(url)).text()));
    const who = "--member=user:developer@example.com --role=roles/iam.serviceAccountTokenCreator --condition=None";
    const command = `iam service-accounts add-iam-policy-binding ${GRANTED.serviceAccount} ${who}`;
    expect(told).toEqual([
      `gcloud ${command}\n`,
      `iamcreds ${command}\n`,
      expect.stringMatching(/^resource "google_service_account_iam_member" "user_developer_\w+" \{\n/),
    ]);
  } finally {
    child.kill("SIGTERM");
    await once(child, "exit");
    rmSync(folder, { recursive: true });
  }
});
