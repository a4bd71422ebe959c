// SPDX-License-Identifier: Apache-2.0
// The commands, the requests and the walks through the console of Google's guide on short-lived credentials, line by line: iamcreds
// in gcloud's place, curl, and the commands that do what the console does.

import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../../src/emulator/index.js";
import { type CliResult, iamcreds, iamcredsProcess } from "../../support/cli.js";
import { readCommands } from "../../support/shell-words.js";

const PROJECT = "my-project";
const CALLER_ACCOUNT = "my-user@example.com";
const CALLER_SA = `demo@${PROJECT}.iam.gserviceaccount.com`;
const PRIV_SA = `priv@${PROJECT}.iam.gserviceaccount.com`;
const AUDIENCE = "https://my-service.example";
const USER = `user:${CALLER_ACCOUNT}`;
const CREATOR = "roles/iam.serviceAccountTokenCreator";
const OPEN_ID_CREATOR = "roles/iam.serviceAccountOpenIdTokenCreator";

let emulator: Emulator;
let folder: string;
let variables: Readonly<Record<string, string>>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "guide-"));
  emulator = await startEmulator({
    serviceAccounts: [CALLER_SA, PRIV_SA],
    grants: ["roles/iam.serviceAccountAdmin", "roles/owner"].map((role) => ({ member: USER, role, project: PROJECT })),
  });
  const file = join(folder, "login.json");
  await emulator.writeCredentialsFile("authorized_user", file, { user: CALLER_ACCOUNT });
  variables = {
    IAM_CREDENTIALS_EMULATOR_HOST: emulator.host,
    GOOGLE_APPLICATION_CREDENTIALS: file,
    CLOUDSDK_CORE_PROJECT: PROJECT,
  };
});
afterEach(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true });
});

const commands = readCommands(readFileSync(join(__dirname, "guide-commands.txt"), "utf8"));
const names: Readonly<Record<string, string>> = { PRIV_SA, CALLER_SA, CALLER_ACCOUNT, AUDIENCE_NAME: AUDIENCE };
const withNames = (words: readonly string[]): string[] =>
  words
    .slice(1)
    .map((word) => word.replace(/PRIV_SA|CALLER_SA|CALLER_ACCOUNT|AUDIENCE_NAME/g, (name) => names[name] ?? name));

/** What the guide says that a binding is answered with. */
function expectUpdated({ code, stdout, stderr }: CliResult, args: readonly string[]): void {
  expect([code, stderr]).toEqual([0, `Updated IAM policy for serviceAccount [${PRIV_SA}].\n`]);
  const policy = JSON.parse(stdout);
  expect(Object.keys(policy)).toEqual(["bindings", "etag", "version"]);
  const [, member = ""] = /--member=(.*)/.exec(args.join(" ").split(" --role")[0] ?? "") ?? [];
  const [, role = ""] = /--role=(\S+)/.exec(args.join(" ")) ?? [];
  expect(policy.bindings).toContainEqual({ members: expect.arrayContaining([member]), role });
  expect(Object.keys(policy.bindings[0])).toEqual(["members", "role"]);
  expect([policy.etag, policy.version]).toEqual([expect.stringMatching(/^[\w+/]+=*$/), 1]);
}

function expectTokenAlone({ code, stdout, stderr }: CliResult, form: RegExp): void {
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(form);
}

describe("the 40 commands of the guide, with iamcreds in gcloud's place", () => {
  it("are 40", () => {
    expect(commands.map(([word]) => word)).toEqual(Array.from({ length: 40 }, () => "gcloud"));
  });

  it("answer as the guide prints it, on the streams that it prints it on, from APIs that are off to tokens", async () => {
    const off = ["iam.googleapis.com", "iamcredentials.googleapis.com"];
    for (const service of off) {
      const disabled = await iamcreds(["services", "disable", service], { variables });
      expect([disabled.code, disabled.stdout]).toEqual([0, ""]);
    }
    expect((await iamcreds(["iam", "service-accounts", "list"], { variables })).stderr).toMatch(
      /SERVICE_DISABLED|has not been used/,
    );
    for (const role of [CREATOR, OPEN_ID_CREATOR]) emulator.addGrant({ member: USER, role, serviceAccount: PRIV_SA });
    let count = 0;
    for (const words of commands.map(withNames)) {
      const result = await iamcreds(words, { variables });
      const name = words.join(" ");
      if (name.startsWith("init") || name.startsWith("auth application-default")) {
        expect(result).toMatchObject({
          code: 2,
          stdout: "",
          stderr: expect.stringContaining(`use gcloud instead: gcloud ${name}`),
        });
      } else if (name.startsWith("auth print-access-token")) expectTokenAlone(result, /^ya29\.c\.[\w-]+\n$/);
      else if (name.startsWith("auth print-identity-token")) expectTokenAlone(result, /^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/);
      else if (name.startsWith("iam service-accounts add-iam-policy-binding")) expectUpdated(result, words);
      else if (name.startsWith("services enable")) {
        expect([result.code, result.stdout]).toEqual([0, ""]);
        expect(result.stderr).toMatch(/^Operation "operations\/\S+" finished successfully\.\n$/);
      } else throw new Error(`the guide has a command that nobody looks at: ${name}`);
      count += 1;
    }
    expect(count).toBe(40);
  });

  it("answer the same as a process", async () => {
    emulator.addGrant({ member: USER, role: CREATOR, serviceAccount: PRIV_SA });
    const runAll = commands
      .map(withNames)
      .filter((words, index, all) => all.findIndex((each) => each.join() === words.join()) === index);
    for (const words of runAll) {
      const inside = await iamcreds(words, { variables });
      const process = await iamcredsProcess(words, { variables });
      const blur = (text: string) => text.replace(/(ya29|eyJ)[\w.-]+/g, "TOKEN").replace(/"etag": ".*"/, "");
      expect([words, process.code, blur(process.stdout), process.stderr]).toEqual([
        words,
        inside.code,
        blur(inside.stdout),
        inside.stderr,
      ]);
    }
  });
});

const { status: curlStatus } = spawnSync("curl", ["--version"]);

describe("the requests of the guide, by curl", () => {
  const title =
    curlStatus === 0 ? "answer with the fields that the guide prints" : "are not judged: curl is not installed";

  async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
    const token = await emulator.accessToken(USER);
    const headers = ["-H", "Authorization: Bearer @-", "-H", "Content-Type: application/json; charset=utf-8"];
    const args = [
      "-sS",
      "--fail-with-body",
      "-X",
      "POST",
      ...headers.slice(2),
      "-H",
      "@-",
      "-d",
      JSON.stringify(body),
      `${emulator.url}${path}`,
    ];
    return new Promise((resolve, reject) => {
      const child = execFile("curl", args, (error, stdout) =>
        error === null ? resolve(JSON.parse(stdout)) : reject(new Error(stdout)),
      );
      child.stdin?.end(`Authorization: Bearer ${token}\n`);
    });
  }

  it(title, async () => {
    if (curlStatus !== 0) return;
    for (const role of [CREATOR, OPEN_ID_CREATOR]) emulator.addGrant({ member: USER, role, serviceAccount: PRIV_SA });
    const resource = `/v1/projects/${PROJECT}/serviceAccounts/${PRIV_SA}`;
    const members = [`serviceAccount:${CALLER_SA}`, USER];
    const untouched = `/v1/projects/${PROJECT}/serviceAccounts/${CALLER_SA}:getIamPolicy`;
    const bare = await post(untouched, { options: { requestedPolicyVersion: 3 } });
    expect(Object.keys(bare)).toEqual(["etag"]); // the guide: with no roles granted, the response contains only an etag
    // Twice for each of the four kinds of token: for a service account as the caller, and for a user.
    for (const role of [CREATOR, OPEN_ID_CREATOR, CREATOR, CREATOR]) {
      for (const member of members) {
        const read = await post(`${resource}:getIamPolicy`, { options: { requestedPolicyVersion: 3 } });
        const bindings = [...((read["bindings"] as object[]) ?? []), { role, members: [member] }];
        const written = await post(`${resource}:setIamPolicy`, { policy: { ...read, bindings } });
        expect(Object.keys(written).sort()).toEqual(["bindings", "etag", "version"]);
        expect(written["etag"]).not.toBe(read["etag"]);
      }
    }
    const account = `/v1/projects/-/serviceAccounts/${PRIV_SA}`;
    const scope = ["https://www.googleapis.com/auth/cloud-platform"];
    expect(await post(`${account}:generateAccessToken`, { scope, lifetime: "300s" })).toEqual({
      accessToken: expect.stringMatching(/^ya29/),
      expireTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    const identity = await post(`${account}:generateIdToken`, { audience: AUDIENCE, includeEmail: "true" });
    expect(identity).toEqual({ token: expect.stringMatching(/^eyJ/) });
    const payload = JSON.stringify({
      iss: PRIV_SA,
      sub: PRIV_SA,
      aud: AUDIENCE,
      iat: 1_900_000_000,
      exp: 1_900_000_600,
    });
    const keyId = expect.stringMatching(/^[0-9a-f]{40}$/);
    const signed = await post(`${account}:signJwt`, { payload }).catch(({ message }: Error) => message);
    expect(signed).toMatch(/Request contains an invalid argument/); // exp is more than 12 hours away
    const soon = Math.floor(Date.now() / 1000) + 600;
    expect(await post(`${account}:signJwt`, { payload: JSON.stringify({ sub: PRIV_SA, exp: soon }) })).toEqual({
      keyId,
      signedJwt: expect.stringMatching(/^eyJ/),
    });
    const blob = Buffer.from("The quick brown fox jumped over the lazy dog.").toString("base64");
    expect(await post(`${account}:signBlob`, { payload: blob })).toEqual({ keyId, signedBlob: expect.any(String) });
  });
});

/** The walks: who is granted which role in the section of which kind of token. */
const WALKS = [CREATOR, OPEN_ID_CREATOR, CREATOR, CREATOR].flatMap((role, kind) =>
  [`serviceAccount:${CALLER_SA}`, USER].map((member) => ({
    kind: ["access token", "ID token", "JWT", "blob"][kind],
    member,
    role,
  })),
);

describe("the eight walks through the console, by commands", () => {
  it.each(WALKS)("$kind: the account is listed, opened, and $member is granted $role", async ({ member, role }) => {
    const service = ["iam", "service-accounts"];
    const listed = await iamcreds([...service, "list", "--format", "value(email)"], { variables });
    expect(listed.stdout.split("\n")).toContain(PRIV_SA);
    const opened = await iamcreds([...service, "describe", PRIV_SA, "--format", "value(email)"], { variables });
    expect(opened.stdout).toBe(`${PRIV_SA}\n`);
    const before = await iamcreds([...service, "get-iam-policy", PRIV_SA], { variables });
    expect(Object.keys(JSON.parse(before.stdout))).toEqual(["etag"]);
    const binding = [`--member=${member}`, `--role=${role}`];
    expectUpdated(await iamcreds([...service, "add-iam-policy-binding", PRIV_SA, ...binding], { variables }), binding);
    const after = await iamcreds([...service, "get-iam-policy", PRIV_SA], { variables });
    expect(JSON.parse(after.stdout).bindings).toEqual([{ members: [member], role }]);
  });
});
