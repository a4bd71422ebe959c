// SPDX-License-Identifier: Apache-2.0
// What a promise rejected with, so that a test can look at more than one side of an error.

import { RpcError } from "../../src/index.js";

/** The reason of a promise that must reject. Throws when it resolves. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (reason) {
    return reason;
  }
  throw new Error(`expected a rejection, but it resolved with ${typeof value}`);
}

/** The RpcError that a promise must reject with. Throws when it ends in any other way. */
export async function rpcErrorOf(promise: Promise<unknown>): Promise<RpcError> {
  const reason = await rejectionOf(promise);
  if (reason instanceof RpcError) return reason;
  throw new Error("expected an RpcError", { cause: reason });
}
