// SPDX-License-Identifier: Apache-2.0
// The rows of the service: what the protos cannot say about each RPC. The only file here that knows the generated rows.

import {
  ProjectsNames,
  ProjectsRows as rows,
} from "../../generated/google/cloud/resourcemanager/v3/projects.tables.js";
import { normalizePolicyOptions, requirePermissions, requirePolicy } from "../access-policy/policy-checks.js";
import type { Policy, TestIamPermissionsResponse } from "../access-policy/policy-message.js";
import { EMULATOR_VARIABLE } from "../base/environment.js";
import { CLOUD_PLATFORM_SCOPE } from "../base/options/google-names.js";
import { maskOf, normalizePageSize, normalizeProjectName } from "../messages/field-checks.js";
import { fromPlain, toPlain } from "../messages/plain-messages.js";
import type { ServiceDescription } from "../rpc/method/method.js";
import { rowFromStub } from "../rpc/method/row-from-stub.js";
import type * as requests from "./requests.js";

/** The service, for the runtime. */
export const PROJECTS: ServiceDescription = {
  ...ProjectsNames,
  scopes: [CLOUD_PLATFORM_SCOPE], // the other is read-only
  // The emulator serves all services on one port, so one variable points at it.
  emulatorVariable: EMULATOR_VARIABLE,
  logName: "resource-manager",
};

const projectPolicy = { resource: normalizeProjectName };
const retry = { codes: ["UNAVAILABLE"] } as const; // Source: the service's published gRPC service config

/** RPC GetProject. */
export const getProject = rowFromStub(rows.getProject, {
  normalize: fromPlain<requests.GetProjectRequest>({ name: normalizeProjectName }),
  respond: toPlain<requests.Project>,
  retry,
});

/** RPC SearchProjects. */
export const searchProjects = rowFromStub(rows.searchProjects, {
  normalize: fromPlain<requests.SearchProjectsRequest>({ pageSize: normalizePageSize }),
  respond: toPlain<requests.SearchProjectsResponse>,
});

/** RPC GetIamPolicy. */
export const getIamPolicy = rowFromStub(rows.getIamPolicy, {
  normalize: fromPlain<requests.GetProjectPolicyRequest>({ ...projectPolicy, options: normalizePolicyOptions }),
  respond: toPlain<Policy>,
  retry,
});

/** RPC SetIamPolicy. */
export const setIamPolicy = rowFromStub(rows.setIamPolicy, {
  normalize: fromPlain<requests.SetProjectPolicyRequest>({
    ...projectPolicy,
    policy: requirePolicy,
    updateMask: maskOf("version", "bindings", "auditConfigs", "etag"),
  }),
  respond: toPlain<Policy>,
});

/** RPC TestIamPermissions. */
export const testIamPermissions = rowFromStub(rows.testIamPermissions, {
  normalize: fromPlain<requests.TestProjectPermissionsRequest>({ ...projectPolicy, permissions: requirePermissions }),
  respond: toPlain<TestIamPermissionsResponse>,
});
