// SPDX-License-Identifier: Apache-2.0
// What callers of the drop-in see of grpc-js: its module, channel credentials and metadata. The one file here that names the library, and
// it loads it only on demand.

import type * as grpc from "@grpc/grpc-js";
import { runtimeRequire } from "../../base/load-door.js";
import { PlainMetadata } from "./plain-metadata.js";

/** The module. */
export type GrpcModule = typeof grpc;
/** What a channel is opened with. */
export type ChannelCredentials = grpc.ChannelCredentials;
/** Metadata as callers get it with an error. */
export type Metadata = grpc.Metadata;

/**
 * An empty metadata object. A bundler cannot see how the library is loaded, so a program pays for it only if it brings it.
 *
 * @param given the caller's own copy of the library. Default: this package's, or else a class with the same members
 */
export function newMetadata(given: GrpcModule | undefined): Metadata {
  const { Metadata } = given ?? findLibrary() ?? { Metadata: PlainMetadata };
  return new Metadata() as Metadata; // as: PlainMetadata has the members that are not private
}

function findLibrary(): GrpcModule | undefined {
  try {
    return runtimeRequire()?.("@grpc/grpc-js") as GrpcModule | undefined; // as: what the package is
  } catch (error) {
    if (Object(error).code !== "MODULE_NOT_FOUND") throw error;
    return undefined;
  }
}
