// SPDX-License-Identifier: Apache-2.0
// Malformed seeds: each is refused with a TypeError or starts an emulator.

import { afterAll, beforeAll, describe, test } from "@jest/globals";
import { type Emulator, startEmulator } from "../../../src/emulator/index.js";
import { fc } from "../../support/property.js";
import { checkCases, openRobustnessStage, type RobustnessStage, TIMEOUT_MS } from "../../support/robustness-stage.js";

let stage: RobustnessStage;
beforeAll(async () => {
  stage = await openRobustnessStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

describe("malformed input leaves the emulator serving:", () => {
  test(
    "seeds",
    async () => {
      const value = fc.jsonValue({ maxDepth: 3 });
      const fields = [
        "version",
        "serviceAccounts",
        "roles",
        "grants",
        "refreshTokens",
        "metadataServer",
        "identityProviders",
      ];
      const seed = fc.oneof(
        value,
        fc.dictionary(fc.constantFrom(...fields), value).map((each) => ({ version: 1, ...each })),
      );
      // One after the other: a seed that is right opens a port.
      const run = async (given: unknown) => {
        const started = await startEmulator({ seed: given as never }).catch((error: unknown) => error);
        if (started instanceof TypeError) return;
        if (started instanceof Error) throw started;
        await (started as Emulator).close();
      };
      await checkCases(seed, 2_500, run);
      await stage.expectAlive();
    },
    TIMEOUT_MS,
  );
});
