// SPDX-License-Identifier: Apache-2.0
// A call as the console hears of it, for tests of what it makes of calls.

import type { Call } from "../../../../src/emulator/console/link/records.js";

/** A call that dana was denied, with what a test wants different. */
export function aCall(different: Partial<Call> = {}): Call {
  return {
    id: 1,
    service: "iamcredentials.googleapis.com",
    transport: "grpc",
    method: "SignBlob",
    status: "PERMISSION_DENIED",
    principal: "user:dana@example.com",
    serviceAccount: "signer@demo-project.iam.gserviceaccount.com",
    delegates: [],
    at: "2026-11-27T12:01:02.345Z",
    durationMs: 2.5,
    attempt: 1,
    ...different,
  };
}
