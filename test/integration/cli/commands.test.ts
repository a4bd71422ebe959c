// SPDX-License-Identifier: Apache-2.0
// The commands about tokens, signatures and accounts, against an emulator: results, forms, exit codes, and what they keep to
// themselves.

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { startEmulator } from "../../../src/emulator/index.js";
import {
  type CommandsStage,
  CREATOR,
  DANA,
  MIDDLE,
  openCommandsStage,
  PROJECT,
  ROBOT,
} from "../../support/commands-stage.js";

let stage: CommandsStage;
beforeEach(async () => {
  stage = await openCommandsStage();
});
afterEach(() => stage.close());

describe("tokens", () => {
  it.each([
    [`token ${ROBOT}`, `auth print-access-token ${ROBOT}`],
    [`id-token ${ROBOT} --audience=https://a`, `auth print-identity-token ${ROBOT} --audiences=https://a`],
    [`headers ${ROBOT}`, `auth print-headers ${ROBOT}`],
    ["whoami", "auth whoami"],
    [`check ${ROBOT}`, `iam check-chain --target ${ROBOT}`],
    [
      `grant --caller ${DANA} --target ${ROBOT} --wait 0`,
      `iam grant-token-creator --caller ${DANA} --target ${ROBOT} --wait 0`,
    ],
  ])("%s is %s", async (short, long) => {
    const blur = (text: string) => text.replace(/(ya29|eyJ)[\w.-]+/g, "TOKEN").replace("added", "already there");
    const [one, other] = [await stage.run(short), await stage.run(long)];
    expect([one.code, blur(one.stdout), one.stderr]).toEqual([other.code, blur(other.stdout), other.stderr]);
    expect(one.code).toBe(0);
  });

  it("have the chain that --impersonate-service-account or --delegates names, and the lifetime and scopes", async () => {
    stage.emulator.addGrant({ member: DANA, role: CREATOR, serviceAccount: MIDDLE });
    stage.emulator.addGrant({ member: `serviceAccount:${MIDDLE}`, role: CREATOR, serviceAccount: ROBOT });
    const variables = await stage.loginOf(DANA);
    for (const chain of [`--impersonate-service-account ${MIDDLE},${ROBOT}`, `${ROBOT} --delegates ${MIDDLE}`]) {
      const { code, stdout } = await stage.run(
        `token ${chain} --lifetime 5m --scopes devstorage.read_only,email --format json`,
        { variables },
      );
      expect(code).toBe(0);
      const { expireTime, ...rest } = JSON.parse(stdout);
      expect(rest).toEqual({
        accessToken: expect.stringMatching(/^ya29/),
        principal: ROBOT,
        scopes: "https://www.googleapis.com/auth/devstorage.read_only email",
      });
      const minutes = (Date.parse(expireTime) - Date.now()) / 60_000;
      expect([minutes > 4, minutes < 5.1]).toEqual([true, true]);
    }
    const direct = await stage.run(`token ${ROBOT}`, { variables });
    expect([direct.code, direct.stdout]).toEqual([5, ""]);
  });

  it("are of the account that the variable of gcloud or Terraform names", async () => {
    for (const name of ["CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT", "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT"]) {
      const { stdout } = await stage.run("token --format value(principal)", { variables: { [name]: ROBOT } });
      expect(stdout).toBe(`${ROBOT}\n`);
    }
  });

  it("come by a token on standard input or in a file, and the file may end in a newline", async () => {
    stage.emulator.addGrant({ member: DANA, role: CREATOR, serviceAccount: ROBOT });
    const token = await stage.emulator.accessToken(DANA);
    writeFileSync(stage.file("token"), `${token}\n`);
    expect(await stage.run(`token ${ROBOT} --source -`, { input: token })).toMatchObject({ code: 0, stderr: "" });
    expect(await stage.run(`token ${ROBOT} --access-token-file ${stage.file("token")}`)).toMatchObject({
      code: 0,
      stderr: "",
    });
    expect(stage.emulator.calls().map(({ principal }) => principal)).toEqual([DANA, DANA]);
  });

  it("are printed for a shell, for curl, and to GitHub's file with a mask", async () => {
    const env = await stage.run(`token ${ROBOT} --format env`);
    expect(env.stdout).toMatch(
      /^export GOOGLE_OAUTH_ACCESS_TOKEN=ya29\S+\nexport CLOUDSDK_AUTH_ACCESS_TOKEN=ya29\S+\n$/,
    );
    expect((await stage.run(`headers ${ROBOT}`)).stdout).toMatch(/^authorization: Bearer ya29\S+\n$/);
    const github = await stage.run(`token ${ROBOT} --format env --github`, {
      variables: { GITHUB_ENV: stage.file("github") },
    });
    expect(github.stdout).toMatch(/^::add-mask::ya29\S+\n$/);
    expect(readFileSync(stage.file("github"), "utf8")).toMatch(
      /^GOOGLE_OAUTH_ACCESS_TOKEN=ya29\S+\nCLOUDSDK_AUTH_ACCESS_TOKEN=ya29\S+\n$/,
    );
  });

  it("are told of on a terminal, and as variables only where that is asked for", async () => {
    const shown = await stage.run(`token ${ROBOT}`, { columns: 80 });
    expect(shown.stderr).toMatch(new RegExp(`^# ${ROBOT}, until \\d\\d:\\d\\d:\\d\\d \\((59|60) min\\)\n$`));
    const refused = await stage.run(`token ${ROBOT} --format env`, { columns: 80 });
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect((await stage.run(`token ${ROBOT} --format env --yes-print`, { columns: 80 })).code).toBe(0);
  });

  it("decode to what they say, verified, and never with the signature", async () => {
    const { stdout: token } = await stage.run(`id-token ${ROBOT} --audiences https://a`);
    const { stdout } = await stage.run("auth decode --verify --audiences https://a", { input: token });
    expect(JSON.parse(stdout)).toMatchObject({
      header: { alg: "RS256" },
      claims: { aud: "https://a", email: ROBOT },
      verified: true,
    });
    expect(stdout).not.toContain(token.trim().split(".")[2]);
    const other = await stage.run("auth decode --verify --audiences https://b", { input: token });
    expect([other.code, other.stdout]).toEqual([1, ""]);
    const { stdout: opaque } = await stage.run(`token ${ROBOT}`);
    writeFileSync(stage.file("opaque"), opaque);
    expect((await stage.run(`auth decode ${stage.file("opaque")} --format value(scope)`)).stdout).toMatch(
      /cloud-platform\n$/,
    );
  });

  it("have the number of the organization where that is asked for, by the chain, and with the e-mail or not", async () => {
    await using numbered = await startEmulator({
      serviceAccounts: [MIDDLE, ROBOT],
      organizationNumber: "77",
      grants: [
        { member: DANA, role: CREATOR, serviceAccount: MIDDLE },
        { member: `serviceAccount:${MIDDLE}`, role: CREATOR, serviceAccount: ROBOT },
      ],
    });
    const login = stage.file("numbered.json");
    await numbered.writeCredentialsFile("authorized_user", login, { user: "dana@example.com" });
    const variables = { IAM_CREDENTIALS_EMULATOR_HOST: numbered.host, GOOGLE_APPLICATION_CREDENTIALS: login };
    const line = `id-token ${ROBOT} --delegates ${MIDDLE} --audiences https://a`;
    const claims = async (flags: string) => {
      const { stdout, code } = await stage.run(`${line}${flags} --format json`, { variables });
      expect(code).toBe(0);
      const { token, expireTime } = JSON.parse(stdout);
      const said = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
      expect(Date.parse(expireTime)).toBe(said.exp * 1000);
      return said;
    };
    expect(await claims(" --organization-number")).toMatchObject({
      google: { organization_number: "77" },
      email: ROBOT,
    });
    const bare = await claims(" --organization-number --no-include-email");
    expect([bare.google, bare.email]).toEqual([{ organization_number: "77" }, undefined]);
    expect((await claims("")).google).toBeUndefined();
    const denied = await stage.run(`id-token ${ROBOT} --audiences https://a --organization-number`, { variables });
    expect([denied.code, denied.stdout]).toEqual([5, ""]);
    const nobody = await stage.run("id-token --audiences https://a --organization-number");
    expect([nobody.code, nobody.stderr]).toEqual([
      2,
      expect.stringContaining("--organization-number needs a service account"),
    ]);
  });

  it("are whose they are: whoami names the user, the file and the scopes", async () => {
    const variables = await stage.loginOf(DANA);
    const { stdout } = await stage.run("whoami --format json", { variables });
    expect(JSON.parse(stdout)).toMatchObject({
      principal: "dana@example.com",
      source: `GOOGLE_APPLICATION_CREDENTIALS (${variables["GOOGLE_APPLICATION_CREDENTIALS"]})`,
      type: "authorized_user",
      scopes: ["https://www.googleapis.com/auth/cloud-platform", "openid", "email"],
    });
  });
});

describe("what is signed", () => {
  it("is a JWT or a signature in a file for its owner alone, told of as gcloud does", async () => {
    writeFileSync(stage.file("claims"), JSON.stringify({ sub: "x", exp: Math.floor(Date.now() / 1000) + 600 }));
    const { code, stdout, stderr } = await stage.run(
      `sign-jwt ${stage.file("claims")} ${stage.file("jwt")} --iam-account ${ROBOT}`,
    );
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toMatch(/^signed jwt \[\S+claims\] as \[\S+jwt\] for \[robot@\S+\] using key \[[0-9a-f]{40}\]\n$/);
    expect(statSync(stage.file("jwt")).mode & 0o777).toBe(0o600);
    expect(await stage.run(`auth decode ${stage.file("jwt")} --verify --iam-account ${ROBOT}`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"verified": true'),
    });
    const blob = await stage.run(`sign-blob - - --iam-account ${ROBOT}`, { input: "bytes" });
    expect(Buffer.from(blob.stdout, "latin1")).toHaveLength(256);
    const shown = await stage.run(`sign-blob - - --iam-account ${ROBOT}`, { input: "bytes", columns: 80 });
    expect(Buffer.from(shown.stdout, "base64")).toEqual(Buffer.from(blob.stdout, "latin1"));
    const json = await stage.run(`sign-blob - - --iam-account ${ROBOT} --format json`, { input: "bytes" });
    expect(JSON.parse(json.stdout).signedBlob).toBe(shown.stdout.trim());
  });

  it("is a URL of Cloud Storage", async () => {
    const { stdout } = await stage.run(`sign-url gs://bucket/an/object --iam-account ${ROBOT} --duration 10m`);
    expect(stdout).toMatch(
      /^https:\/\/storage\.googleapis\.com\/bucket\/an\/object\?X-Goog-Algorithm=GOOG4-RSA-SHA256&\S+X-Goog-Expires=600&\S+\n$/,
    );
  });
});

describe("accounts, keys, policies and roles", () => {
  const accounts = "iam service-accounts";

  it("live as with gcloud: made, changed, disabled, deleted, brought back", async () => {
    const project = `--project ${PROJECT}`;
    const made = await stage.run(`${accounts} create new-robot --display-name New ${project} --format value(email)`);
    expect(made).toEqual({
      code: 0,
      stdout: `new-robot@${PROJECT}.iam.gserviceaccount.com\n`,
      stderr: "Created service account [new-robot].\n",
    });
    const email = made.stdout.trim();
    const { stdout: id } = await stage.run(`${accounts} describe ${email} --format value(uniqueId)`);
    expect((await stage.run(`${accounts} update ${email} --description What --format value(description)`)).stdout).toBe(
      "What\n",
    );
    expect((await stage.run(`${accounts} disable ${email}`)).stderr).toBe(`Disabled service account [${email}].\n`);
    expect((await stage.run(`${accounts} list ${project} --format value(email,disabled)`)).stdout).toContain(
      `${email}\ttrue\n`,
    );
    const asked = await stage.run(`${accounts} delete ${email}`);
    expect([asked.code, asked.stderr]).toEqual([
      2,
      expect.stringContaining("there is no terminal to ask on; pass --quiet"),
    ]);
    expect(await stage.run(`${accounts} delete ${email}`, { columns: 80, input: "n\n" })).toMatchObject({ code: 2 });
    expect(await stage.run(`${accounts} delete ${email}`, { columns: 80, input: "y\n" })).toMatchObject({ code: 0 });
    expect((await stage.run(`${accounts} undelete ${id.trim()}`)).code).toBe(0);
    expect((await stage.run(`${accounts} describe ${email}`)).code).toBe(0);
  });

  it("lists are tables as wide as the terminal, arrays, and lines of JSON", async () => {
    const list = `${accounts} list --project ${PROJECT}`;
    expect((await stage.run(list)).stdout).toBe(
      `DISPLAY NAME  EMAIL                                      DISABLED\n              ${MIDDLE}  False\n              ${ROBOT}   False\n`,
    );
    expect((await stage.run(`${list} --no-header`)).stdout).not.toContain("EMAIL");
    const narrow = (await stage.run(list, { columns: 30 })).stdout.split("\n");
    expect(narrow.map(({ length }) => length)).toEqual([30, 30, 30, 0]);
    expect(JSON.parse((await stage.run(`${list} --format json`)).stdout)).toHaveLength(2);
    const lines = (await stage.run(`${list} --format ndjson`)).stdout.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).email)).toEqual([MIDDLE, ROBOT]);
  });
});

describe("--dry-run", () => {
  it.each([
    [`iam service-accounts add-iam-policy-binding ${ROBOT} --member=${DANA} --role=${CREATOR}`, "IAM.SetIamPolicy"],
    [`iam service-accounts disable ${ROBOT}`, "IAM.DisableServiceAccount"],
    [`iam roles create mine --project=${PROJECT}`, "IAM.CreateRole"],
  ])("of %s prints the request and gcloud's command, and sends nothing", async (line, method) => {
    const { code, stdout } = await stage.run(`${line} --dry-run --source adc`);
    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual([expect.stringMatching(new RegExp(`^${method} \\{`)), `gcloud ${line}`, ""]);
    expect(stage.emulator.calls()).toEqual([]);
  });
});
