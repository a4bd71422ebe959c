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
/** The pool of the emulator's own identity provider. */
const POOL = "iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/emulator-pool";

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
  "A chain of delegates": /^signed through two delegates: 3 parts\n$/,
  // docs/cookbook.md
  "Cloud Run to Cloud Run": /^authorization of \d{3,4} characters\n$/,
  "Identity-Aware Proxy": /^true\n$/,
  "Behind the proxy": /^without the proxy: 401\n$/,
  "A signed URL": /^content-type;host\n$/,
  "An upload form":
    /^POST to https:\/\/storage\.googleapis\.com\/my-bucket with key, x-goog-algorithm, x-goog-credential, x-goog-date, policy, x-goog-signature and the file\n$/,
  "A Firebase custom token": /^a token in 3 parts for signInWithCustomToken\n$/,
  "A user of a Workspace domain": /^\d+ characters for the Calendar API\n$/,
  "AWS or Azure to Google": /^256 bytes, signed for a workload of another cloud\n$/,
  // docs/credentials.md
  "For Google's clients": /^a URL at storage\.googleapis\.com, signed as the robot\n$/,
  // docs/deadlines.md
  "Setting a deadline and handling errors":
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
  // A line begins with # where tests report in TAP, and with ℹ where the reporter is that of newer Node.
  "node:test": /^[#ℹ] tests 2\n([#ℹ] .*\n)*[#ℹ] pass 2\n[#ℹ] fail 0\n/m,
  // docs/tokens.md
  "An ID token": new RegExp(`^${ROBOT} for https://my-service.example\n$`),
  "Signatures: bytes and JSON Web Tokens": /^256 bytes by key [0-9a-f]{40}, and a JWT in 3 parts\n$/,
};

function programsOf(markdown: string, language = "js"): [heading: string, program: string][] {
  return markdown
    .split(/^#+ /m)
    .flatMap((section) =>
      Array.from(
        section.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms")),
        ([, program = ""]): [string, string] => [section.slice(0, section.indexOf("\n")), program],
      ),
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
  let variables: Readonly<Record<string, string>>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "readme-"));
    await mkdir(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules", "iam-credentials-client"));
    symlinkSync(join(root, "node_modules/@google-cloud"), join(folder, "node_modules", "@google-cloud"));
    const [build = "", release = ""] = ["build", "release"].map((id) => `${id}@my-project.iam.gserviceaccount.com`);
    const role = "roles/iam.serviceAccountTokenCreator";
    emulator = await startEmulator({
      serviceAccounts: [ROBOT, build, release],
      domainWideDelegation: [{ serviceAccount: ROBOT, scopes: ["https://www.googleapis.com/auth/calendar.readonly"] }],
      grants: [
        { member: `serviceAccount:${build}`, role, serviceAccount: release },
        { member: `serviceAccount:${release}`, role, serviceAccount: ROBOT },
        { member: `serviceAccount:${ROBOT}`, role, serviceAccount: ROBOT },
        { member: `principal://${POOL}/subject/worker-7`, role, serviceAccount: ROBOT },
      ],
    });
    const workload = join(folder, "workload.json");
    await emulator.writeCredentialsFile("external_account", workload, { subject: "worker-7", serviceAccount: ROBOT });
    variables = {
      IAM_CREDENTIALS_EMULATOR_HOST: emulator.host,
      WORKLOAD_IDENTITY: readFileSync(workload, "utf8"),
    };
    await mkdir(join(folder, "test/fixtures"), { recursive: true });
    const seed = { version: 1, serviceAccounts: [{ email: ROBOT }] };
    writeFileSync(join(folder, "test/fixtures/iam.json"), JSON.stringify(seed));
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
    const env = { ...process.env, ...variables };
    const { stdout, stderr } = await run(process.execPath, [file], { env, timeout: 50_000 });
    expect(stderr).toBe("");
    expect(stdout).toMatch(EXPECTED[heading] ?? "a program without an expectation");
  });

  test("the test for Jest passes there, in a CommonJS project without any configuration", async () => {
    const [[, text = ""] = [], ...others] = programsOf(readFileSync(join(root, "docs/testing.md"), "utf8"), "cjs");
    expect(others).toEqual([]);
    writeFileSync(join(folder, "iam.test.js"), text);
    writeFileSync(join(folder, "package.json"), "{}");
    const jest = join(root, "node_modules/jest/bin/jest.js");
    const { stderr } = await run(process.execPath, [jest, "--rootDir", folder], { cwd: folder, timeout: 50_000 });
    expect(stderr).toMatch(/^Tests: +1 passed, 1 total$/m);
  });

  test("the set-up for Vitest starts an emulator, and what it returns ends it", async () => {
    const [[, text = ""] = [], ...others] = programsOf(readFileSync(join(root, "docs/testing.md"), "utf8"), "mjs");
    expect(others).toEqual([]);
    writeFileSync(join(folder, "setup.mjs"), text);
    const call = `import("./setup.mjs").then(async ({ setup }) => {
      const end = await setup();
      console.log((await fetch("http://" + process.env.IAM_CREDENTIALS_EMULATOR_HOST + "/emulator/v1/state")).status);
      await end();
    })`;
    const { stdout } = await run(process.execPath, ["-e", call], { cwd: folder, timeout: 50_000 });
    expect(stdout).toBe("200\n");
  });
});

test("the demo verifies four results twice and shows one denied call", async () => {
  const { stdout, stderr } = await run(process.execPath, [join(root, "test/examples/demo.mjs")], { timeout: 50_000 });
  expect(stderr).toBe("");
  expect(stdout.match(/✓ verified/g)).toHaveLength(8);
  expect(stdout).toContain("✗ denied     IAMCredentials.SignJwt: PERMISSION_DENIED: Permission");
});
