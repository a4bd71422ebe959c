// SPDX-License-Identifier: Apache-2.0
// As whom a command calls: the flags for accounts and chains, scopes, time and the log, settled before anything is sent.

import { describe, expect, it, test } from "@jest/globals";
import type { Host } from "../../../../src/cli/host/host.js";
import {
  type Caller,
  readImpersonation,
  readLifetime,
  readScopes,
  readTarget,
  requireSigner,
  requireTarget,
  splitList,
  withCaller,
} from "../../../../src/cli/source/caller.js";
import { commonFlags } from "../../../../src/cli/table/common-flags.js";
import { parseFlags } from "../../../../src/cli/table/flags.js";
import { ImpersonatedCredentials } from "../../../../src/index.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { rejectionOf } from "../../../support/rejection-of.js";

const A = "a@p.iam.gserviceaccount.com";
const B = "b@p.iam.gserviceaccount.com";
const C = "c@p.iam.gserviceaccount.com";

const OWN = {
  Own: {
    "iam-account": { value: "SA", text: "" },
    scopes: { value: "SCOPE", isList: true, text: "" },
    lifetime: { value: "TIME", text: "" },
    subject: { value: "EMAIL", text: "" },
  },
};
const given = (...args: readonly string[]) => parseFlags(args, { ...OWN, ...commonFlags });

describe("the account that is acted as", () => {
  it("is the last of --impersonate-service-account, whose others are the chain, behind --delegates", () => {
    expect(readTarget(given())).toBeUndefined();
    expect(readTarget(given(`--impersonate-service-account=${A}`))).toEqual({ account: A, delegates: [] });
    expect(readTarget(given(`--impersonate-service-account=${A}, ${B}`, `--delegates=${C}`))).toEqual({
      account: B,
      delegates: [C, A],
    });
  });

  it("is the one that the command names, where it names one", () => {
    expect(readTarget(given(`--impersonate-service-account=${A}`, `--delegates=${C}`), B)).toEqual({
      account: B,
      delegates: [C],
    });
  });

  it("must be there where the command can't do without", () => {
    expect(() => requireTarget(given())).toThrow(
      "name the service account, as SA or with --impersonate-service-account",
    );
    expect(requireTarget(given(), A)).toEqual({ account: A, delegates: [] });
  });

  it("asks about --iam-account as whom it impersonates, else about itself", () => {
    const impersonated = `--impersonate-service-account=${A},${B}`;
    expect(requireSigner(given(`--iam-account=${C}`, impersonated))).toEqual({
      target: { account: C, delegates: [] },
      as: { account: B, delegates: [A] },
    });
    expect(requireSigner(given(impersonated))).toEqual({ target: { account: B, delegates: [A] }, as: undefined });
    expect(() => requireSigner(given())).toThrow("name the service account");
    expect(readImpersonation(given(`--delegates=${C}`))).toBeUndefined();
  });
});

test.each([
  [["--scopes=devstorage.read_only,email"], ["https://www.googleapis.com/auth/devstorage.read_only", "email"]],
  [
    ["--scopes", "https://a.example/x", "--scopes", "openid"],
    ["https://a.example/x", "openid"],
  ],
  [["--scopes", " , "], undefined],
  [[], undefined],
])("scopes %j are %j", (args, scopes) => {
  expect(readScopes(given(...args))).toEqual(scopes);
});

it("a URL of Cloud Run is an audience, and told so", () => {
  expect(() => readScopes(given("--scopes=https://x-uc.a.run.app"))).toThrow(
    "--scopes: https://x-uc.a.run.app is an audience, not a scope; use iamcreds id-token --audiences https://x-uc.a.run.app",
  );
});

it("lists may be given at once or one by one, and lifetimes in units", () => {
  expect(splitList(given("--scopes=a,b", "--scopes=c"), "scopes")).toEqual(["a", "b", "c"]);
  expect([readLifetime(given("--lifetime=5m")), readLifetime(given())]).toEqual([300, undefined]);
  expect(() => readLifetime(given("--lifetime=soon"))).toThrow("--lifetime");
});

describe("a caller", () => {
  function run<Result>(
    args: readonly string[],
    work: (caller: Caller, clock: ManualClock) => Promise<Result>,
    extraMs?: number,
  ) {
    const clock = new ManualClock();
    const complained: string[] = [];
    const host = {
      complain: (text: string) => void complained.push(text),
      variables: { IAM_CREDENTIALS_EMULATOR_HOST: "127.0.0.1:1" },
      clock,
    } as unknown as Host; // as: a caller asks for no more
    const flags = { ...given(...args), path: [], args: [], positionals: [], rest: undefined };
    return { complained, clock, done: withCaller(flags, host, (caller) => work(caller, clock), extraMs) };
  }

  it("has a minute for its calls, and a moment more until all is given up", async () => {
    const { done } = run([], async ({ call, refreshTimeout }, clock) => {
      expect([call.timeout, refreshTimeout, clock.waits]).toEqual([60_000, 60_250, [60_250]]);
      await clock.advance(60_250);
      expect(call.signal.aborted).toBe(true);
      expect(call.signal.reason).toMatchObject({
        message: "DEADLINE_EXCEEDED: the time limit has passed (--timeout 60s)",
      });
    });
    await done;
  });

  it("has the time that --timeout names, and what the command waits besides", async () => {
    const { clock, done } = run(["--timeout=2s"], async (_, running) => running.waits, 1_000);
    expect(await done).toEqual([3_250]);
    expect(clock.waits).toEqual([]);
    const endless = run([], async (_, running) => running.waits, Number.POSITIVE_INFINITY);
    expect(await endless.done).toEqual([]);
    expect(await rejectionOf(run(["--timeout=0s"], async () => 0).done)).toMatchObject({
      message: "--timeout must be greater than 0",
    });
  });

  it("hands the flags on to its clients, and impersonates whom they name", async () => {
    await run(["--endpoint=h:1", "--billing-project=p", "--transport=rest"], async (caller) => {
      expect(caller.clientOptions).toMatchObject({ apiEndpoint: "h:1", quotaProjectId: "p", transport: "rest" });
      expect(caller.clientOptions.callDefaults).toEqual({ timeout: 60_000 });
    }).done;
    await run([`--impersonate-service-account=${A},${B}`], async (caller) => {
      const { credentials } = caller.clientOptions;
      if (!(credentials instanceof ImpersonatedCredentials)) throw new Error("somebody is impersonated");
      expect([credentials.serviceAccountEmail, credentials.delegates]).toEqual([B, [expect.stringContaining(A)]]);
    }).done;
  });

  it("logs from the level on that --verbosity names, with the time", async () => {
    const { complained, done } = run(["--verbosity=warning"], async ({ sourceOptions }) => {
      const { logger } = sourceOptions;
      if (logger === undefined || logger === false) throw new Error("there is a logger");
      logger.info("not told", {});
      logger.warn("told", { attempt: 1 });
    });
    await done;
    expect(complained.map((line) => JSON.parse(line))).toEqual([
      { timestamp: "2023-11-14T22:13:20.000Z", severity: "WARN", message: "told", attempt: 1 },
    ]);
  });

  it("closes what it opened, also when the work fails", async () => {
    const closed: string[] = [];
    const { done } = run([], async (caller) => {
      caller.keep({ close: async () => closed.push("kept") });
      throw new Error("no");
    });
    expect(await rejectionOf(done)).toMatchObject({ message: "no" });
    expect(closed).toEqual(["kept"]);
  });
});
