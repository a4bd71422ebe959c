// SPDX-License-Identifier: Apache-2.0
// Decides what version 1 of Resource Manager tells of a project: Google's libraries look up there which id a number has.

import type { ServiceMethod } from "../method/service-method.js";
import { formatProject, requireProject } from "./project-methods.js";

/** A request for a project. */
export interface ProjectLookUpRequest {
  /** Its number or id. Required. */
  readonly name: string;
}

/** A project as version 1 tells it. Source: the REST reference of cloudresourcemanager, v1. */
export interface FoundProject {
  /** Its number. Required. */
  readonly projectNumber: string;
  /** Its id. Required. */
  readonly projectId: string;
  /** Whether it is in use. Required. */
  readonly lifecycleState: "ACTIVE";
  /** A name for people. Required. */
  readonly name: string;
  /** When it was created. Required. */
  readonly createTime: string;
}

/** The path. */
export const lookUpTemplate = "/v1/projects/{name=*}";

/** GetProject of version 1. */
export const lookUpProject: ServiceMethod<ProjectLookUpRequest, FoundProject> = {
  name: "GetProject",
  target: () => ({ name: undefined, delegates: [] }),
  async run(world, principal, { name }) {
    const id = requireProject(world, principal, `projects/${name}`, "resourcemanager.projects.get");
    return {
      projectNumber: formatProject(world, id).name.slice("projects/".length),
      projectId: id,
      lifecycleState: "ACTIVE",
      name: id,
      createTime: new Date(world.projects.createdAt).toISOString(),
    };
  },
};
