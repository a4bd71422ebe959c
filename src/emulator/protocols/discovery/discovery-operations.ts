// SPDX-License-Identifier: Apache-2.0
// Where discovery documents are found: under each API's own host, and at the discovery service. Writes none.

import type { World } from "../../world/world.js";
import {
  httpOperation,
  type IncomingRequest,
  identifyNobody,
  jsonAnswer,
  type OutgoingAnswer,
} from "../http/http-operation.js";
import { httpStatusOf } from "../http/http-status.js";
import type { OperationRow } from "../http/operation-table.js";
import { notFoundPage, pageAnswer } from "../http/page.js";
import type * as Documents from "./discovery-document.js";

type Answerer = (documents: typeof Documents, request: IncomingRequest, rootUrl: string) => OutgoingAnswer;

// The host that the client called, so that the requests it builds use the same one.
function rootUrlOf(url: string, { headers }: IncomingRequest): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${headers.host ?? host}/`;
}

// The host says which API it is. Under any other name it is the credentials API.
const answerByHost: Answerer = ({ buildDiscoveryDocument, discoveredApis }, { headers, query, path }, rootUrl) => {
  const apis = discoveredApis();
  const api = apis.find(({ name }) => headers.host?.toLowerCase().startsWith(`${name}.`)) ?? apis[0];
  const isWanted = api !== undefined && (query.get("version") ?? api.version) === api.version;
  return isWanted ? jsonAnswer(200, buildDiscoveryDocument(api, rootUrl)) : notFoundPage(path);
};

const answerByName: Answerer = ({ buildDiscoveryDocument, discoveredApis }, { path, variables }, rootUrl) => {
  const api = discoveredApis().find(
    ({ name, version }) => name === variables.get("api") && version === variables.get("version"),
  );
  return api === undefined ? notFoundPage(path) : jsonAnswer(200, buildDiscoveryDocument(api, rootUrl));
};

const list: Answerer = ({ discoveredApis }, _request, rootUrl) => {
  const items = discoveredApis().map(({ name, version }) => ({
    kind: "discovery#directoryItem",
    id: `${name}:${version}`,
    name,
    version,
    discoveryRestUrl: `${rootUrl}discovery/v1/apis/${name}/${version}/rest`,
    preferred: true,
  }));
  return jsonAnswer(200, { kind: "discovery#directoryList", discoveryVersion: "v1", items });
};

/** The paths of discovery documents. */
export function discoveryRows({ url }: Pick<World, "url">): OperationRow[] {
  const row = (path: string, name: string, answer: Answerer): OperationRow => [
    "GET|HEAD",
    path,
    httpOperation({
      name,
      service: "discovery.googleapis.com",
      identify: identifyNobody,
      // The tables are slow to load, so the first request loads them.
      run: async (request) =>
        answer(require("./discovery-document.js") as typeof Documents, request, rootUrlOf(url(), request)), // its own type
      refuse: (refusal) => pageAnswer(httpStatusOf(refusal), refusal.status, refusal.message),
    }),
  ];
  return [
    row("/$discovery/rest", "discovery.rest", answerByHost),
    row("/%24discovery/rest", "discovery.rest", answerByHost),
    row("/discovery/v1/apis", "discovery.list", list),
    row("/discovery/v1/apis/{api=*}/{version=*}/rest", "discovery.rest", answerByName),
  ];
}
