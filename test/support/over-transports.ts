// SPDX-License-Identifier: Apache-2.0
// Runs the cases of a file over each gRPC transport, so that what is true of one is true of the other. Clients of test/support are
// opened over the one whose turn it is.

import { beforeAll, describe } from "@jest/globals";
import { type GrpcLabel, setTransportOfTurn } from "./transport-of-turn.js";

/** Defines cases once for each label. @param labels default: both */
export function overGrpcTransports(
  define: (label: GrpcLabel) => void,
  labels: readonly GrpcLabel[] = ["grpc", "grpc-js"],
): void {
  describe.each(labels)("over %s", (label) => {
    beforeAll(() => {
      setTransportOfTurn(label);
    });
    define(label);
  });
}
