// SPDX-License-Identifier: Apache-2.0
// The client of projects: which row of the method table an RPC is. Changes of policies are access-policy's.

import { addBinding, type BindingChange, hasBinding, removeBinding } from "../access-policy/change-binding.js";
import type { Policy, TestIamPermissionsResponse } from "../access-policy/policy-message.js";
import type { RoleBinding, RoleBindingFilter } from "../access-policy/role-binding.js";
import { type PolicyModifier, type PolicyTools, updatePolicy } from "../access-policy/update-policy.js";
import { ClientBase } from "../client/client-base.js";
import type { ClientOptions } from "../client/client-options.js";
import { normalizeProjectName } from "../messages/field-checks.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { PagedList } from "../rpc/paging.js";
import * as methods from "./methods.js";
import type * as requests from "./requests.js";

/**
 * Finds projects, and reads and writes who may do what in them. Its methods throw what those of the other clients throw.
 *
 * Source: google.cloud.resourcemanager.v3.Projects; Python's `ProjectsAsyncClient` is the model.
 */
export class ProjectsAsyncClient extends ClientBase {
  readonly #tools: PolicyTools;

  /** @throws ConfigurationError naming the option or variable that is wrong */
  constructor(options: ClientOptions = {}) {
    super(methods.PROJECTS, options);
    const label = "Projects.SetIamPolicy";
    this.#tools = { context: this.context, calls: this, label, normalizeResource: normalizeProjectName };
  }

  /** Reads a project. Needs `resourcemanager.projects.get` on it. */
  getProject(request: requests.GetProjectRequest, options?: CallOptions): Promise<requests.Project> {
    return this.call(methods.getProject, request, options);
  }

  /** The projects that the caller may see, fetched page by page while they are read. New ones can be missing for a while. */
  searchProjects(
    request: requests.SearchProjectsRequest = {},
    options?: CallOptions,
  ): PagedList<requests.Project, requests.SearchProjectsResponse> {
    return this.list(methods.searchProjects, request, options);
  }

  /** Reads who may do what in a project. Needs `resourcemanager.projects.getIamPolicy` on it. */
  getIamPolicy(request: requests.GetProjectPolicyRequest, options?: CallOptions): Promise<Policy> {
    return this.call(methods.getIamPolicy, request, options);
  }

  /** Writes who may do what in a project, all of it. Needs `resourcemanager.projects.setIamPolicy` on it. */
  setIamPolicy(request: requests.SetProjectPolicyRequest, options?: CallOptions): Promise<Policy> {
    return this.call(methods.setIamPolicy, request, options);
  }

  /** Which of some permissions the caller has in a project. Needs none. */
  testIamPermissions(
    request: requests.TestProjectPermissionsRequest,
    options?: CallOptions,
  ): Promise<TestIamPermissionsResponse> {
    return this.call(methods.testIamPermissions, request, options);
  }

  /** {@link IAMAsyncClient.updatePolicy}, of a project. */
  async updatePolicy(resource: string, modify: PolicyModifier, options?: CallOptions): Promise<Policy> {
    return (await updatePolicy(this.#tools, { resource, modify, options })).policy;
  }

  /** {@link IAMAsyncClient.addBinding}, of a project. */
  addBinding(resource: string, binding: RoleBinding, options?: CallOptions): Promise<BindingChange> {
    return addBinding(this.#tools, { resource, binding, options });
  }

  /** {@link IAMAsyncClient.removeBinding}, of a project. */
  removeBinding(resource: string, binding: RoleBindingFilter, options?: CallOptions): Promise<BindingChange> {
    return removeBinding(this.#tools, { resource, binding, options });
  }

  /** {@link IAMAsyncClient.hasBinding}, of a project. */
  hasBinding(resource: string, binding: RoleBindingFilter, options?: CallOptions): Promise<boolean> {
    return hasBinding(this, { resource, binding, options });
  }
}
