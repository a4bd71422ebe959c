// SPDX-License-Identifier: Apache-2.0
// Runs the cases of a file over each transport, so that what is true of one is true of the others. Clients and recording servers of
// test/support are opened over the one whose turn it is.

import { beforeAll, describe } from "@jest/globals";
import { type GrpcLabel, setTransportOfTurn, type TransportLabel } from "./transport-of-turn.js";

/**
 * Defines cases once for each label: cases that HTTP with JSON can do, too. What it cannot is streams, GOAWAY and RST_STREAM (never-begun,
 * torn-connections, odd-answers, odd-peers), to share a connection between calls in flight, to tell a server the deadline, and a channel
 * of the caller's.
 */
export function overTransports(define: (label: TransportLabel) => void): void {
  defineOver(["grpc", "grpc-js", "rest"], define);
}

/** Defines cases of gRPC once for each label. @param labels default: both */
export function overGrpcTransports(
  define: (label: GrpcLabel) => void,
  labels: readonly GrpcLabel[] = ["grpc", "grpc-js"],
): void {
  defineOver(labels, define);
}

function defineOver<Label extends TransportLabel>(labels: readonly Label[], define: (label: Label) => void): void {
  describe.each(labels)("over %s", (label) => {
    beforeAll(() => {
      setTransportOfTurn(label);
    });
    define(label);
  });
}
