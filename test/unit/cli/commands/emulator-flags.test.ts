// SPDX-License-Identifier: Apache-2.0
// Which options of the emulator the flags of `iamcreds emulator` are, and how its refusals are put in the words of flags.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { emulatorFlags, explainOption, readEmulatorSettings } from "../../../../src/cli/commands/emulator-flags.js";
import type { EmulatorSeed } from "../../../../src/emulator/index.js";

const usageError = (message: string) => expect.objectContaining({ name: "UsageError", message });
const ROBOT = "robot@demo-project.iam.gserviceaccount.com";
const SEED: EmulatorSeed = { version: 1, serviceAccounts: [{ email: ROBOT }] };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flags-"));
  writeFileSync(join(folder, "seed.json"), JSON.stringify(SEED));
  writeFileSync(join(folder, "cert.pem"), "a certificate");
  writeFileSync(join(folder, "key.pem"), "a key");
  writeFileSync(join(folder, "broken.json"), '{\n  "version": 1,\n  "refreshTokens": [1//the-secret]\n}\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => join(folder, name);

test("no arguments are the defaults: the one port, and nothing else", () => {
  expect(readEmulatorSettings([])).toEqual({
    start: {
      port: 8519,
      ports: {},
      tls: false,
      projects: [],
      disabledServices: [],
      serviceAccounts: [],
      grants: [],
      owner: true,
      extendedLifetimeAccounts: [],
      allowedHosts: [],
      allowedOrigins: [],
      organizationPolicies: [],
      enforcement: undefined,
      console: true,
      quotas: false,
      metadataServer: {},
    },
    seed: undefined,
    clockAheadMs: 0,
    caFile: undefined,
    credentialsFolder: undefined,
    user: "developer@example.com",
    stateFile: undefined,
    isJson: false,
    isOpened: false,
  });
});

test("every flag is an option of the emulator or of the program", () => {
  const args = [
    ["--host", "0.0.0.0", "--public-host", "emulator", "--port", "1"],
    ["--allowed-host", "emulator.test", "--allowed-origin", "http://localhost:3000"],
    ["--grpc-port", "2", "--http-port", "3", "--metadata-port", "4", "--metadata-mtls-port", "5"],
    ["--tls", "--tls-cert", file("cert.pem"), "--tls-key", file("key.pem"), "--client-ca", file("cert.pem")],
    ["--metadata-mtls-dir", "mtls", "--metadata-account", ROBOT],
    ["--seed", file("seed.json"), "--service-account", "a@b.example", "--service-account", ROBOT],
    ["--grant", `user:dana@example.com,roles/viewer,${ROBOT}`],
    ["--grant", "principal://x/a,b,roles/owner,my-project"],
    ["--project", "my-project,42", "--disabled-service", "sts.googleapis.com", "--user-projects", "permitted"],
    ["--no-owner", "--missing-accounts", "notFound", "--policy-propagation", "2m", "--extended-lifetime", ROBOT],
    [
      "--organization-policy",
      "disableServiceAccountKeyCreation",
      "--organization-number",
      "7",
      "--quotas",
      "--clock-ahead",
      "1h",
    ],
    ["--credentials-dir", "adc", "--user", "dana@example.com", "--save-state", file("state.json"), "--json", "--open"],
    ["--enforcement", "observe"],
  ].flat();
  expect(readEmulatorSettings(args)).toEqual({
    start: {
      seed: SEED,
      host: "0.0.0.0",
      publicHost: "emulator",
      allowedHosts: ["emulator.test"],
      allowedOrigins: ["http://localhost:3000"],
      port: 1,
      ports: { grpc: 2, http: 3, metadataServer: 4, metadataServerMtls: 5 },
      tls: { cert: "a certificate", key: "a key", clientCa: "a certificate" },
      serviceAccounts: ["a@b.example", ROBOT],
      grants: [
        { member: "user:dana@example.com", role: "roles/viewer", serviceAccount: ROBOT },
        { member: "principal://x/a,b", role: "roles/owner", project: "my-project" },
      ],
      owner: false,
      projects: [{ id: "my-project", number: "42" }],
      disabledServices: ["sts.googleapis.com"],
      userProjects: "permitted",
      missingAccounts: "notFound",
      policyPropagationMs: 120_000,
      extendedLifetimeAccounts: [ROBOT],
      organizationNumber: "7",
      organizationPolicies: ["disableServiceAccountKeyCreation"],
      enforcement: "observe",
      console: true,
      quotas: true,
      metadataServer: { defaultAccount: ROBOT, mtlsDirectory: "mtls" },
    },
    seed: SEED,
    clockAheadMs: 3_600_000,
    caFile: undefined,
    credentialsFolder: resolve("adc"),
    user: "dana@example.com",
    stateFile: file("state.json"),
    isJson: true,
    isOpened: true,
  });
  const given = new Set(args.filter((arg) => arg.startsWith("--")).map((arg) => arg.slice(2)));
  const all = Object.values(emulatorFlags).flatMap((flags) => Object.keys(flags));
  expect(all.filter((name) => !given.has(name))).toEqual(["no-console", "ca-out"]); // they exclude --open and --tls-cert
});

test.each<[readonly string[], string]>([
  [["--tls-key", "k"], "--tls-key needs --tls-cert"],
  [["--tls-cert", "c"], "--tls-cert needs --tls-key"],
  [["--ca-out", "ca.pem"], "--ca-out needs --tls or --client-ca, without --tls-cert"],
  [["--client-ca", "nowhere/ca"], "--client-ca cannot be read: ENOENT: no such file or directory, open 'nowhere/ca'"],
  [["--seed", "nowhere/seed"], "--seed cannot be read: ENOENT: no such file or directory, open 'nowhere/seed'"],
  [["--grant", "user:a@b.example"], '--grant must be member,role,target: three parts, not "user:a@b.example"'],
  [["--clock-ahead", "1"], '--clock-ahead must be a duration such as 500ms, 90s, 15m, 2h or 7d, not "1"'],
  [["--policy-propagation", "x"], '--policy-propagation must be a duration such as 500ms, 90s, 15m, 2h or 7d, not "x"'],
  [["--open", "--no-console"], "--open needs the console, so it cannot be used with --no-console"],
  [["--metadata-port", "http"], '--metadata-port must be an integer from 0 to 65535, not "http"'],
])("%j are refused by name", (args, message) => {
  expect(() => readEmulatorSettings(args)).toThrow(usageError(message));
});

test("a folder that is not there is told before the emulator starts, not when the state would be lost", () => {
  expect(() => readEmulatorSettings(["--save-state", "nowhere/state.json"])).toThrow(
    /^--save-state cannot be written: ENOENT: .*nowhere/,
  );
  expect(() => readEmulatorSettings(["--tls", "--ca-out", "nowhere/ca.pem"])).toThrow(
    /^--ca-out cannot be written: ENOENT/,
  );
});

test("a seed that is no JSON is refused with its line and without its text, which could be a secret", () => {
  const read = () => readEmulatorSettings(["--seed", file("broken.json")]);
  expect(read).toThrow(usageError(`--seed is not JSON: ${file("broken.json")}, line 3`));
});

test.each([
  ['port must be an integer from 0 to 65535, not "x"', '--port must be an integer from 0 to 65535, not "x"'],
  ["ports.grpc must differ from port, which is 8519", "--grpc-port must differ from --port, which is 8519"],
  ["ports.http must differ from ports.grpc, which is 1", "--http-port must differ from --grpc-port, which is 1"],
  ["ports.metadataServerMtls needs metadataServer.mtlsDirectory", "--metadata-mtls-port needs --metadata-mtls-dir"],
  [
    'host must be an IP address or a name, without a port, not "a:1"',
    '--host must be an IP address or a name, without a port, not "a:1"',
  ],
  ["tls.key must be the private key of tls.cert", "--tls-key must be the private key of tls.cert"],
  ['serviceAccounts[1] must be an e-mail address, not "x"', '--service-account must be an e-mail address, not "x"'],
  [`grants[1].serviceAccount does not exist: ${ROBOT}`, `--grant: serviceAccount does not exist: ${ROBOT}`],
  ["grants[0].role does not exist: roles/x", "--seed: grants[0].role does not exist: roles/x"],
  ["serviceAccounts[0] must be an e-mail address", "--seed: serviceAccounts[0] must be an e-mail address"],
  ["seed.grants[0].member is missing", "--seed: seed.grants[0].member is missing"],
  ['missingAccounts must be "google"', '--missing-accounts must be "google"'],
  ['organizationNumber must be digits, not "x"', '--organization-number must be digits, not "x"'],
  ["metadataServer.defaultAccount must be an e-mail", "--metadata-account must be an e-mail"],
  ["organizationPolicies[0] must be one of a", "--organization-policy must be one of a"],
  ["something else about a port", "something else about a port"],
])("%s is told as %s", (message, told) => {
  const grant = { member: "user:a@b.example", role: "roles/x", serviceAccount: ROBOT };
  expect(explainOption(message, { ...SEED, grants: [grant] })).toBe(told);
});

test("files and folders that are told to a shell or a program have their whole path", () => {
  const given = ["--credentials-dir", "adc", "--tls", "--ca-out", "ca.pem", "--save-state", "state.json"];
  const { credentialsFolder, caFile, stateFile } = readEmulatorSettings(given);
  expect([credentialsFolder, caFile, stateFile]).toEqual(["adc", "ca.pem", "state.json"].map((path) => resolve(path)));
});
