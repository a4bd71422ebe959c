// SPDX-License-Identifier: Apache-2.0
// Makes conditions from the wire's Expr, and refuses malformed ones. Does not know where one is used.

import type { Expr } from "../../../../generated/google/type/expr.js";
import { type Condition, ConditionError, compileCondition } from "../../world/policy/compiled-condition.js";
import { ServiceError } from "../../world/refusals/service-error.js";
import { MissingPeerError } from "../../world/runtime/optional-peer.js";
import type { ServiceWorld } from "./service-method.js";

/** The error for a condition that the emulator can't read because a package is missing. */
export function conditionsUnavailable(error: MissingPeerError): ServiceError {
  return new ServiceError(
    "UNIMPLEMENTED",
    `The emulator evaluates conditions with ${error.packageName}. ${error.message}`,
  );
}

/**
 * Makes a condition.
 *
 * @throws ServiceError INVALID_ARGUMENT when it is malformed, UNIMPLEMENTED when `@bufbuild/cel` is not installed
 */
export function readCondition(world: ServiceWorld, expr: Expr): Condition {
  try {
    return compileCondition(world.peers, expr);
  } catch (error) {
    if (error instanceof MissingPeerError) throw conditionsUnavailable(error);
    if (!(error instanceof ConditionError)) throw error;
    throw new ServiceError("INVALID_ARGUMENT", `Condition expression compilation failed: ${error.message}.`);
  }
}
