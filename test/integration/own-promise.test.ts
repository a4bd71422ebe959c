// SPDX-License-Identifier: Apache-2.0
// Programs whose global Promise is not the one of async functions: zone.js, which renders Angular on servers, and bluebird see to that.

import { describe, expect, test } from "@jest/globals";
import { runProgram } from "../support/child-program.js";

describe("with a global Promise of the program's own", () => {
  test("a call waits for its token and sends it, and the drop-in for what it opens", async () => {
    const { code, stdout, stderr } = await runProgram("test/integration/programs/own-promise.ts");
    expect([code, stderr, JSON.parse(stdout)]).toEqual([
      0,
      "",
      ["x-goog-api-client x-goog-request-params authorization", "code 14"],
    ]);
  });
});
