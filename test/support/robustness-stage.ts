// SPDX-License-Identifier: Apache-2.0
// An emulator that may refuse whatever it is sent and may not break: a thousand malformed inputs over every protocol, and 100,000 of
// them with SOAK_SHARE=1 (`npm run soak`).

import { expect } from "@jest/globals";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { fc } from "./property.js";

export const ROBOT = "robot@demo-project.iam.gserviceaccount.com";
export const NAME = `projects/-/serviceAccounts/${ROBOT}`;
const SHARE = Number(process.env["SOAK_SHARE"] ?? 0.01);
/** What a test may take; a tenth of it is usual. */
export const TIMEOUT_MS = SHARE > 0.01 ? 1_800_000 : 240_000;

/** The stage. */
export interface RobustnessStage extends AsyncDisposable {
  readonly emulator: Emulator;
  /** Sends a body to a path. @param token default: the owner's */
  post(path: string, body: string | Uint8Array<ArrayBuffer>, type: string, token?: string): Promise<Response>;
  /** Expects the emulator to go on serving. */
  expectAlive(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens the stage. */
export async function openRobustnessStage(): Promise<RobustnessStage> {
  const emulator = await startEmulator({ serviceAccounts: [ROBOT] });
  const post: RobustnessStage["post"] = (path, body, type, token = "owner") =>
    fetch(emulator.url + path, {
      method: "POST",
      body,
      headers: { "content-type": type, authorization: `Bearer ${token}` },
    });
  return {
    emulator,
    post,
    async expectAlive() {
      const response = await post(`/v1/${NAME}:signBlob`, JSON.stringify({ payload: "AQ==" }), "application/json");
      expect(response.status).toBe(200);
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  };
}

/** Expects an answer other than a code of 5xx. */
export async function expectRefusalOrAnswer(response: Response): Promise<void> {
  await response.arrayBuffer();
  // Not by expect(), which costs more than the request.
  if (response.status >= 500) throw new Error(`the emulator answered with ${response.status}`);
}

async function inParallel(cases: readonly (() => Promise<void>)[]): Promise<void> {
  await Promise.all(cases.map((run) => run()));
}

/**
 * Runs a share of the cases. Some at a time: one after the other they would mostly wait.
 *
 * @param all how many there are when the share is 1
 */
export function checkCases<Case>(
  arbitrary: fc.Arbitrary<Case>,
  all: number,
  run: (each: Case) => Promise<void>,
): Promise<void> {
  const WIDTH = 25;
  const count = Math.ceil((all * SHARE) / WIDTH) * WIDTH;
  const batches = fc.array(arbitrary, { minLength: WIDTH, maxLength: WIDTH });
  return fc.assert(
    fc.asyncProperty(batches, (cases) => inParallel(cases.map((each) => () => run(each)))),
    { numRuns: count / WIDTH, interruptAfterTimeLimit: TIMEOUT_MS - 5_000, markInterruptAsFailure: true },
  );
}
