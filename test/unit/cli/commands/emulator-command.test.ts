// SPDX-License-Identifier: Apache-2.0
// `iamcreds emulator`, run as a process: what it prints, serves and writes, and how it ends.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { IAMCredentialsService as rows } from "../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { startEmulator } from "../../../../src/emulator/index.js";
import { createCertificateAuthority } from "../../../support/certificate-authority.js";
import { type ChildProgram, type ChildResult, startProgram } from "../../../support/child-program.js";

const ROBOT = "robot@demo-project.iam.gserviceaccount.com";
const READY_MS = 20_000; // a busy machine takes its time to load a program

let folder: string;
let children: ChildProgram[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "iamcreds-"));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.signal("SIGKILL");
  await Promise.all(children.map(({ ended }) => ended));
  rmSync(folder, { recursive: true });
});

const file = (name: string): string => join(folder, name);
const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8"));

function start(...args: readonly string[]): ChildProgram {
  const child = startProgram("build/iamcreds.js", {}, ["emulator", ...args]);
  children.push(child);
  return child;
}

interface Ready {
  readonly child: ChildProgram;
  readonly ready: {
    readonly host: string;
    readonly url: string;
    readonly hosts: Readonly<Record<"grpc" | "http" | "metadataServer", string>>;
    readonly environment: Readonly<Record<string, string>>;
    readonly credentialsFiles: readonly string[];
  };
}

/** Starts an emulator for programs, on any free port. */
async function startForPrograms(...args: readonly string[]): Promise<Ready> {
  const child = start("--json", "--port", "0", ...args);
  await child.says("\n", READY_MS);
  return { child, ready: JSON.parse(child.stdout) };
}

function end(child: ChildProgram, signal: NodeJS.Signals = "SIGTERM"): Promise<ChildResult> {
  child.signal(signal);
  return child.ended;
}

function signAt(host: string, channel = credentials.createInsecure(), bearer = "owner"): Promise<number> {
  // Node 26 takes no address for a server's name, and grpc-js gives it one.
  const client = new Client(host, channel, { "grpc.ssl_target_name_override": "localhost" });
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${bearer}`);
  const request = { name: `projects/-/serviceAccounts/${ROBOT}`, delegates: [], payload: Buffer.from("x") };
  const { path, requestSerialize, responseDeserialize } = rows.signBlob;
  return new Promise<number>((resolve, reject) => {
    const options = { deadline: Date.now() + READY_MS };
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, options, (error, reply) =>
      error === null ? resolve(reply?.signedBlob.length ?? 0) : reject(error),
    );
  }).finally(() => client.close());
}

describe("when it is ready", () => {
  test("it prints what a shell can run, and the clients that it then points at it are served", async () => {
    const child = start("--port", "0", "--service-account", ROBOT);
    await child.says("GCE_METADATA_HOST", READY_MS);
    const lines = child.stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^# iamcreds emulator \d+\.\d+\.\d+ is ready: http:\/\/127\.0\.0\.1:\d+$/);
    const [, host = ""] = /^export IAM_CREDENTIALS_EMULATOR_HOST=(127\.0\.0\.1:\d+)$/m.exec(child.stdout) ?? [];
    expect(lines.filter((line) => !/^(#|export \w+=\S+$)/.test(line))).toEqual([]);
    expect(await signAt(host)).toBe(256);
    const { code, stdout, stderr } = await end(child);
    expect([code, stderr, stdout.split("\n").at(-2)]).toEqual([0, "", "# closed by SIGTERM"]);
  });

  test("it tells programs in lines of JSON, and serves each face at its own port", async () => {
    const ports = ["--grpc-port", "0", "--http-port", "0", "--metadata-port", "0"];
    const { child, ready } = await startForPrograms("--service-account", ROBOT, ...ports);
    const host = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
    expect(ready).toEqual({
      event: "ready",
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      pid: expect.any(Number),
      projectId: "demo-project",
      host,
      hosts: { grpc: host, http: host, metadataServer: host },
      url: `http://${ready.host}`,
      metadataServerHost: ready.hosts.metadataServer,
      consoleUrl: `${ready.url}/`,
      environment: { IAM_CREDENTIALS_EMULATOR_HOST: ready.hosts.grpc },
      credentialsFiles: [],
    });
    expect(new Set([ready.host, ...Object.values(ready.hosts)]).size).toBe(4);
    expect(await signAt(ready.hosts.grpc)).toBe(256);
    expect((await fetch(`http://${ready.hosts.http}/emulator/v1/state`)).status).toBe(200);
    const headers = { "metadata-flavor": "Google" };
    const email = "/computeMetadata/v1/instance/service-accounts/default/email";
    expect(await (await fetch(`http://${ready.hosts.metadataServer}${email}`, { headers })).text()).toBe(ROBOT);
    const { stdout } = await end(child, "SIGINT");
    expect(JSON.parse(stdout.split("\n")[1] ?? "")).toEqual({ event: "closed", signal: "SIGINT" });
  });

  test("with TLS it exports no plain endpoint, and writes the authority that clients must trust", async () => {
    const child = start("--port", "0", "--service-account", ROBOT, "--tls", "--ca-out", file("ca.pem"));
    await child.says("GCE_METADATA_HOST", READY_MS);
    expect(child.stdout).not.toContain("IAM_CREDENTIALS_EMULATOR_HOST");
    expect(child.stdout).toContain(`export NODE_EXTRA_CA_CERTS=${file("ca.pem")}\n`);
    const [, host = ""] = /^# TLS is on: set apiEndpoint of clients to (\S+)$/m.exec(child.stdout) ?? [];
    expect(await signAt(host, credentials.createSsl(readFileSync(file("ca.pem"))))).toBe(256);
  });

  test("with --client-ca it serves who shows a certificate, and nobody else", async () => {
    const authority = createCertificateAuthority();
    const client = authority.issue(["client"]);
    writeFileSync(file("clients.pem"), authority.certificate);
    const tls = ["--client-ca", file("clients.pem"), "--ca-out", file("ca.pem")];
    const { ready } = await startForPrograms("--service-account", ROBOT, ...tls);
    const ca = readFileSync(file("ca.pem"));
    const [key, cert] = [Buffer.from(client.privateKey), Buffer.from(client.certificate)];
    expect(await signAt(ready.host, credentials.createSsl(ca, key, cert))).toBe(256);
    await expect(signAt(ready.host, credentials.createSsl(ca))).rejects.toMatchObject({ code: 14 });
  });

  test("it listens where others reach it only when told to, and says so on standard error", async () => {
    const { child, ready } = await startForPrograms("--host", "0.0.0.0", "--service-account", ROBOT);
    expect(await signAt(ready.host)).toBe(256);
    const { code, stderr } = await end(child);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(
        /EmulatorWarning: The emulator listens on 0\.0\.0\.0:\d+, where other machines can reach it/,
      ),
    ]);
  });
});

describe("what it starts with", () => {
  test("grants, policies and the clock are those of its flags", async () => {
    const grant = `user:dana@example.com,roles/iam.serviceAccountTokenCreator,${ROBOT}`;
    const flags = ["--no-owner", "--extended-lifetime", ROBOT, "--clock-ahead", "2h"];
    const { ready } = await startForPrograms("--service-account", ROBOT, "--grant", grant, ...flags);
    await expect(signAt(ready.host)).rejects.toMatchObject({ code: 16 });
    const state = await (await fetch(`${ready.url}/emulator/v1/state`)).json();
    expect(state).toMatchObject({
      grants: [
        { member: "user:dana@example.com", role: "roles/iam.serviceAccountTokenCreator", serviceAccount: ROBOT },
      ],
      extendedLifetimeAccounts: [ROBOT],
    });
    const clock = { method: "POST", headers: { "content-type": "application/json" }, body: '{ "advanceMs": 0 }' };
    const { now } = (await (await fetch(`${ready.url}/emulator/v1/clock`, clock)).json()) as { now: string };
    const aheadMs = Date.parse(now) - Date.now();
    expect(Math.abs(aheadMs - 7_200_000)).toBeLessThan(120_000);
  });

  test("it saves its state when it is ended, for its owner alone, and a seed of it is the same again", async () => {
    writeFileSync(file("state.json"), "what was there", { mode: 0o644 });
    const { child } = await startForPrograms("--service-account", ROBOT, "--save-state", file("state.json"));
    // The second one changes nothing. Both are there before it can end, since it stands still meanwhile.
    for (const signal of ["SIGSTOP", "SIGHUP", "SIGTERM"] as const) child.signal(signal);
    expect((await end(child, "SIGCONT")).code).toBe(0);
    expect(statSync(file("state.json")).mode & 0o777).toBe(0o600);
    const state = readJson(file("state.json"));
    expect(state.serviceAccounts).toEqual([{ email: ROBOT, uniqueId: expect.stringMatching(/^\d{21}$/) }]);
    const again = await startForPrograms("--seed", file("state.json"));
    expect(await (await fetch(`${again.ready.url}/emulator/v1/state`)).json()).toEqual(state);
  });

  test("it writes a credentials file of every kind, and prints nothing that is in them", async () => {
    const { child, ready } = await startForPrograms(
      ...["--service-account", ROBOT, "--credentials-dir", file("adc"), "--user", "dana@example.com"],
    );
    expect(readdirSync(file("adc")).sort()).toEqual([
      "authorized_user.json",
      "external_account.json",
      "external_account_authorized_user.json",
      `impersonated_service_account.${ROBOT}.json`,
      `service_account.${ROBOT}.json`,
    ]);
    expect([...ready.credentialsFiles].sort()).toEqual(
      readdirSync(file("adc"))
        .sort()
        .map((name) => join(file("adc"), name)),
    );
    expect(readJson(join(file("adc"), "external_account.json"))["_comment"]).toContain("GOOGLE_CLOUD_PROJECT");
    for (const path of ready.credentialsFiles) {
      expect(readFileSync(path, "utf8")).toContain(ready.url);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    const { stdout, stderr } = await end(child);
    const user = readJson(join(file("adc"), "authorized_user.json"));
    const secrets = [user.client_secret, user.refresh_token, "PRIVATE KEY", "ya29."];
    expect(secrets.filter((secret) => (stdout + stderr).includes(secret))).toEqual([]);
    // The refresh token is the user's, at this emulator.
    expect(user).toMatchObject({ type: "authorized_user", token_uri: `${ready.url}/token` });
  });
});

describe("what it can't do", () => {
  const SECRET = "1//a-refresh-token-that-nobody-may-see";

  test("is said of a port that is in use, with the way out, and ends with 1", async () => {
    await using taken = await startEmulator();
    const port = taken.host.split(":")[1] ?? "";
    const { code, stdout, stderr } = await start("--port", port).ended;
    expect([code, stdout, stderr]).toEqual([
      1,
      "",
      `iamcreds emulator: 127.0.0.1:${port} is in use: stop the process that uses it, or choose another port (--port 0 for any free one)\n`,
    ]);
  });

  test.each<[readonly string[], string]>([
    [["--port", "-1"], "Option '--port' argument is ambiguous"],
    [["--prot", "1"], "Unknown option '--prot'"],
    [
      ["--host", "iamcredentials.googleapis.com"],
      "--host must not be the name of a real Google endpoint: iamcredentials.googleapis.com",
    ],
    [["--host", "192.0.2.250"], "--host must be an address of this machine, not 192.0.2.250"],
    [["--service-account", "robot"], '--service-account must be an e-mail address, not "robot"'],
    [["--grant", `user:a@b.example,roles/viewer,${ROBOT}`], `--grant: serviceAccount does not exist: ${ROBOT}`],
    [
      ["--missing-accounts", "lost"],
      '--missing-accounts must be one of google, notFound, permissionDenied, not "lost"',
    ],
    [["--project", "my-project"], '--project must be id,number: two parts, not "my-project"'],
    [["--user-projects", "nobody"], '--user-projects must be one of anyone, permitted, not "nobody"'],
    [
      ["--disabled-service", "x"],
      '--disabled-service must be a service such as iam.googleapis.com, or projects/{id}/services/{service}, not "x"',
    ],
    [["--credentials-dir", "adc", "--user", "dana"], '--user must be an e-mail address, not "dana"'],
  ])("%j: is told by the flag, and ends with 2", async (args, message) => {
    const { code, stdout, stderr } = await start("--port", "0", ...args).ended;
    expect([code, stdout, stderr]).toEqual([2, "", `iamcreds emulator: ${message}\nTry: iamcreds emulator --help\n`]);
  });

  test("is said of a folder that can't be made", async () => {
    const { code, stdout, stderr } = await start("--port", "0", "--credentials-dir", "/proc/nobody/adc").ended;
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^iamcreds emulator: --credentials-dir cannot be written: E(NOENT|ACCES|PERM|ROFS): .+\n$/);
  });

  test("is told of a seed, of a key and of a certificate without a word of what is in them", async () => {
    const seed = { version: 1, refreshTokens: [{ user: "a@b.example", refreshToken: SECRET, clientSecret: SECRET }] };
    writeFileSync(file("seed.json"), JSON.stringify(seed));
    writeFileSync(file("broken.json"), JSON.stringify(seed).slice(0, -5));
    writeFileSync(file("key.pem"), SECRET);
    writeFileSync(file("cert.pem"), createCertificateAuthority().certificate);
    const ends = await Promise.all([
      start("--seed", file("seed.json")).ended,
      start("--seed", file("broken.json")).ended,
      start("--tls-cert", file("cert.pem"), "--tls-key", file("key.pem")).ended,
      start("--tls-cert", file("key.pem"), "--tls-key", file("key.pem")).ended,
    ]);
    expect(ends.map(({ code, stderr }) => [code, stderr.split("\n")[0]])).toEqual([
      [2, "iamcreds emulator: --seed: seed.refreshTokens[0].clientId is missing"],
      [2, expect.stringMatching(/^iamcreds emulator: --seed is not JSON: .*broken\.json, line 1$/)],
      [2, "iamcreds emulator: --tls-key must be the private key of tls.cert in PEM form, without a passphrase"],
      [2, "iamcreds emulator: --tls-cert must be a certificate in PEM form"],
    ]);
    expect(ends.filter(({ stdout, stderr }) => (stdout + stderr).includes(SECRET))).toEqual([]);
  });

  test("is told when its state cannot be written in the end, which is with 1", async () => {
    mkdirSync(file("gone"));
    const { child } = await startForPrograms("--save-state", join(file("gone"), "state.json"));
    rmSync(file("gone"), { recursive: true });
    const { code, stderr } = await end(child);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^iamcreds emulator: --save-state could not be written: ENOENT: .*\n$/),
    ]);
  });
});

test("once it has ended its port is free", async () => {
  const { child, ready } = await startForPrograms();
  expect((await end(child)).code).toBe(0);
  await using next = await startEmulator({ port: Number(ready.host.split(":")[1]) });
  expect(next.host).toBe(ready.host);
});
