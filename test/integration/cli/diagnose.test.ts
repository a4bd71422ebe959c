// SPDX-License-Identifier: Apache-2.0
// `iamcreds diagnose`: what it prints, how it ends, what it reads of other programs' errors, and the bundle to hand on.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtProgram, iamcreds, variablesOf } from "../../support/cli.js";
import { allow } from "../../support/diagnosis-stage.js";
import { gcloud, gcloudVariables, hasGcloud } from "../../support/gcloud.js";
import { BUILD, DANA, type GrantStage, openGrantStage, ROBOT, TOKEN_CREATOR } from "../../support/grant-stage.js";

const GRANT = `gcloud iam service-accounts add-iam-policy-binding ${ROBOT} --member=${DANA} --role=${TOKEN_CREATOR} --condition=None`;
const DENIED = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).";

let stage: GrantStage;
let folder: string;
let variables: Record<string, string>;
beforeEach(async () => {
  stage = await openGrantStage("grpc");
  folder = mkdtempSync(join(tmpdir(), "diagnose-"));
  const login = join(folder, "dana.json");
  await stage.emulator.writeCredentialsFile("authorized_user", login, { user: "dana@example.com" });
  variables = { IAM_CREDENTIALS_EMULATOR_HOST: stage.emulator.host, GOOGLE_APPLICATION_CREDENTIALS: login };
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test("asks who calls, draws the chain, prints the command, and ends with 3; mended, it ends with 0", async () => {
  allow(stage, `serviceAccount:${BUILD}`, ROBOT);
  const args = ["diagnose", ROBOT, "--delegates", BUILD];
  const broken = await iamcreds(args, { variables });
  expect(broken.code).toBe(3);
  expect(broken.stdout).toContain("ok  Who am I?  user:dana@example.com\n");
  expect(broken.stdout).toContain(`\ndana@example.com --MISSING implicitDelegation--> ${BUILD} --?--> ${ROBOT}\n`);
  expect(broken.stdout).toContain(
    `\n  run: ${GRANT.replace(ROBOT, BUILD)}\n       by anyone with roles/iam.serviceAccountAdmin on the account\n`,
  );
  allow(stage, DANA, BUILD);
  const whole = await iamcreds(args, { variables });
  expect(whole.code).toBe(0);
  expect(whole.stdout).toContain(`\ndana@example.com --ok--> ${BUILD} --ok--> ${ROBOT}\n\nnothing is wrong\n`);
});

test("ends with 1 when it does not work and no cause is certain, and with 2 when it is asked wrongly", async () => {
  allow(stage, DANA, ROBOT);
  stage.emulator.addFault({ method: "GenerateAccessToken", status: { code: "INTERNAL", message: "Internal error." } });
  const open = await iamcreds(["diagnose", ROBOT], { variables });
  expect(open.code).toBe(1);
  expect(open.stdout).toContain("no cause was found");
  expect(open.stdout).toContain("??  Where else to look?");
  expect((await iamcreds(["diagnose", ROBOT, "--permission", "actAs"], { variables })).code).toBe(2);
  expect((await iamcreds(["diagnose", "--error", join(folder, "nowhere")], { variables })).code).toBe(2);
});

test("tells programs the same as JSON", async () => {
  const { code, stdout } = await iamcreds(["diagnose", ROBOT, "--format", "json"], { variables });
  const { state, causes, caller, chain } = JSON.parse(stdout);
  expect([code, state, caller]).toEqual([3, "cause", DANA]);
  expect(causes).toMatchObject([{ cause: "role-missing", id: "policy", commands: [{ command: GRANT }] }]);
  expect(chain.hops).toMatchObject([{ state: "missing" }]);
});

test.each([
  ["curl", JSON.stringify({ error: { code: 403, message: DENIED, status: "PERMISSION_DENIED" } })],
  ["Go", `rpc error: code = PermissionDenied desc = ${DENIED}`],
  ["Python", `google.api_core.exceptions.PermissionDenied: 403 ${DENIED}`],
  ["gaxios", `GaxiosError: ${DENIED}\n    at Gaxios._request {\n  code: 403,\n  status: 403`],
])(
  "reads the error that %s printed, from standard input or a file, without sending anything",
  async (_program, printed) => {
    const args = ["diagnose", ROBOT, "--caller", DANA, "--offline", "--error"];
    const piped = await iamcreds([...args, "-"], { variables, input: printed });
    const path = join(folder, "error.txt");
    writeFileSync(path, printed);
    const read = await iamcreds([...args, path], { variables });
    for (const { code, stdout } of [piped, read]) {
      expect(code).toBe(3);
      expect(stdout).toContain(`run: ${GRANT}\n`);
    }
    expect(stage.emulator.calls()).toEqual([]);
  },
);

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";

/** What programs print that nobody here wrote, when the emulator refuses them. */
const FOREIGN: Readonly<Record<string, { readonly isThere: boolean; print(): Promise<string> }>> = {
  curl: {
    isThere: spawnSync("curl", ["--version"]).status === 0,
    async print() {
      const token = await stage.emulator.accessToken(DANA);
      const url = `${stage.emulator.url}/v1/projects/-/serviceAccounts/${ROBOT}:generateAccessToken`;
      const headers = ["-H", `authorization: Bearer ${token}`, "-H", "content-type: application/json"];
      const { stdout } = await runForeign("curl", [
        "-sS",
        "-i",
        ...headers,
        "-d",
        JSON.stringify({ scope: [SCOPE] }),
        url,
      ]);
      return stdout;
    },
  },
  gcloud: {
    isThere: hasGcloud,
    async print() {
      const config = gcloudVariables(stage.emulator.url, join(folder, "config"), "stage-project");
      const login = { CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: variables["GOOGLE_APPLICATION_CREDENTIALS"] ?? "" };
      const args = ["auth", "print-access-token", `--impersonate-service-account=${ROBOT}`];
      return (await gcloud(args, { ...config, ...login })).stderr;
    },
  },
  "google-auth-library": {
    isThere: true,
    async print() {
      const script = `const { Impersonated, OAuth2Client } = require("google-auth-library");
        const sourceClient = new OAuth2Client();
        sourceClient.setCredentials({ access_token: process.env.TOKEN, expiry_date: Date.now() + 3e6 });
        const endpoint = process.env.URL;
        new Impersonated({ sourceClient, targetPrincipal: "${ROBOT}", targetScopes: ["${SCOPE}"], endpoint }).getAccessToken().catch(console.error);`;
      const env = { TOKEN: await stage.emulator.accessToken(DANA), URL: stage.emulator.url };
      return (await runForeign(process.execPath, ["-e", script], env)).stderr;
    },
  },
};

/** Runs a program of somebody else's to its end. */
async function runForeign(
  command: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(command, args, { env: variablesOf(more), cwd: join(__dirname, "../../..") });
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].on("data", (bytes) => {
      printed[name] += bytes;
    });
  }
  await once(child, "close");
  return printed;
}

const named = Object.entries(FOREIGN).map(
  ([program, foreign]) => [foreign.isThere ? program : `(not judged, not installed:) ${program}`, foreign] as const,
);
test.each(named)(
  "reads what %s itself prints when it is refused",
  async (_program, { isThere, print }) => {
    if (!isThere) return;
    const printed = await print();
    const args = ["diagnose", ROBOT, "--caller", DANA, "--offline", "--format", "json", "--error", "-"];
    const { code, stdout } = await iamcreds(args, { variables, input: printed });
    const { causes } = JSON.parse(stdout);
    expect(causes).toMatchObject([{ cause: "role-missing", commands: [{ command: GRANT }] }]);
    expect([0, 1, 3]).toContain(code);
    expect(stdout).not.toMatch(/ya29/);
  },
  60_000,
);

test("writes a bundle for its owner alone, without addresses unless they are asked for, and never with a token", async () => {
  const path = join(folder, "bundle.json");
  await iamcreds(["diagnose", ROBOT, "--bundle", path], { variables });
  const bundle = readFileSync(path, "utf8");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(JSON.parse(bundle)).toMatchObject({ version: 1, state: "cause", caller: "user:account-1@example.invalid" });
  expect(bundle).not.toMatch(/dana@|robot@|ya29|client_secret|refresh_token/);
  const full = join(folder, "full.json");
  await iamcreds(["diagnose", ROBOT, "--bundle", full, "--emails"], { variables });
  expect(readFileSync(full, "utf8")).toContain(ROBOT);
});

test("every command that fails says why and what to run, to people and to programs", async () => {
  const told = await iamcreds(["token", ROBOT], { variables });
  expect(told.code).toBe(5);
  expect(told.stderr).toContain("\nwhy: the caller lacks iam.serviceAccounts.getAccessToken on ");
  expect(told.stderr).toContain("\nrun: gcloud iam service-accounts add-iam-policy-binding ");
  const json = await iamcreds(["token", ROBOT, "--format", "json"], { variables });
  expect(JSON.parse(json.stderr).error).toMatchObject({ cause: "role-missing", commands: [expect.any(String)] });
  expect((await iamcreds(["token", "not-an-account"], { variables })).stderr).not.toContain("why");
});

const hasNode18 = spawnSync("npx", ["-y", "node@18", "--version"], { stdio: "ignore" }).status === 0;
test(hasNode18
  ? "tells a Node that is too old that it is, on that Node"
  : "is not judged on Node 18: npx does not have it", async () => {
  if (!hasNode18) return;
  const args = ["-y", "node@18", builtProgram(), "diagnose", "--offline"];
  // npx has its packages in the machine's own folder.
  const env = { ...variablesOf(variables), HOME: process.env["HOME"], npm_config_update_notifier: "false" };
  const { status, stdout } = spawnSync("npx", args, { env, encoding: "utf8" });
  expect(status).toBe(3);
  expect(stdout).toMatch(/^cause \(node-too-old\): Node.js 20 or newer is required, not 18\./m);
  expect(stdout.match(/^(cause|perhaps) /gm)).toHaveLength(1);
}, 60_000);
