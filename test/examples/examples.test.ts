// SPDX-License-Identifier: Apache-2.0
// Runs every program that the README and the pages of docs/ show, word for word, and the demo: processes of their own on the built
// package.

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";

const run = promisify(execFile);
const root = resolve(__dirname, "../..");
const ROBOT = "robot@my-project.iam.gserviceaccount.com";

/** What each program prints, by the heading that it stands under. */
const EXPECTED: Readonly<Record<string, RegExp>> = {
  // README.md
  "An access token": /^\d{3} characters, good until 20\d\d-.*Z\n$/,
  "Acting as a service account": /^\d{3} characters, and a URL at storage\.googleapis\.com\n$/,
  "The emulator in a test":
    /^IAM_PERMISSION_DENIED\n\[\n {2}'SignBlob by user:dana@example.com: OK',\n {2}'SignBlob by user:dana@example.com: PERMISSION_DENIED'\n\]\n$/,
  // docs/admin.md
  "The admin API": /^(\S+@my-project\.iam\.gserviceaccount\.com has \d keys of its own\n){4}$/,
  "Grants, policies and keys":
    /^serviceAccount:build@\S+ got it confirmed\ngranted,missing gcloud iam service-accounts add-iam-policy-binding build@\S+ --member=serviceAccount:robot@\S+ --role=roles\/iam\.serviceAccountTokenCreator --condition=None\ntrue \d of 10 user-managed keys.*\n$/,
  // docs/chains.md
  "A chain of delegates": /^signed by way of two delegates: 3 parts\n$/,
  // docs/cookbook.md
  "Cloud Run to Cloud Run": /^authorization of \d{3,4} characters\n$/,
  "Identity-Aware Proxy": /^true\n$/,
  "A signed URL": /^content-type;host\n$/,
  "A form that uploads":
    /^POST to https:\/\/storage\.googleapis\.com\/my-bucket with key, x-goog-algorithm, x-goog-credential, x-goog-date, policy, x-goog-signature and the file\n$/,
  "A Firebase custom token": /^a token in 3 parts for signInWithCustomToken\n$/,
  "A user of a Workspace domain": /^\d+ characters for the Calendar API\n$/,
  // docs/deadlines.md
  "Deadlines, retries, and an error one can act on":
    /^NOT_FOUND after 1 attempt: IAMCredentials\.SignBlob: NOT_FOUND: Not found; Gaia id not found for email nobody@/,
  // docs/emulator.md
  "Faults, time and a fixture":
    /^1: UNAVAILABLE, 2: UNAVAILABLE, 3: OK\nInvalid Value\n1 grant to check in\n0 at the start\n$/,
  // docs/migration.md
  "Coming from `@google-cloud/iam-credentials`": /^256 bytes by key [0-9a-f]{40}\n$/,
  // docs/permissions.md
  "In a test":
    /^(\S+ needs roles\/iam.serviceAccountTokenCreator on \S+ for iam.serviceAccounts.(implicitDelegation|getAccessToken): missing\n){2}(gcloud iam service-accounts add-iam-policy-binding .*\n){2}\n$/,
  // docs/testing.md
  "node:test": /^# tests 2\n(# .*\n)*# pass 2\n# fail 0\n/m,
  // docs/tokens.md
  "An ID token": new RegExp(`^${ROBOT} for https://my-service.example\n$`),
  "Signatures: bytes and JSON Web Tokens": /^256 bytes by key [0-9a-f]{40}, and a JWT in 3 parts\n$/,
};

function programsOf(markdown: string): [heading: string, program: string][] {
  return markdown
    .split(/^#+ /m)
    .flatMap((section) =>
      Array.from(section.matchAll(/```js\n(.*?)```/gs), ([, program = ""]): [string, string] => [
        section.slice(0, section.indexOf("\n")),
        program,
      ]),
    );
}

/** The README, then the pages by their names. */
const PAGES: readonly string[] = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => `docs/${name}`),
];

describe("the programs in the README and on the pages", () => {
  const programs = PAGES.flatMap((page) => programsOf(readFileSync(join(root, page), "utf8")));
  let folder: string;
  let emulator: Emulator;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "readme-"));
    await mkdir(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules", "iam-credentials-client"));
    const [build = "", release = ""] = ["build", "release"].map((id) => `${id}@my-project.iam.gserviceaccount.com`);
    const role = "roles/iam.serviceAccountTokenCreator";
    emulator = await startEmulator({
      serviceAccounts: [ROBOT, build, release],
      domainWideDelegation: [{ serviceAccount: ROBOT, scopes: ["https://www.googleapis.com/auth/calendar.readonly"] }],
      grants: [
        { member: `serviceAccount:${build}`, role, serviceAccount: release },
        { member: `serviceAccount:${release}`, role, serviceAccount: ROBOT },
      ],
    });
  });

  afterAll(async () => {
    await emulator.close();
    rmSync(folder, { recursive: true });
  });

  test("are those whose output is known here", () => {
    expect(programs.map(([heading]) => heading)).toEqual(Object.keys(EXPECTED));
  });

  test.each(programs)("%s: does what it says", async (heading, program) => {
    const file = join(folder, "program.mjs");
    writeFileSync(file, program);
    const env = { ...process.env, IAM_CREDENTIALS_EMULATOR_HOST: emulator.host };
    const { stdout, stderr } = await run(process.execPath, [file], { env, timeout: 50_000 });
    expect(stderr).toBe("");
    expect(stdout).toMatch(EXPECTED[heading] ?? "a program without an expectation");
  });
});

test("the demo verifies four results twice and shows one denied call", async () => {
  const { stdout, stderr } = await run(process.execPath, [join(root, "test/examples/demo.mjs")], { timeout: 50_000 });
  expect(stderr).toBe("");
  expect(stdout.match(/✓ verified/g)).toHaveLength(8);
  expect(stdout).toContain("✗ denied     IAMCredentials.SignJwt: PERMISSION_DENIED: Permission");
});
