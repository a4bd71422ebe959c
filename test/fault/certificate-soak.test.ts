// SPDX-License-Identifier: Apache-2.0
// Client certificates that change again and again under calls in flight.

import { expect, test } from "@jest/globals";
import { startProgram } from "../support/child-program.js";
import { soakCount } from "../support/soak-share.js";

const CERTIFICATES = soakCount(10_000);
const LONGEST_MS = 3_600_000 /* 30 ms each, if the machine has nothing else to do */;
/** A certificate and its TLS context would be far more. With few, the heap has not settled. */
const MOST_KIB_PER_CERTIFICATE = CERTIFICATES < 1_000 ? 64 : 4;

test(
  `${CERTIFICATES} certificates in a row, with calls in flight: no call fails, each connection has the newest, and none is kept`,
  async () => {
    const program = startProgram("test/fault/programs/certificates-in-a-row.ts", {
      CERTIFICATES: String(CERTIFICATES),
      GOOGLE_API_USE_CLIENT_CERTIFICATE: "true",
    });
    const { code, stdout, stderr } = await program.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { answered, keptKiB } = JSON.parse(stdout);
    if (CERTIFICATES >= 1_000)
      process.stdout.write(`calls answered: ${answered}; KiB kept per certificate: ${keptKiB.toFixed(2)}\n`);
    expect(answered).toBeGreaterThanOrEqual(CERTIFICATES);
    expect(keptKiB).toBeLessThan(MOST_KIB_PER_CERTIFICATE);
  },
  LONGEST_MS,
);
