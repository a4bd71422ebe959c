// SPDX-License-Identifier: Apache-2.0
// Decides how projects and their policies are read and found. Knows the messages, no wire.

import {
  type GetProjectRequest,
  type Project,
  Project_State,
  type SearchProjectsRequest,
  type SearchProjectsResponse,
} from "../../../../generated/google/cloud/resourcemanager/v3/projects.js";
import { projectPermissions } from "../../world/policy/permission-list.js";
import { isPermittedOnProject } from "../../world/policy/permissions.js";
import { invalidArgument, ServiceError } from "../../world/refusals/service-error.js";
import { cutPage } from "../method/list-page.js";
import { policyMethodsOf } from "../method/policy-methods.js";
import type { RequestTarget, ServiceMethod, ServiceWorld } from "../method/service-method.js";
import { parseProjectQuery } from "./project-query.js";

// The log records accounts, and these requests act on none.
const target = (): RequestTarget => ({ name: undefined, delegates: [] });

function parseName(name: string): string {
  const project = /^projects\/([a-z0-9.:-]{1,100})$/.exec(name)?.[1];
  if (project === undefined) throw invalidArgument();
  return project;
}

// Also for a project that does not exist.
function denied(permission: string, project: string): ServiceError {
  const message =
    `Permission '${permission}' denied on resource '//cloudresourcemanager.googleapis.com/projects/${project}' ` +
    "(or it may not exist).";
  const metadata = { permission, resource: `projects/${project}` };
  return new ServiceError("PERMISSION_DENIED", message, {
    reason: "IAM_PERMISSION_DENIED",
    domain: "cloudresourcemanager.googleapis.com",
    metadata,
  });
}

/** The id of a project, if the caller has a permission on it. Throws a ServiceError. */
export function requireProject(world: ServiceWorld, principal: string, name: string, permission: string): string {
  const given = parseName(name);
  const project = world.projects.find(given);
  if (project === undefined || !isPermittedOnProject(world, principal, permission, project)) {
    throw denied(permission, given);
  }
  return project;
}

/** A project as a message. */
export function formatProject({ projects, settings }: ServiceWorld, id: string): Project {
  const { organizationNumber } = settings;
  const created = { seconds: String(Math.floor(projects.createdAt / 1000)), nanos: 0 };
  return {
    name: `projects/${projects.numberOf(id)}`,
    parent: organizationNumber === undefined ? "" : `organizations/${organizationNumber}`,
    projectId: id,
    state: Project_State.ACTIVE,
    displayName: id,
    createTime: created,
    updateTime: created,
    deleteTime: undefined,
    etag: `W/"${Buffer.from(id).toString("hex").slice(0, 16)}"`,
    labels: {},
  };
}

const getProject: ServiceMethod<GetProjectRequest, Project> = {
  name: "GetProject",
  target,
  async run(world, principal, { name }) {
    return formatProject(world, requireProject(world, principal, name, "resourcemanager.projects.get"));
  },
};

const searchProjects: ServiceMethod<SearchProjectsRequest, SearchProjectsResponse> = {
  name: "SearchProjects",
  target,
  async run(world, principal, request) {
    const isWanted = parseProjectQuery(request.query);
    const { now, policies, roles } = world; // filtering is not a decision about this call
    const authority = { now, policies, roles };
    const found = world.projects
      .all()
      .filter((id) => isPermittedOnProject(authority, principal, "resourcemanager.projects.get", id))
      .map((id) => formatProject(world, id))
      .filter(isWanted);
    const { items, nextPageToken } = cutPage(found, request, {
      list: `projects ${request.query}`,
      defaultSize: 500,
      maxSize: 500,
      keyOf: ({ projectId }) => projectId,
    });
    return { projects: [...items], nextPageToken };
  },
};

/** The methods of google.cloud.resourcemanager.v3.Projects. */
export const projectMethods = {
  getProject,
  searchProjects,
  ...policyMethodsOf({
    permissionPrefix: "resourcemanager.projects",
    permissions: projectPermissions,
    target,
    open: (world, principal, resource, permission) =>
      world.policies.ofProject(requireProject(world, principal, resource, permission)),
    tester(world, resource) {
      const project = world.projects.find(parseName(resource));
      return project === undefined
        ? undefined
        : (authority, principal, permission) => isPermittedOnProject(authority, principal, permission, project);
    },
  }),
} as const;
