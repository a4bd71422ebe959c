// SPDX-License-Identifier: Apache-2.0
// Over which transport clients of test/support are opened, in tests and in the programs that tests start.

/** A label of a gRPC transport. */
export type GrpcLabel = "grpc" | "grpc-js";

let current: GrpcLabel = "grpc";

/** The label whose turn it is. */
export function transportOfTurn(): GrpcLabel {
  return current;
}

/** Gives a label its turn. */
export function setTransportOfTurn(label: GrpcLabel): void {
  current = label;
}
