// SPDX-License-Identifier: Apache-2.0
// A request for each operation on projects and their services that the emulator grants.

import type { World } from "../../../../src/emulator/world/world.js";
import { ALICE } from "../stage.js";
import type { ExampleRequest } from "./operation-examples.js";

/** How requests are made. */
export interface ExampleKinds {
  json(path: string, document?: unknown): ExampleRequest;
  get(path: string): ExampleRequest;
}

/** Begins what takes its time, so that there is something to ask about. */
export function beginOperation({ services }: World): string {
  const change = { projectId: "demo-project", services: ["run.googleapis.com"], isEnabled: true, isBatch: false };
  return services.begin(change, "1", 0).name;
}

/** The requests, by method and path. */
export function projectExamples(
  operation: string,
  { json, get }: ExampleKinds,
): Readonly<Record<string, () => ExampleRequest>> {
  const service = "/v1/{name=*/*/services/*}";
  const [three, one] = ["/v3/projects/demo-project", "/v1/projects/demo-project/services"];
  const policyBodies = {
    getIamPolicy: {},
    setIamPolicy: { policy: { bindings: [{ role: "roles/viewer", members: [ALICE] }] } },
    testIamPermissions: { permissions: ["resourcemanager.projects.get"] },
  };
  return {
    "GET /v3/{name=projects/*}": () => get(three),
    "GET /v3/projects:search": () => get("/v3/projects:search"),
    ...Object.fromEntries(
      ["/v1", "/v3"].flatMap((version) =>
        Object.entries(policyBodies).map(([verb, body]) => [
          `POST ${version}/{resource=projects/*}:${verb}`,
          () => json(`${version}/projects/demo-project:${verb}`, body),
        ]),
      ),
    ),
    "GET /v1/projects": () => get("/v1/projects?pageSize=1"),
    [`POST ${service}:enable`]: () => json(`${one}/storage.googleapis.com:enable`),
    [`POST ${service}:disable`]: () => json(`${one}/sts.googleapis.com:disable`),
    [`GET ${service}`]: () => get(`${one}/iam.googleapis.com`),
    "GET /v1/{parent=*/*}/services": () => get(one),
    "POST /v1/{parent=*/*}/services:batchEnable": () =>
      json(`${one}:batchEnable`, { serviceIds: ["storage.googleapis.com"] }),
    "GET /v1/projects/{name=*}": () => get("/v1/projects/demo-project"),
    "GET /v2/{name=projects/*/policies/*}:getEffectivePolicy": () =>
      get("/v2/projects/demo-project/policies/iam.disableServiceAccountKeyCreation:getEffectivePolicy"),
    "GET /v1/{name=operations/**}": () => get(`/v1/${operation}`),
  };
}
