// SPDX-License-Identifier: Apache-2.0
// What callers of the drop-in see of grpc-js: its module, channel credentials and metadata. The one file here that names the library,
// and it loads it only when it is asked.

import type * as grpc from "@grpc/grpc-js";

/** The module. */
export type GrpcModule = typeof grpc;
/** What a channel is opened with. */
export type ChannelCredentials = grpc.ChannelCredentials;
/** Metadata as callers get it with an error. */
export type Metadata = grpc.Metadata;

/** An empty metadata object. @param given the caller's own copy of the library. Default: this package's */
export function newMetadata(given: GrpcModule | undefined): Metadata {
  // require, not import: whoever calls over REST must not pay for it.
  const { Metadata } = given ?? (require("@grpc/grpc-js") as GrpcModule);
  return new Metadata();
}

/** Makes the transport over grpc-js part of the program, in a bundle too: for who brings what grpc-js alone understands. */
export function provideGrpcJs(): void {
  require("../../grpc-js.js"); // not import: whoever brings nothing must not pay for it
}
