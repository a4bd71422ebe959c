// SPDX-License-Identifier: Apache-2.0
// `iamcreds diagnose`: what it prints, how it ends, what it reads of other programs' errors, and the bundle to hand on.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { iamcreds } from "../../support/cli.js";
import { allow } from "../../support/diagnosis-stage.js";
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
    `\n  run: ${GRANT.replace(ROBOT, BUILD)}\n       by whoever has roles/iam.serviceAccountAdmin on the account\n`,
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
  expect(open.stdout).toContain("??  Where else can one look?");
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
