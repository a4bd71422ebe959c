// SPDX-License-Identifier: Apache-2.0
// The table of everything that the emulator answers over HTTP: public keys, OAuth, metadata server, its own endpoints, discovery
// documents and the REST API. Decides nothing about any of them.

import type { ControlledWorld } from "../controls/emulator-controls.js";
import { consoleRows } from "./console/console-operations.js";
import { frontPageRow } from "./console/front-page.js";
import { type ControlParts, controlRows } from "./control/control-operations.js";
import { EventStreams } from "./control/event-streams.js";
import { identityProviderRows } from "./control/identity-provider.js";
import { discoveryRows } from "./discovery/discovery-operations.js";
import { OperationTable } from "./http/operation-table.js";
import type { FindOperations } from "./http-server.js";
import { publicKeyRows } from "./keys/published-keys.js";
import { metadataRows } from "./metadata/metadata-operations.js";
import type { MetadataWorld } from "./metadata/metadata-tree.js";
import { oauthRows } from "./oauth/oauth-operations.js";
import { batchRows } from "./rest/batch-operation.js";
import type * as RestOperations from "./rest/rest-operations.js";

// The REST API's descriptors are slow to load, so the first request to it loads them.
function openRestTable(world: ControlledWorld): OperationTable {
  const { restRows } = require("./rest/rest-operations.js") as typeof RestOperations; // its own type
  return new OperationTable(restRows(world));
}

/** What the emulator's own endpoints and pages need. */
interface OwnParts extends Omit<ControlParts, "streams"> {
  /** Whether browsers get the console. Required. */
  readonly hasConsole: boolean;
}

/** Finds the operations of all endpoints. */
export function findAllOperations(world: ControlledWorld, { hasConsole, ...parts }: OwnParts): FindOperations {
  let restTable: OperationTable | undefined;
  const findRest: OperationTable["find"] = (method, path) => {
    if (!/^\/v[1-3]\//.test(path)) return [];
    restTable ??= openRestTable(world);
    return restTable.find(method, path);
  };
  const table = new OperationTable([
    ...publicKeyRows(world),
    ...oauthRows(world),
    ...metadataRows(world),
    ...identityProviderRows(world),
    ...controlRows({ ...parts, streams: new EventStreams(world.events, world.work) }),
    ...discoveryRows(world),
    ...batchRows(world, findRest),
  ]);
  const pages = new OperationTable(hasConsole ? consoleRows() : [frontPageRow]);
  return ({ method, headers }, path) => {
    const isPage = path === "/" ? headers["metadata-flavor"] === undefined : /^\/console(\/|$)/.test(path);
    if (isPage) return pages.find(method, path);
    const found = table.find(method, path);
    return found.length > 0 ? found : findRest(method, path);
  };
}

/** Finds the operations of the metadata server only. */
export function findMetadataOperations(world: MetadataWorld): FindOperations {
  const table = new OperationTable(metadataRows(world));
  return ({ method }, path) => table.find(method, path);
}
