// SPDX-License-Identifier: Apache-2.0
// The programs that other programs call for tokens, by the protocols that those publish and by the programs themselves where they are;
// the cache of tokens in files; what is written into others' configuration.

import { execFile, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtProgram, type CliResult, iamcreds, iamcredsProcess, variablesOf } from "../../support/cli.js";
import { type CliStage, LOCKED, openCliStage, ROBOT } from "../../support/cli-stage.js";
import { waitUntil } from "../../support/wait-until.js";

const IMPERSONATE = `--impersonate-service-account=${ROBOT}`;

let stage: CliStage;
let variables: Readonly<Record<string, string>>;
beforeEach(async () => {
  stage = await openCliStage();
  const home = join(stage.folder, "home");
  mkdirSync(home);
  variables = { ...stage.variables, HOME: home };
});
afterEach(() => stage.close());

const run = (line: string, input = "", more: Readonly<Record<string, string>> = {}): Promise<CliResult> =>
  iamcreds(line.split(" "), { variables: { ...variables, ...more }, input });
const home = (...path: readonly string[]): string => join(stage.folder, "home", ...path);
const isThere = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

/** Programs of ours on the path, for those that look for them there. */
function onPath(): string {
  const folder = join(stage.folder, "bin");
  mkdirSync(folder, { recursive: true });
  for (const name of ["iamcreds", "docker-credential-iamcreds"]) {
    chmodSync(builtProgram(name), 0o755);
    symlinkSync(builtProgram(name), join(folder, name));
  }
  return `${folder}:${process.env["PATH"]}`;
}

describe("the cache", () => {
  it("has 16 processes at once mint once", async () => {
    const all = Array.from({ length: 16 }, () => iamcredsProcess(["token", ROBOT, "--cache", "file"], { variables }));
    const results = await Promise.all(all);
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(results.map(() => [0, ""]));
    expect(new Set(results.map(({ stdout }) => stdout)).size).toBe(1);
    expect(stage.count("GenerateAccessToken")).toBe(1);
  }, 240_000);

  it("keeps the tokens of callers apart that only variables tell from each other", async () => {
    const callers = [
      {},
      { GCE_METADATA_HOST: "127.0.0.1:1" },
      { GCE_METADATA_HOST: "127.0.0.1:2" },
      { CLOUDSDK_CONFIG: "/other" },
      { CLOUDSDK_ACTIVE_CONFIG_NAME: "work" },
      { CLOUDSDK_CORE_ACCOUNT: "dana@example.com" },
    ];
    for (const more of [...callers, ...callers]) {
      expect(await run(`token ${ROBOT} --cache file`, "", more)).toMatchObject({ code: 0 });
    }
    expect(stage.count("GenerateAccessToken")).toBe(callers.length);
  });

  it("is files for their owner alone, one for each question, and is deleted by revoke-cache", async () => {
    for (const more of ["", " --scopes email", " --lifetime 10m"]) await run(`token ${ROBOT} --cache file${more}`);
    await run(`id-token ${ROBOT} --audiences https://a`);
    const folder = home(".cache", "iamcreds");
    const files = readdirSync(folder);
    expect(files).toHaveLength(3);
    expect([folder, ...files.map((name) => join(folder, name))].map((path) => statSync(path).mode & 0o777)).toEqual([
      0o700, 0o600, 0o600, 0o600,
    ]);
    expect(await run("auth revoke-cache")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(readdirSync(home(".cache"))).toEqual([]);
  });

  it("is off unless it is asked for, and never keeps what a bare token got", async () => {
    await run(`token ${ROBOT}`);
    await run(`token ${ROBOT} --cache file --source -`, await stage.emulator.accessToken("user:dana@example.com"));
    expect(readdirSync(home())).toEqual([]);
  });

  it("forgets a holder of the lease that was killed: of 8 that wait for it, one takes its place", async () => {
    const folder = home(".cache", "iamcreds");
    stage.emulator.addFault({ method: "GenerateAccessToken", times: 1, connection: "hang" });
    const args = [builtProgram(), "token", ROBOT, "--cache", "file"];
    const holder = spawn(process.execPath, args, { env: variablesOf(variables), stdio: "ignore" });
    await waitUntil("the holder's call hangs", () => stage.emulator.faults().length === 0);
    const waiting = Array.from({ length: 8 }, () =>
      iamcredsProcess(["token", ROBOT, "--cache", "file"], { variables }),
    );
    holder.kill("SIGKILL");
    const results = await Promise.all(waiting);
    const minted = stage.emulator
      .calls()
      .filter(({ method, status }) => method === "GenerateAccessToken" && status === "OK");
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(results.map(() => [0, ""]));
    expect(minted).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/[.]json$/)]);
  });
});

describe("kubectl", () => {
  it.each(["v1", "v1beta1"])("gets an ExecCredential of the version that it speaks: %s", async (version) => {
    const apiVersion = `client.authentication.k8s.io/${version}`;
    const info = JSON.stringify({ apiVersion, kind: "ExecCredential", spec: { interactive: false } });
    const { stdout } = await run(`credential kubectl ${IMPERSONATE}`, "", { KUBERNETES_EXEC_INFO: info });
    const { status, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ apiVersion, kind: "ExecCredential" });
    expect(Object.keys(status)).toEqual(["token", "expirationTimestamp"]);
    expect(status.expirationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(await stage.ownerOf(status.token)).toBe(`serviceAccount:${ROBOT}`);
  });

  const hasKubectl = isThere("kubectl");
  it(hasKubectl ? "is configured by itself" : "is not judged itself: it is not installed", async () => {
    if (!hasKubectl) return;
    const more = { KUBECONFIG: home("kubeconfig"), PATH: onPath() };
    const result = await iamcredsProcess(["auth", "configure-kubectl", "mine", IMPERSONATE], {
      variables: { ...variables, ...more },
    });
    expect(result).toMatchObject({ code: 0, stdout: "" });
    const text = readFileSync(home("kubeconfig"), "utf8");
    expect(text).toContain(`- --impersonate-service-account=${ROBOT}`);
    expect(text).toContain("apiVersion: client.authentication.k8s.io/v1");
    expect(text).toContain("interactiveMode: Never");
  });
});

describe("docker", () => {
  const docker = (operation: string, input: string): Promise<CliResult> =>
    iamcredsProcess([operation], { variables, input }, "docker-credential-iamcreds");

  it("gets the password of a registry whose account is configured, and is told so of others in its own words", async () => {
    mkdirSync(home(".docker"));
    writeFileSync(
      home(".docker", "config.json"),
      JSON.stringify({ auths: { kept: {} }, credHelpers: { other: "gcloud" } }),
    );
    expect((await run(`auth configure-docker europe-docker.pkg.dev ${IMPERSONATE}`)).code).toBe(0);
    expect(JSON.parse(readFileSync(home(".docker", "config.json"), "utf8"))).toEqual({
      auths: { kept: {} },
      credHelpers: { other: "gcloud", "europe-docker.pkg.dev": "iamcreds" },
    });
    const got = await docker("get", "https://europe-docker.pkg.dev\n");
    const { Secret, ...rest } = JSON.parse(got.stdout);
    expect(rest).toEqual({ ServerURL: "https://europe-docker.pkg.dev", Username: "oauth2accesstoken" });
    expect(await stage.ownerOf(Secret)).toBe(`serviceAccount:${ROBOT}`);
    expect(await docker("list", "")).toEqual({
      code: 0,
      stdout: '{"https://europe-docker.pkg.dev":"oauth2accesstoken"}\n',
      stderr: "",
    });
    expect(await docker("get", "gcr.io")).toEqual({
      code: 1,
      stdout: "credentials not found in native keychain\n",
      stderr: "",
    });
    expect(await docker("store", JSON.stringify({ ServerURL: "x" }))).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await docker("erase", "x")).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

describe("git", () => {
  it("gets a password and its end, for https alone", async () => {
    const { stdout } = await run(`credential git get ${IMPERSONATE}`, "protocol=https\nhost=a.example\n\n");
    expect(stdout).toMatch(/^username=oauth2accesstoken\npassword=ya29\S+\npassword_expiry_utc=\d{10}\n$/);
    for (const asked of ["protocol=http\nhost=a.example\n", "host=a.example\n", ""]) {
      expect((await run(`credential git get ${IMPERSONATE}`, asked)).stdout).toBe("");
    }
    for (const operation of ["store", "erase"])
      expect((await run(`credential git ${operation} ${IMPERSONATE}`)).stdout).toBe("");
  });

  const hasGit = isThere("git");
  it(hasGit ? "asks by itself once it is configured" : "is not judged itself: it is not installed", async () => {
    if (!hasGit) return;
    const env = variablesOf({ ...variables, PATH: onPath(), GIT_TERMINAL_PROMPT: "0" });
    const configured = await iamcredsProcess(["auth", "configure-git", "git.example", IMPERSONATE], { variables });
    expect(configured).toEqual({
      code: 0,
      stdout: "",
      stderr: "git now gets passwords for https://git.example from iamcreds\n",
    });
    const filled = await new Promise<string>((resolve, reject) => {
      const child = execFile("git", ["credential", "fill"], { env, cwd: stage.folder }, (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      );
      child.stdin?.end("protocol=https\nhost=git.example\n\n");
    });
    const [, token = ""] = /^password=(.*)$/m.exec(filled) ?? [];
    expect(await stage.ownerOf(token)).toBe(`serviceAccount:${ROBOT}`);
  });
});

describe("npm, Terraform and Google's libraries", () => {
  const registry = "//europe-npm.pkg.dev/my-project/packages/";

  it("npm's file gets a token for its registry, and keeps its other lines", async () => {
    writeFileSync(home(".npmrc"), `save-exact=true\nregistry=https:${registry}\n${registry}:_authToken=old\n`, {
      mode: 0o644,
    });
    expect((await run(`auth configure-npm ${home(".npmrc")} ${IMPERSONATE}`)).code).toBe(0);
    const text = readFileSync(home(".npmrc"), "utf8");
    expect(text).toMatch(
      new RegExp(`^save-exact=true\nregistry=https:${registry}\n${registry}:_authToken=ya29\\S+\n$`),
    );
    expect(statSync(home(".npmrc")).mode & 0o777).toBe(0o600);
    const child = ["sh", "-c", 'cat "$NPM_CONFIG_USERCONFIG"'];
    const result = await iamcredsProcess(["exec", ROBOT, "--via", "npm", "--", ...child], { variables });
    expect(result.stdout.replace(/ya29\S+/, "TOKEN")).toBe(text.replace(/ya29\S+/, "TOKEN"));
  });

  it("Terraform's data source gets a flat object of strings for the account that it asks for", async () => {
    const { stdout } = await run("token --format json --external-query", JSON.stringify({ service_account: ROBOT }));
    const document = JSON.parse(stdout);
    expect([document.principal, new Set(Object.values(document).map((value) => typeof value))]).toEqual([
      ROBOT,
      new Set(["string"]),
    ]);
    expect((await run("token --format json --external-query", "{}")).code).toBe(2);
  });

  it("a library's executable gets a subject token, and is told why there is none", async () => {
    const more = { GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE: "//iam.googleapis.com/pool" };
    const { stdout } = await run(`credential external-executable ${ROBOT}`, "", more);
    const { id_token: token, expiration_time: end, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ version: 1, success: true, token_type: "urn:ietf:params:oauth:token-type:id_token" });
    expect(JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString())).toMatchObject({
      aud: more.GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE,
      exp: end,
    });
    const failed = await run(`credential external-executable ${LOCKED}`, "", more);
    expect([failed.code, JSON.parse(failed.stdout)]).toEqual([
      5,
      { version: 1, success: false, code: "PERMISSION_DENIED", message: expect.stringContaining("PERMISSION_DENIED") },
    ]);
  });
});
