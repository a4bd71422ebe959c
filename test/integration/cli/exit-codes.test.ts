// SPDX-License-Identifier: Apache-2.0
// The table of exit codes, each by a failure that is staged; what is told of it, and that nothing is told on standard output.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../../src/emulator/index.js";
import { type CliResult, type CliSurroundings, iamcreds } from "../../support/cli.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const ABSENT = "absent@my-project.iam.gserviceaccount.com";

let emulator: Emulator;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "codes-"));
  emulator = await startEmulator({ serviceAccounts: [ROBOT] });
  writeFileSync(
    join(folder, "real.json"),
    JSON.stringify({ type: "authorized_user", client_id: "a", client_secret: "b", refresh_token: "c" }),
  );
  writeFileSync(join(folder, "text"), "no JSON");
});
afterEach(() => emulator.reset());
afterAll(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true });
});

function run(line: string, { variables = {}, ...more }: CliSurroundings = {}): Promise<CliResult> {
  const given = { IAM_CREDENTIALS_EMULATOR_HOST: emulator.host, ...variables };
  return iamcreds(line.replaceAll("FOLDER", folder).split(" "), { variables: given, ...more });
}

test.each([
  [2, "auth print-access-tokens", /"auth print-access-tokens" is not a command. Try: iamcreds auth --help/],
  [2, "auth", /^Usage: iamcreds auth <command>/],
  [2, `token ${ROBOT} --nothing`, /^iamcreds token: Unknown option '--nothing'\nTry: iamcreds token --help\n$/],
  [2, `token ${ROBOT} another`, /Unexpected argument 'another'/],
  [2, "token not-an-account", /targetPrincipal: /],
  [2, `token ${ROBOT} --lifetime 13h`, /lifetime: /],
  [2, `token ${ROBOT} --scopes https://x-y.a.run.app`, /is an audience, not a scope/],
  [2, `token ${ROBOT} --format yaml`, /--format must be one of text, json, ndjson, env, header, value\(FIELD\)/],
  [2, `token ${ROBOT} --transport http`, /--transport must be one of grpc, rest/],
  [2, `token ${ROBOT} --timeout 0`, /--timeout must be greater than 0/],
  [2, `token ${ROBOT} --source FOLDER/none.json`, /--source cannot be read: ENOENT/],
  [2, `token ${ROBOT} --source FOLDER/text`, /--source must be a credentials file in JSON/],
  [2, `token ${ROBOT} --source FOLDER/real.json`, /Google's tokens are never sent to an emulator/],
  [2, `token ${ROBOT} --source gcloud`, /Google's tokens are never sent to an emulator/],
  [2, "id-token", /--audiences is missing/],
  [2, `id-token ${ROBOT}`, /--audiences is missing/],
  [2, "sign-jwt - -", /name the service account/],
  [2, "iam service-accounts list", /--project is missing/],
  [2, `iam service-accounts describe ${ROBOT} --format env`, /this command does not support that format/],
  [2, "sign-url https://a --iam-account a@b.iam.gserviceaccount.com", /URL must be gs:\/\/BUCKET\/OBJECT/],
  [5, `token ${ABSENT}`, /NOT_FOUND|PERMISSION_DENIED/],
  [5, `iam service-accounts describe projects/my-project/serviceAccounts/${ABSENT}`, /NOT_FOUND/],
])("%i: %s", async (code, line, message) => {
  const result = await run(line);
  expect([result.code, result.stdout]).toEqual([code, ""]);
  expect(result.stderr).toMatch(message);
});

test.each([
  ["UNAVAILABLE", 6],
  ["RESOURCE_EXHAUSTED", 6],
  ["ABORTED", 6],
  ["DEADLINE_EXCEEDED", 6],
  ["UNAUTHENTICATED", 4],
  ["PERMISSION_DENIED", 5],
  ["FAILED_PRECONDITION", 5],
  ["INVALID_ARGUMENT", 5],
  ["NOT_FOUND", 5],
  ["INTERNAL", 1],
  ["UNKNOWN", 1],
] as const)("%s of the service ends with %i", async (status, code) => {
  emulator.addFault({ status: { code: status, message: "staged" } });
  const result = await run(`token ${ROBOT} --timeout 1500ms --format json`);
  expect([result.code, result.stdout]).toEqual([code, ""]);
  const { error } = JSON.parse(result.stderr);
  expect(error.message).toMatch(/^IAMCredentials.GenerateAccessToken: /);
  if (code !== 6) expect(error.status).toBe(status);
});

test("without any credentials it ends with 4, and says what was tried", async () => {
  const variables = {
    IAM_CREDENTIALS_EMULATOR_HOST: "",
    GCE_METADATA_HOST: "127.0.0.1:1",
    METADATA_SERVER_DETECTION: "none",
  };
  const result = await run(`token ${ROBOT} --timeout 20s`, { variables });
  expect([result.code, result.stdout]).toEqual([4, ""]);
  expect(result.stderr).toMatch(/gcloud auth application-default login/);
});

test.each([
  ["a positional", "token ya29.secretsecret"],
  ["the value of a flag", "token --impersonate-service-account=ya29.secretsecret"],
  ["a flag's own argument", "auth decode --audiences eyJhbGciOiJSUzI1NiJ9.e30.secret"],
])("a token as %s is refused, and not repeated", async (_, line) => {
  const { code, stdout, stderr } = await run(line);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("a token must not be an argument");
  expect(stderr).not.toMatch(/secret/);
});

test.each(["ya29.secretsecret", "auth eyJhbGciOiJSUzI1NiJ9.e30.secret"])(
  "a token where a command belongs is not repeated: %s",
  async (line) => {
    const { code, stderr } = await run(line);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/"(auth )?\[hidden\]" is not a command/)]);
  },
);

test("a real login that the variable names is refused under the emulator's, and nothing is sent", async () => {
  const variables = { GOOGLE_APPLICATION_CREDENTIALS: join(folder, "real.json") };
  const { code, stderr } = await run(`token ${ROBOT}`, { variables });
  expect(code).toBe(2);
  expect(stderr).toMatch(/GOOGLE_APPLICATION_CREDENTIALS names credentials that are not an emulator's/);
  expect(emulator.calls()).toEqual([]);
});
