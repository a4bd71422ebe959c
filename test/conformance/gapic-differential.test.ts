// SPDX-License-Identifier: Apache-2.0
// The drop-in against the original, @google-cloud/iam-credentials, side by side: same servers, same inputs, over a thousand cases. Where
// they differ, gapic-differences.md says so and why. Needs the build, which `npm test` makes first.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createCertificateAuthority } from "../support/certificate-authority.js";
import { runProgram } from "../support/child-program.js";
import type { Verdict } from "./gapic/case.js";
import { compare, isOf, parseTable } from "./gapic/known-differences.js";

const TIMEOUT_MS = 180_000;
const DROP_IN = resolve(__dirname, "../../build/src/gapic/index.js");
const table = parseTable(readFileSync(join(__dirname, "gapic-differences.md"), "utf8"));

/** Runs the cases in a process of their own. @param env which cases, and where the drop-in is: without it the original plays both sides */
async function runCases(env: Readonly<Record<string, string>>): Promise<Verdict[]> {
  const authority = createCertificateAuthority();
  const folder = mkdtempSync(join(tmpdir(), "gapic-differential-"));
  try {
    const roots = join(folder, "roots.pem");
    writeFileSync(roots, authority.certificate);
    const identity = JSON.stringify(authority.issue(["localhost", "127.0.0.1"]));
    const { code, stdout, stderr } = await runProgram("test/conformance/programs/gapic-differential.ts", {
      GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: roots,
      TEST_IDENTITY: identity,
      ...env,
    });
    if (code !== 0) throw new Error(`the cases ended with ${code}: ${stderr}`);
    return JSON.parse(stdout).verdicts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the drop-in beside the original", () => {
  let verdicts: Verdict[];
  beforeAll(async () => {
    verdicts = await runCases({ TEST_DROP_IN: DROP_IN });
  }, TIMEOUT_MS);

  test("is compared in more than a thousand cases of different titles, none of which observes nothing", () => {
    expect(verdicts.length).toBeGreaterThan(1_000);
    expect(new Set(verdicts.map(({ title }) => title)).size).toBe(verdicts.length);
    expect(verdicts.filter(({ lines }) => lines < 1)).toEqual([]);
  });

  test("differs in nothing but what the table explains", () => {
    expect(compare(verdicts, table).unexplained).toEqual([]);
  });

  test("differs in all that the table says", () => {
    expect(compare(verdicts, table).unseen).toEqual([]);
  });
});

describe("the original beside itself", () => {
  test(
    "does not differ in any of the requests, statuses and exports",
    async () => {
      const verdicts = await runCases({ TEST_CASES: "^(status|surface: protos|routing|arguments)" });
      expect(verdicts.length).toBeGreaterThan(200);
      expect(verdicts.flatMap(({ title, differences }) => differences.map((each) => [title, each]))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe("the table of differences", () => {
  const verdict = (where: string, original: string, ours: string): Verdict => ({
    title: "request: a",
    differences: [{ where, original, ours }],
    lines: 1,
    ms: 0,
  });
  const [row] = parseTable(
    "| cases | what | original | ours | why |\n| - | - | - | - | - |\n| `request: *` | `x.y` | `7` | `(absent)\\|*` | z |\n",
  );

  test.each([
    ["explains a difference that is in it", "x.y", "7", "(absent)|5", 0],
    ["does not explain another place", "x.z", "7", "(absent)|5", 1],
    ["does not explain another value of the original", "x.y", "77", "(absent)|5", 1],
    ["does not explain another value of ours", "x.y", "7", "absent", 1],
  ])("%s", (_what, where, original, ours, unexplained) => {
    const comparison = compare([verdict(where, original, ours)], row === undefined ? [] : [row]);
    expect(comparison.unexplained).toHaveLength(unexplained);
    expect(comparison.unseen).toHaveLength(unexplained);
  });

  test("is not read where a row has no reason", () => {
    expect(() => parseTable("| a | b | c | d | |")).toThrow("a row of 5 cells with a reason");
  });

  test("takes every character but * for itself", () => {
    expect([isOf("a.b", "axb"), isOf("a.b", "a.b"), isOf("a*b", "a\n(b"), isOf("[a]", "a")]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});
