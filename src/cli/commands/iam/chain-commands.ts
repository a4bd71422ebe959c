// SPDX-License-Identifier: Apache-2.0
// `iamcreds iam grant-token-creator` and `iamcreds iam check-chain`: what acting as an account requires, granted or checked.

import type { ChainPermission, ChainReport, GrantProgress, TokenCreatorGrant } from "../../../iam-admin/index.js";
import type { Host } from "../../host/host.js";
import { UsageError } from "../../host/output.js";
import { printDryRun } from "../../print/dry-run.js";
import { printResult, quote } from "../../print/result.js";
import { readImpersonation, splitList, withCaller } from "../../source/caller.js";
import type { Command, Given } from "../../table/command.js";
import { dryRun } from "../../table/common-flags.js";
import { type Flag, parseSeconds } from "../../table/flags.js";

const PREFIX = "iam.serviceAccounts.";
const PERMISSIONS = ["getAccessToken", "getOpenIdToken", "signBlob", "signJwt"];
const chainFlags: Readonly<Record<string, Flag>> = {
  target: { value: "SA", isAccount: true, text: "the account to act as" },
  permission: {
    value: PERMISSIONS.join("|"),
    values: PERMISSIONS,
    text: "what the caller needs to do; default: getAccessToken",
  },
};

function readChain(given: Given): { target: string; delegates: string[]; permission: ChainPermission | undefined } {
  const target = given.text("target") ?? given.positionals[0];
  if (target === undefined) throw new UsageError("--target is missing: the account to act as");
  const permission = given.text("permission");
  const full = permission === undefined ? undefined : (`${PREFIX}${permission}` as ChainPermission); // as: the table has its values
  return { target, delegates: splitList(given, "delegates"), permission: full };
}

/** One line that is rewritten on a terminal, else a line every half minute. */
function progressTeller(host: Host): (progress: GrantProgress) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return ({ stage, waitedMs }) => {
    if (stage !== "waiting") return;
    const text = `waiting for the grants to take effect, ${Math.round(waitedMs / 1000)} s`;
    // A line wider than the terminal would wrap each time.
    if (host.isTerminal.errors) host.complain(`\r${text.slice(0, (host.columns ?? Number.POSITIVE_INFINITY) - 1)}`);
    else if (waitedMs - toldAt >= 30_000) {
      toldAt = waitedMs;
      host.complain(`${text}\n`);
    }
  };
}

function formatGrant({ hops, effect, why }: TokenCreatorGrant): string {
  const lines = hops.map(
    ({ member, role, resource, isAdded }) =>
      `${isAdded ? "added" : "already there"}: ${member} ${role} on ${resource}\n`,
  );
  const end =
    effect === "confirmed" ? "in effect\n" : `not confirmed to be in effect${why === undefined ? "" : `: ${why}`}\n`;
  return `${lines.join("")}${end}`;
}

function gcloudGrants(caller: string, chain: ReturnType<typeof readChain>): string[] {
  const accounts = [...chain.delegates, chain.target];
  return accounts.map((account, index) => {
    const member = index === 0 ? caller : `serviceAccount:${accounts[index - 1]}`;
    const isLast = index === accounts.length - 1;
    const role =
      isLast && chain.permission === "iam.serviceAccounts.getOpenIdToken"
        ? "serviceAccountOpenIdTokenCreator"
        : "serviceAccountTokenCreator";
    const words = [
      "gcloud",
      "iam",
      "service-accounts",
      "add-iam-policy-binding",
      account,
      `--member=${member}`,
      `--role=roles/iam.${role}`,
    ];
    return words.map(quote).join(" ");
  });
}

/** `iamcreds iam grant-token-creator`. */
export const grantTokenCreator: Command = {
  text: `Grants everything that a caller needs to act as an account, directly or through --delegates, reports which grants were already
there, and waits until all are in effect.`,
  flags: {
    Options: {
      caller: { value: "member", text: "who gets access: user:…, serviceAccount:…, group:…" },
      ...chainFlags,
      wait: { value: "duration", text: "how long to wait at most; 0 for not at all; default: 7m" },
      ...dryRun,
    },
  },
  run: (given, host) => {
    const member = given.text("caller");
    if (member === undefined) throw new UsageError("--caller is missing: user:…, serviceAccount:…, group:…");
    const chain = readChain(given);
    if (given.has("dry-run")) {
      const gcloud = gcloudGrants(member, chain);
      return Promise.resolve(
        printDryRun(given, host, { method: "IAM.SetIamPolicy", request: { caller: member, ...chain }, gcloud }),
      );
    }
    const waitMs = parseSeconds(given.text("wait") ?? "7m", "--wait");
    return withCaller(
      given,
      host,
      async (caller) => {
        const options = {
          ...caller.call,
          waitTimeout: waitMs === 0 ? (false as const) : waitMs,
          onProgress: progressTeller(host),
        };
        const client = caller.adminClient(caller.optionsAs(readImpersonation(given)));
        const grant = await client.grantTokenCreator({ caller: member, ...chain }, options).finally(() => {
          if (host.isTerminal.errors) host.complain("\r\x1b[K");
        });
        const { hops, effect, why } = grant;
        printResult(given, host, { json: { hops, effect, why }, text: formatGrant(grant) });
        return 0;
      },
      waitMs,
    );
  },
};

function formatReport({ isGranted, hops }: ChainReport): string {
  const lines = hops.flatMap(({ member = "the caller", resource, permission, state, commands }) => [
    `${state}: ${member} ${permission} on ${resource}\n`,
    ...commands.map((command) => `  ${command}\n`),
  ]);
  return `${lines.join("")}${isGranted ? "the whole chain is granted\n" : "the chain is broken\n"}`;
}

/** `iamcreds iam check-chain`. */
export const checkChain: Command = {
  text: `Checks hop by hop whether the caller can act as an account, directly or through --delegates, and reports each missing grant with the
command that adds it. Changes nothing. Exits with 5 if a grant is missing.`,
  positionals: [{ name: "SA", isOptional: true, isAccount: true }],
  flags: {
    Options: { ...chainFlags, caller: { value: "member", text: "the name of the caller in the report" } },
  },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const report = await caller
        .adminClient()
        .checkChain({ ...readChain(given), caller: given.text("caller") }, caller.call);
      const hops = report.hops.map(({ error, ...hop }) => ({ ...hop, error: error?.message }));
      printResult(given, host, { json: { ...report, hops }, isExact: true, text: formatReport(report) });
      return report.isGranted ? 0 : 5;
    }),
};
