// SPDX-License-Identifier: Apache-2.0
// The sites of the one port: public keys, OAuth, metadata server, control. Decides which of them a path belongs to.

import type { EmulatorState } from "../world/world.js";
import { findControlOperation } from "./control/control-operations.js";
import type { HttpOperation } from "./http/exchange.js";
import { findKeyOperation } from "./keys/public-keys.js";
import { findMetadataOperation } from "./metadata/metadata-operations.js";
import { findOAuthOperation } from "./oauth/oauth-operations.js";

/**
 * The operation at a path; undefined when no site has it.
 *
 * @param path percent-decoded
 * @param isMetadataRequest whether the request says that it is one to a metadata server: then the root is its, too
 */
export function findOperation(
  state: EmulatorState,
  path: string,
  isMetadataRequest: boolean,
): HttpOperation | undefined {
  return (
    findKeyOperation(state, path) ??
    findOAuthOperation(state, path) ??
    findMetadataOperation(state, path, isMetadataRequest) ??
    findControlOperation(state, path)
  );
}
