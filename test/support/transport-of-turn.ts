// SPDX-License-Identifier: Apache-2.0
// Over which transport clients of test/support are opened, in tests and in the programs that tests start.

/** A label of a gRPC transport. */
export type GrpcLabel = "grpc" | "grpc-js";
/** A label of a transport. */
export type TransportLabel = GrpcLabel | "rest";

const LABELS: readonly TransportLabel[] = ["grpc", "grpc-js", "rest"];
/** A program is told by the test that starts it. */
let current: TransportLabel = LABELS.find((label) => label === process.env["TEST_TRANSPORT"]) ?? "grpc";

/** The label whose turn it is. */
export function transportOfTurn(): TransportLabel {
  return current;
}

/** Gives a label its turn. */
export function setTransportOfTurn(label: TransportLabel): void {
  current = label;
}
