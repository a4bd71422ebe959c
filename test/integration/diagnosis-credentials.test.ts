// SPDX-License-Identifier: Apache-2.0
// Stagings of credentials: a login that was revoked, a key that was deleted, an exchange that is throttled, other credentials than
// believed, tokens of pools, and a client certificate whose dates have passed.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type DiagnoseOptions, type Diagnosis, diagnose } from "../../src/diagnosis/index.js";
import { type Clock, ComputeEngineCredentials } from "../../src/index.js";
import { createCertificateAuthority } from "../support/certificate-authority.js";
import { iamcreds } from "../support/cli.js";
import { clockOff } from "../support/clock-off.js";
import {
  allow,
  type BareMachine,
  causesOf,
  commandsOf,
  openBareMachine,
  readable,
  sa,
} from "../support/diagnosis-stage.js";
import { BUILD, DANA, type GrantStage, openGrantStage, ROBOT } from "../support/grant-stage.js";

const LOGIN = "gcloud auth application-default login";
const POOL = "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/emulator-pool";
const SUBJECT = `principal:${POOL}/subject/worker-7`;

let stage: GrantStage;
let machine: BareMachine;
let file: string;
beforeEach(async () => {
  machine = openBareMachine();
  file = join(machine.folder, "credentials.json");
  stage = await openGrantStage("grpc", readable);
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  machine.close();
});

/** Diagnoses with the credentials file. */
function ask(options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const { emulator } = stage;
  const clientOptions = { apiEndpoint: emulator.host, insecure: true, credentialsFile: file, ...options.clientOptions };
  return diagnose({ target: ROBOT, ...options, clientOptions });
}
const identityOf = ({ findings }: Diagnosis) => findings.find(({ id }) => id === "identity");
const OK = { state: "ok", causes: [] };

test("a login that was revoked: log in again, and all is well with the new one", async () => {
  allow(stage, DANA, ROBOT);
  const write = () =>
    stage.emulator.writeCredentialsFile("external_account_authorized_user", file, { user: "dana@example.com" });
  await write();
  const { refresh_token: token } = JSON.parse(readFileSync(file, "utf8"));
  await fetch(`${stage.emulator.url}/revoke`, { method: "POST", body: new URLSearchParams({ token }) });
  const found = await ask();
  expect([causesOf(found), commandsOf(found)]).toEqual([["login-expired"], [LOGIN]]);
  expect(JSON.stringify(found)).not.toContain(token);
  rmSync(file);
  await write();
  expect(await ask()).toMatchObject(OK);
});

test("a login that was revoked, by the program", async () => {
  await stage.emulator.writeCredentialsFile("authorized_user", file, { user: "dana@example.com" });
  const { refresh_token: token } = JSON.parse(readFileSync(file, "utf8"));
  await fetch(`${stage.emulator.url}/revoke`, { method: "POST", body: new URLSearchParams({ token }) });
  const variables = { IAM_CREDENTIALS_EMULATOR_HOST: stage.emulator.host, GOOGLE_APPLICATION_CREDENTIALS: file };
  const { code, stdout } = await iamcreds(["diagnose", ROBOT], { variables });
  expect(code).toBe(3);
  expect(stdout).toContain("cause (login-expired): ");
  expect(stdout.match(/^(cause|perhaps) /gm)).toHaveLength(1);
});

test("a key file whose key was deleted: no published key of the account has its id", async () => {
  allow(stage, sa(BUILD), ROBOT);
  await stage.emulator.writeCredentialsFile("service_account", file, { serviceAccount: BUILD });
  const whole = await ask();
  expect(whole).toMatchObject(OK);
  expect(identityOf(whole)?.text).toBe(`${sa(BUILD)}, by a JWT signed with its own key`);
  const { private_key_id: keyId } = JSON.parse(readFileSync(file, "utf8"));
  await using keys = stage.client("owner");
  await keys.deleteServiceAccountKey({ name: `projects/-/serviceAccounts/${BUILD}/keys/${keyId}` });
  const found = await ask();
  expect(causesOf(found)).toEqual(["key-refused"]);
  expect(commandsOf(found)).toEqual([`gcloud iam service-accounts keys list --iam-account=${BUILD}`]);
  rmSync(file);
  await stage.emulator.writeCredentialsFile("service_account", file, { serviceAccount: BUILD });
  expect(await ask()).toMatchObject(OK);
});

test("a key file whose account was deleted", async () => {
  await stage.emulator.writeCredentialsFile("service_account", file, { serviceAccount: BUILD });
  await stage.admin.deleteServiceAccount({ name: BUILD });
  expect(causesOf(await ask())).toEqual(["key-refused"]);
});

describe("an exchange that is throttled", () => {
  const status = { code: "RESOURCE_EXHAUSTED", message: "Quota exceeded for quota metric." } as const;

  test("at STS", async () => {
    await stage.emulator.writeCredentialsFile("external_account", file, { subject: "worker-7" });
    allow(stage, SUBJECT, ROBOT);
    const remove = stage.emulator.addFault({ method: "sts.token", status });
    const found = await ask();
    expect([causesOf(found), commandsOf(found), found.state]).toEqual([["exchange-throttled"], [], "cause"]);
    remove();
    expect(await ask()).toMatchObject(OK);
  });

  test("at the metadata server", async () => {
    Object.assign(process.env, { GCE_METADATA_HOST: stage.emulator.host, METADATA_SERVER_DETECTION: "assume-present" });
    allow(stage, sa(ROBOT), ROBOT);
    const remove = stage.emulator.addFault({ method: "metadata.token", status });
    const impatient: Clock = {
      ...clockOff(0),
      schedule: (ms, callback, keeps) => clockOff(0).schedule(ms / 100, callback, keeps),
    };
    const credentials = new ComputeEngineCredentials({ clock: impatient });
    const askMachine = () => ask({ clientOptions: { credentialsFile: undefined, credentials } });
    const found = await askMachine();
    expect([causesOf(found), commandsOf(found)]).toEqual([["exchange-throttled"], []]);
    remove();
    expect((await askMachine()).state).toBe("ok");
  });
});

test("a token of a pool is told whose it is by STS, and its grant is asked for in that name", async () => {
  await stage.emulator.writeCredentialsFile("external_account", file, { subject: "worker-7" });
  const missing = await ask();
  expect([causesOf(missing), missing.caller]).toEqual([["role-missing"], SUBJECT]);
  expect(commandsOf(missing)).toEqual([expect.stringContaining(`--member=${SUBJECT} `)]);
  expect(identityOf(missing)).toMatchObject({ state: "ok", source: "STS introspect" });
  allow(stage, SUBJECT, ROBOT);
  expect(await ask()).toMatchObject(OK);
});

test("other credentials than believed: the places are told, and whose they are", async () => {
  allow(stage, DANA, ROBOT);
  await stage.emulator.writeCredentialsFile("external_account_authorized_user", file, { user: "dana@example.com" });
  const found = await ask({ caller: "user:eve@example.com" });
  expect([causesOf(found), commandsOf(found)]).toEqual([["credentials-unexpected"], []]);
  expect(found.causes[0]?.text).toContain(`are those of ${DANA}, not of user:eve@example.com`);
  expect(found.causes[0]?.evidence.join()).toContain(`option credentialsFile (${file}): used`);
  expect(await ask({ caller: DANA })).toMatchObject(OK);
});

describe("a client certificate", () => {
  const askWith = (validForMs: number) => {
    const { certificate: cert, privateKey: key } = createCertificateAuthority().issue(["client.example"], validForMs);
    process.env["GOOGLE_API_USE_CLIENT_CERTIFICATE"] = "true";
    const { emulator } = stage;
    allow(stage, DANA, ROBOT);
    const clientOptions = { ...emulator.clientOptions(DANA), clientCertSource: () => ({ cert, key }) };
    return diagnose({ target: ROBOT, caller: DANA, clientOptions });
  };

  test("whose dates have passed is a cause, and one that is good is not", async () => {
    await stage[Symbol.asyncDispose]();
    stage = await openGrantStage("grpc", { ...readable, tls: true });
    const expired = await askWith(-60_000);
    expect(causesOf(expired)).toContain("certificate-missing");
    expect(expired.findings.find(({ id }) => id === "certificate")?.text).toMatch(/expired on /);
    const good = await askWith(3_600_000);
    expect(good).toMatchObject(OK);
    expect(good.findings.find(({ id }) => id === "certificate")?.text).toMatch(/valid until /);
  });

  test("that is switched on and not there is a suspicion, which goes with the variable", async () => {
    await stage[Symbol.asyncDispose]();
    stage = await openGrantStage("grpc", { ...readable, tls: true });
    allow(stage, DANA, ROBOT);
    process.env["GOOGLE_API_USE_CLIENT_CERTIFICATE"] = "true";
    const askDana = () => diagnose({ target: ROBOT, caller: DANA, clientOptions: stage.emulator.clientOptions(DANA) });
    const found = await askDana();
    expect([found.state, causesOf(found)]).toEqual(["ok", ["certificate-missing?"]]);
    expect(commandsOf(found)).toEqual(["unset GOOGLE_API_USE_CLIENT_CERTIFICATE"]);
    delete process.env["GOOGLE_API_USE_CLIENT_CERTIFICATE"];
    expect(await askDana()).toMatchObject(OK);
  });
});
