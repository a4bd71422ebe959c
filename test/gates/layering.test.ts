// SPDX-License-Identifier: Apache-2.0
// The gate of the layering rules, and its canary: each rule must fire on a violation seeded in a copy of the tree.

import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { filesBelow, openCopy, ROOT, runNode } from "./repository.js";
import { type Arrow, twoWayFolders } from "./structure.js";

/** What is read of dependency-cruiser's JSON report. */
interface Report {
  readonly modules: readonly {
    readonly source: string;
    readonly dependencies: readonly { readonly resolved: string }[];
  }[];
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly Violation[];
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

/** A line to put at the end of a file (which need not exist), and the rule that must fire for that file. */
type Seed = readonly [rule: string, file: string, line: string];

const PARTS = ["src", "generated", "test", "tsconfig.json", "package.json", ".dependency-cruiser.mjs"];

const SEEDS: readonly Seed[] = [
  ["no-cycles", "src/rpc/retry/policy.ts", 'import type {} from "./run-with-retry.js";'],
  ["base-imports-what-is-below", "src/base/causes/status.ts", 'import type {} from "../../rpc/method/method.js";'],
  ["messages-imports-what-is-below", "src/messages/claims.ts", 'import type {} from "../rpc/method/method.js";'],
  ["auth-imports-what-is-below", "src/auth/service-account.ts", 'import type {} from "../client/client-options.js";'],
  ["auth-imports-what-is-below", "src/auth/tokens/token-cache.ts", 'import type {} from "../../rpc/retry/backoff.js";'],
  ["rpc-imports-what-is-below", "src/rpc/call.ts", 'import type {} from "../client/client-options.js";'],
  ["rpc-imports-what-is-below", "src/rpc/metadata.ts", 'import type {} from "../auth/service-account.js";'],
  ["client-imports-what-is-below", "src/client/client-base.ts", 'import type {} from "../iam-admin/requests.js";'],
  [
    "iam-admin-imports-what-is-below",
    "src/iam-admin/client.ts",
    'import type {} from "../iam-credentials/requests.js";',
  ],
  [
    "iam-credentials-imports-what-is-below",
    "src/iam-credentials/client.ts",
    'import type {} from "../iam-admin/requests.js";',
  ],
  ["impersonation-imports-what-is-below", "src/impersonation/signer.ts", 'import type {} from "../rpc/call.js";'],
  [
    "diagnosis-imports-what-is-below",
    "src/diagnosis/facts/facts.ts",
    'import type {} from "../../gapic/rows/rows.js";',
  ],
  ["steps-know-no-step", "src/diagnosis/steps/route.ts", 'import type {} from "./machine.js";'],
  ["the-runner-knows-no-step", "src/diagnosis/diagnose.ts", 'import type {} from "./steps/machine.js";'],
  ["causes-are-a-table", "src/base/causes/classify.ts", 'import type {} from "../errors.js";'],
  ["gapic-imports-what-is-below", "src/gapic/call/headers.ts", 'import type {} from "../../impersonation/signer.js";'],
  [
    "verification-imports-what-is-below",
    "src/verification/compact-jws.ts",
    'import type {} from "../iam-credentials/client.js";',
  ],
  ["contracts-know-no-implementation", "src/rpc/transport/transport.ts", 'import type {} from "../retry/backoff.js";'],
  ["contracts-know-no-implementation", "src/rpc/method/method.ts", 'import type {} from "../metadata.js";'],
  [
    "transports-are-strangers",
    "src/rpc/transport/grpc-js/channel-connection.ts",
    'import type {} from "../../retry/backoff.js";',
  ],
  ["transports-are-strangers", "src/rpc/transport/rest/seeded.ts", 'import type {} from "../grpc-js/grpc-status.js";'],
  [
    "transports-are-strangers",
    "src/rpc/transport/rest/transcode.ts",
    'import type {} from "../../../base/environment.js";',
  ],
  ["grpc-stands-on-http2", "src/rpc/transport/grpc/wire.ts", 'import type {} from "../rest/transcode.js";'],
  ["http2-knows-no-grpc", "src/rpc/transport/http2/outbox.ts", 'import type {} from "../grpc/statuses.js";'],
  [
    "http2-knows-no-grpc",
    "src/rpc/transport/http2/frames/frames.ts",
    'import type {} from "../../../../base/errors.js";',
  ],
  ["retry-knows-no-call", "src/rpc/retry/backoff.ts", 'import type {} from "../metadata.js";'],
  [
    "endpoint-knows-no-client",
    "src/client/endpoint/resolve-endpoint.ts",
    'import type {} from "../client-options.js";',
  ],
  ["protobufjs-loads-lazily", "src/gapic/rows/requests.ts", 'import { util } from "protobufjs/minimal";'],
  ["methods-are-a-table", "src/iam-credentials/methods.ts", 'import type {} from "../rpc/call.js";'],
  ["methods-are-a-table", "src/iam-admin/methods.ts", 'import type {} from "../rpc/call.js";'],
  [
    "access-policy-imports-what-is-below",
    "src/access-policy/member.ts",
    'import type {} from "../iam-admin/requests.js";',
  ],
  [
    "resource-manager-imports-what-is-below",
    "src/resource-manager/seeded.ts",
    'import type {} from "../iam-admin/requests.js";',
  ],
  [
    "service-usage-imports-what-is-below",
    "src/service-usage/seeded.ts",
    'import type {} from "../access-policy/policy-message.js";',
  ],
  ["chains-know-two-services", "src/iam-admin/chain/hops.ts", 'import type {} from "../../iam-credentials/client.js";'],
  ["effects-at-the-edges", "src/iam-admin/keys/create-key.ts", 'import type {} from "node:fs";'],
  ["requests-are-checks-only", "src/iam-admin/request-checks.ts", 'import type {} from "../rpc/method/method.js";'],
  ["requests-are-checks-only", "src/iam-credentials/requests.ts", 'import type {} from "../rpc/method/method.js";'],
  [
    "generated-has-few-readers",
    "src/iam-credentials/client.ts",
    'import type {} from "../../generated/google/protobuf/duration.js";',
  ],
  [
    "generated-has-few-readers",
    "src/gapic/rows/requests.ts",
    'import type {} from "../../../generated/protobufjs/index.js";',
  ],
  [
    "generated-imports-generated",
    "generated/google/rpc/status.ts",
    'import type {} from "../../../src/base/causes/status.js";',
  ],
  [
    "only-the-registry-names-a-transport",
    "src/client/client-options.ts",
    'import type {} from "../rpc/transport/grpc-js/grpc-js-transport.js";',
  ],
  [
    "registry-loads-lazily",
    "src/rpc/transport-registry.ts",
    'import { ChannelConnection } from "./transport/grpc-js/channel-connection.js";',
  ],
  ["lazy-means-require", "src/iam-credentials/resource-names.ts", 'export const lazy = () => import("./requests.js");'],
  [
    "emulator-shares-no-client-code",
    "src/emulator/services/services.ts",
    'import type {} from "../../base/errors.js";',
  ],
  ["emulator-rooms-know-no-hall", "src/emulator/seed/seed.ts", 'import type {} from "../options.js";'],
  [
    "emulator-rooms-go-down",
    "src/emulator/services/services.ts",
    'import type {} from "../protocols/all-operations.js";',
  ],
  ["emulator-rooms-go-down", "src/emulator/seed/seed.ts", 'import type {} from "../services/services.js";'],
  [
    "emulator-controls-know-no-service",
    "src/emulator/controls/needed-grants.ts",
    'import type {} from "../services/services.js";',
  ],
  ["emulator-world-is-below", "src/emulator/world/world.ts", 'import type {} from "../services/services.js";'],
  ["emulator-world-is-below", "src/emulator/x509/der.ts", 'import type {} from "../world/world.js";'],
  [
    "emulator-ports-know-no-protocol",
    "src/emulator/ports/listeners.ts",
    'import type {} from "../protocols/all-operations.js";',
  ],
  [
    "emulator-protocols-know-no-port",
    "src/emulator/protocols/all-operations.ts",
    'import type {} from "../ports/listening.js";',
  ],
  ["emulator-world-in-parts", "src/emulator/world/policy/permissions.ts", 'import type {} from "../world.js";'],
  [
    "emulator-services-are-strangers",
    "src/emulator/services/iam-admin/admin-access.ts",
    'import type {} from "../iam-credentials/token-lifetime.js";',
  ],
  [
    "emulator-protocols-are-strangers",
    "src/emulator/protocols/oauth/oauth-form.ts",
    'import type {} from "../rest/rest-routes.js";',
  ],
  [
    "emulator-road-knows-no-protocol",
    "src/emulator/protocols/road/strike.ts",
    'import type {} from "../http/http-operation.js";',
  ],
  [
    "metadata-protocol-is-neutral",
    "src/metadata-protocol/metadata-entry.ts",
    'import type {} from "../base/clock.js";',
  ],
  [
    "nothing-imports-the-emulator",
    "src/auth/application-default.ts",
    'import type {} from "../emulator/world/policy/predefined-roles.js";',
  ],
  ["nothing-imports-a-door", "src/base/clock.ts", 'import type {} from "../iam-admin/index.js";'],
  ["nothing-imports-a-door", "src/base/abort.ts", 'import type {} from "../index.js";'],
  [
    "cli-enters-by-the-doors",
    "src/cli/commands/emulator-command.ts",
    'import type {} from "../../emulator/world/world.js";',
  ],
  [
    "cli-loads-lazily",
    "src/cli/commands/emulator-command.ts",
    'import { startEmulator } from "../../emulator/index.js";',
  ],
  ["commands-load-lazily", "src/cli/main.ts", 'import { emulatorCommand } from "./commands/emulator-command.js";'],
  ["nothing-imports-the-cli", "src/verification/compact-jws.ts", 'import type {} from "../cli/host/output.js";'],
  ["grpc-js-behind-one-folder", "src/rpc/metadata.ts", 'import type { Metadata } from "@grpc/grpc-js";'],
  ["grpc-js-behind-one-folder", "src/gapic/call/headers.ts", 'import type { Metadata } from "@grpc/grpc-js";'],
  ["grpc-js-loads-lazily", "src/gapic/stub/channel-library.ts", 'import { Channel } from "@grpc/grpc-js";'],
  ["options-name-grpc-js-as-a-type", "src/client/client-options.ts", 'import { Channel } from "@grpc/grpc-js";'],
  [
    "google-auth-library-behind-few-files",
    "src/auth/google-library/library-clients.ts",
    'import type {} from "google-auth-library";',
  ],
  [
    "google-auth-library-loads-lazily",
    "src/auth/google-library/google-library.ts",
    'import { JWT } from "google-auth-library";',
  ],
  ["google-auth-library-loads-lazily", "src/gapic/stub/auth-library.ts", 'import { JWT } from "google-auth-library";'],
  ["opentelemetry-as-a-type", "src/base/telemetry.ts", 'import { trace } from "@opentelemetry/api";'],
  ["effects-at-the-edges", "src/iam-credentials/requests.ts", 'import { readFileSync } from "node:fs";'],
  [
    "tests-above-unit-enter-by-the-doors",
    "test/integration/seeded.test.ts",
    'import type {} from "../../src/rpc/call.js";',
  ],
  ["src-never-imports-test", "src/base/clock.ts", 'import type {} from "../../test/unit/seeded.js";'],
  ["declared-dependencies-only", "src/base/version.ts", 'import fc from "fast-check";'],
  ["optional-peers-as-types", "src/emulator/world/names/members.ts", 'import { run } from "@bufbuild/cel";'],
  ["not-unresolvable", "src/base/timestamp.ts", 'import type {} from "./nowhere.js";'],
  ["no-orphans", "src/lonely.ts", "export const lonely = 1;"],
];

async function cruise(root: string): Promise<Report> {
  const program = join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const args = ["src", "generated", "test", "--config", ".dependency-cruiser.mjs", "--output-type", "json"];
  const { stdout, stderr } = await runNode([program, ...args], { cwd: root });
  if (!stdout.startsWith("{")) throw new Error(`dependency-cruiser gave no report: ${stderr}`);
  return JSON.parse(stdout) as Report; // as: the form that version 17 documents
}

/** Who imports whom, of a report. */
function arrowsOf({ modules }: Report): Arrow[] {
  return modules.flatMap(({ source, dependencies }) => dependencies.map(({ resolved }) => [source, resolved] as const));
}

/** The files that a report does not speak of: with a TypeScript that it does not know, the tool cruises nothing and is content. */
function uncruised(report: Report, files: readonly string[]): string[] {
  const sources = new Set(report.modules.map((module) => module.source));
  return files.filter((file) => !sources.has(file));
}

describe("the layering of src/", () => {
  let report: Report;
  beforeAll(async () => {
    report = await cruise(ROOT);
  }, 240_000);

  it("has no violation", () => {
    expect(report.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
  });

  it("has no two folders that import each other", () => {
    expect(twoWayFolders(arrowsOf(report))).toEqual([]);
  });

  it("is looked at in every file of src/ and generated/", () => {
    const files = [...filesBelow("src"), ...filesBelow("generated")].filter((file) => file.endsWith(".ts"));
    expect(files.length).toBeGreaterThan(30);
    expect(uncruised(report, files)).toEqual([]);
    expect(report.summary.totalCruised).toBeGreaterThanOrEqual(files.length);
  });

  it("would be missed by a run that cruises nothing", () => {
    expect(uncruised({ ...report, modules: [] }, ["src/index.ts"])).toEqual(["src/index.ts"]);
  });
});

describe("the canary of the layering rules", () => {
  let report: Report;
  beforeAll(async () => {
    using copy = openCopy(PARTS);
    for (const [, file, line] of SEEDS) {
      const path = join(copy.path, file);
      mkdirSync(dirname(path), { recursive: true });
      appendFileSync(path, `${line}\n`);
    }
    writeFileSync(join(copy.path, "test/unit/seeded.ts"), "export const seeded = 1;\n");
    report = await cruise(copy.path);
  }, 240_000);

  it.each(SEEDS)("%s fires for %s", (rule, file, line) => {
    const target = /(?:from |import\()"([^"]+)"/.exec(line)?.[1]?.replace(/^.*[/:]|[.]js$/g, "") ?? "";
    const fired = report.summary.violations.filter(
      (violation) => violation.rule.name === rule && violation.from === file,
    );
    expect(fired.map(({ to }) => to)).toEqual(expect.arrayContaining([expect.stringContaining(target)]));
  });

  it("finds folders that import each other: a folder and the one that it stands in, and strangers", () => {
    const found = twoWayFolders(arrowsOf(report));
    expect(found).toEqual(expect.arrayContaining(["src/rpc <-> src/rpc/retry", "src/auth <-> src/client"]));
  });

  it("seeds every rule", () => {
    const rules = report.summary.ruleSetUsed.forbidden.map(({ name }) => name);
    const seeded = new Set(SEEDS.map(([rule]) => rule));
    expect(rules.filter((rule) => !seeded.has(rule))).toEqual([]);
  });
});
