// SPDX-License-Identifier: Apache-2.0
// Writes the discovery document of an API from the generated tables, as far as clients that build themselves from it read it
// (googleapiclient for Python, googleapis for Node). Serves nothing.

import { type BoundService, services } from "../../services/services.js";
import { titleOf } from "../../world/projects/service-book.js";
import { type DiscoveryMethod, describeMethod } from "./discovery-method.js";
import { addSchema, type DiscoverySchema } from "./discovery-schema.js";

/** An API that has a document. */
export interface DiscoveredApi {
  /** Its name: for example `iamcredentials`. Required. */
  readonly name: string;
  /** Its version: for example `v1`. Required. */
  readonly version: string;
  /** Its services. Required. */
  readonly services: readonly BoundService[];
}

interface Resource {
  readonly resources?: Record<string, Resource>;
  readonly methods?: Record<string, unknown>;
}

type Draft = { -readonly [Key in keyof Resource]: Resource[Key] };

/** The emulator's APIs, the credentials API first. */
export function discoveredApis(): readonly DiscoveredApi[] {
  const hosts = [...new Set(services.map(({ host }) => host))];
  return hosts.map((host) => {
    const own = services.filter((service) => service.host === host);
    const [template = ""] = own.flatMap(({ methods }) =>
      methods.flatMap(({ row }) => row.bindings.map((binding) => binding.template)),
    );
    return { name: host.slice(0, host.indexOf(".")), version: template.split("/")[1] ?? "", services: own };
  });
}

// Of two methods with the same name and place the first wins: the others are other paths to it.
function place(root: Draft, api: DiscoveredApi, { resources, name, description }: DiscoveryMethod): void {
  let at = root;
  for (const each of resources) {
    at.resources ??= {};
    at.resources[each] ??= {};
    at = at.resources[each] as Draft; // just made
  }
  at.methods ??= {};
  at.methods[name] ??= { id: [api.name, ...resources, name].join("."), ...description };
}

const systemParameters = {
  $xgafv: { name: "$.xgafv", enum: ["1", "2"] },
  access_token: { name: "access_token" },
  alt: { name: "alt", default: "json", enum: ["json", "media", "proto"] },
  callback: { name: "callback" },
  fields: { name: "fields" },
  key: { name: "key" },
  oauth_token: { name: "oauth_token" },
  prettyPrint: { name: "prettyPrint", type: "boolean", default: "true" },
  quotaUser: { name: "quotaUser" },
  uploadType: { name: "uploadType" },
  upload_protocol: { name: "upload_protocol" },
} as const;

function describeSystemParameters(): Readonly<Record<string, unknown>> {
  const entries = Object.values(systemParameters).map(({ name, ...rest }) => [
    name,
    { type: "string", location: "query", ...rest },
  ]);
  return Object.fromEntries(entries);
}

/**
 * The document of an API.
 *
 * @param rootUrl the API's URL, with a trailing slash
 */
export function buildDiscoveryDocument(api: DiscoveredApi, rootUrl: string): Readonly<Record<string, unknown>> {
  const root: Draft = {};
  const schemas = new Map<string, DiscoverySchema>();
  const bound = api.services.flatMap(({ methods }) => methods);
  const methods = bound.flatMap((each) => each.row.bindings.map((binding) => describeMethod(each, binding)));
  for (const method of methods) {
    place(root, api, method);
    if (method.body !== undefined) addSchema(schemas, method.body, method.inPath);
  }
  for (const { row } of bound) addSchema(schemas, row.reply);
  const scopes = [...new Set(bound.flatMap((each) => each.scopes))].map((scope) => [scope, { description: scope }]);
  const host = `${api.name}.googleapis.com`;
  return {
    kind: "discovery#restDescription",
    discoveryVersion: "v1",
    id: `${api.name}:${api.version}`,
    name: api.name,
    version: api.version,
    title: titleOf(host),
    description: "The emulator's part of the API.",
    ownerDomain: "google.com",
    ownerName: "Google",
    protocol: "rest",
    rootUrl,
    servicePath: "",
    baseUrl: rootUrl,
    batchPath: "batch",
    version_module: true,
    parameters: describeSystemParameters(),
    auth: { oauth2: { scopes: Object.fromEntries(scopes) } },
    schemas: Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))),
    ...root,
  };
}
