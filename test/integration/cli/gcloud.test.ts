// SPDX-License-Identifier: Apache-2.0
// iamcreds beside Google's own gcloud, where that is installed: the same commands against one emulator, what they print compared field
// by field.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CliResult, iamcredsProcess } from "../../support/cli.js";
import { byGcloud, type GcloudStage, gcloud, hasGcloud, openGcloudStage } from "../../support/gcloud.js";

const PROJECT = "my-project";
const USER = "user:my-user@example.com";
const CREATOR = "roles/iam.serviceAccountTokenCreator";
const ROBOT = `robot@${PROJECT}.iam.gserviceaccount.com`;

let stage: GcloudStage;
beforeAll(async () => {
  const roles = [
    ...["roles/owner", "roles/iam.serviceAccountAdmin", "roles/iam.serviceAccountKeyAdmin"],
    ...[CREATOR, "roles/iam.roleAdmin"],
  ];
  const grants = roles.map((role) => ({ member: USER, role, project: PROJECT }));
  stage = await openGcloudStage({ serviceAccounts: [ROBOT], grants }, USER, PROJECT);
});
afterAll(() => stage.close());

/** What differs from one account, key and moment to the next. */
function blur(text: string, name: string): string {
  return text
    .replaceAll(name, "NAME")
    .replace(/\b[0-9a-f]{40}\b/g, "KEY")
    .replace(/\b\d{21}\b/g, "UNIQUE-ID")
    .replace(/"(etag)": ".*"/g, '"$1": "…"')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/operations\/[\w.-]+/g, "operations/…")
    .replace(/ *"disabled": false,\n/g, "") // which gcloud adds to lists
    .replace(/^\S+-key\n/, "") // ours prints the path of a file that it made
    .replace(/ *"keyId": "KEY",\n/g, "") // ours has the last part of a key's name beside it
    .replace(/^WARNING: .*\n/gm, ""); // gcloud's advice
}

type Program = (args: readonly string[], variables: Readonly<Record<string, string>>) => Promise<CliResult>;
const ours: Program = (args, given) => iamcredsProcess(args, { variables: given });

/** Runs a command as one of the programs, about an account, a file or a role of its own name. */
async function run(program: Program, name: string, line: string): Promise<CliResult> {
  const email = `${name}@${PROJECT}.iam.gserviceaccount.com`;
  const words = line.split(" ").map((word) =>
    word
      .replace("EMAIL", email)
      .replace("NAME", name)
      .replace("FILE", join(stage.folder, `${name}-file`)),
  );
  const { code, stdout, stderr } = await program(words, stage.variables);
  return { code, stdout: blur(stdout, name), stderr: blur(stderr, name) };
}

const accounts = "iam service-accounts";
const binding = `--member=user:dana@example.com --role=${CREATOR}`;

/** In this order, since each finds what those before it left. */
const COMMANDS = [
  `${accounts} list --format=json`,
  `${accounts} create NAME --display-name=Display --description=Description --format=json`,
  `${accounts} describe EMAIL --format=json`,
  `${accounts} update EMAIL --display-name=Other --format=json`,
  `${accounts} disable EMAIL`,
  `${accounts} describe EMAIL --format=json`,
  `${accounts} enable EMAIL`,
  `${accounts} get-iam-policy EMAIL --format=json`,
  `${accounts} add-iam-policy-binding EMAIL ${binding} --format=json`,
  `${accounts} add-iam-policy-binding EMAIL ${binding} --condition=expression=true,title=Always --format=json`,
  `${accounts} get-iam-policy EMAIL --format=json`,
  `${accounts} remove-iam-policy-binding EMAIL ${binding} --condition=None --format=json`,
  `${accounts} remove-iam-policy-binding EMAIL ${binding} --all --format=json`,
  `${accounts} keys list --iam-account=EMAIL --managed-by=system --format=json`,
  `${accounts} keys create FILE-key --iam-account=EMAIL`,
  `${accounts} sign-blob FILE FILE-signature --iam-account=EMAIL`,
  `${accounts} sign-jwt FILE FILE-token --iam-account=EMAIL`,
  `${accounts} delete EMAIL --quiet`,
  `iam roles describe ${CREATOR} --format=json`,
  `iam roles list --project=${PROJECT} --format=json`,
  `projects get-iam-policy ${PROJECT} --format=json`,
  `projects add-iam-policy-binding ${PROJECT} ${binding} --condition=None --format=json`,
  `projects remove-iam-policy-binding ${PROJECT} ${binding} --condition=None --format=json`,
  "services list --format=json",
  "services enable NAME.googleapis.com",
  "services enable NAME.googleapis.com",
  "services disable NAME.googleapis.com",
];

const tokenOf = ({ code, stdout, stderr }: CliResult): string => {
  expect([code, blur(stderr, "NAME")]).toEqual([0, ""]);
  return stdout;
};
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
const inJson = (text: string): unknown => (/^[[{]/.test(text) ? JSON.parse(text) : text);

test(byGcloud("every command prints the same JSON, and the same on standard error, as gcloud's"), async () => {
  if (!hasGcloud) return;
  const claims = JSON.stringify({ sub: "x", exp: Math.floor(Date.now() / 1000) + 600 });
  for (const name of ["by-gcloud", "by-us-all"]) writeFileSync(join(stage.folder, `${name}-file`), claims);
  for (const line of COMMANDS) {
    const theirs = await run(gcloud, "by-gcloud", line);
    const found = await run(ours, "by-us-all", line);
    expect([line, found.code, inJson(found.stdout), found.stderr]).toEqual([
      line,
      theirs.code,
      inJson(theirs.stdout),
      theirs.stderr,
    ]);
    expect(theirs.code).toBe(0);
  }
}, 180_000);

test(byGcloud(
  "tokens of an account come alone on standard output, of the same account and for the same audience",
), async () => {
  if (!hasGcloud) return;
  const as = `--impersonate-service-account=${ROBOT}`;
  const [theirs, found] = await Promise.all(
    [gcloud, ours].map(async (program) => {
      const access = tokenOf(await program(["auth", "print-access-token", as], stage.variables));
      const flags = ["--audiences=https://a", "--include-email"];
      const id = tokenOf(await program(["auth", "print-identity-token", as, ...flags], stage.variables));
      const answer = await fetch(`${stage.emulator.url}/tokeninfo`, {
        method: "POST",
        body: new URLSearchParams({ access_token: access.trim() }),
      });
      const { exp: _, expires_in: __, ...about } = Object(await answer.json());
      const { iat: ___, exp: ____, ...claims } = claimsOf(id);
      expect([access, id].map((token) => token.split("\n").length)).toEqual([2, 2]);
      return { about, claims };
    }),
  );
  expect(found?.about).toMatchObject({ azp: theirs?.about.azp, scope: expect.stringContaining("cloud-platform") });
  expect(found?.claims).toEqual(theirs?.claims);
  expect(found?.claims).toMatchObject({ email: ROBOT, aud: "https://a" });
}, 60_000);
