// SPDX-License-Identifier: Apache-2.0
// Decides what version 1 of Resource Manager says about projects: Google's libraries look up there which id a number has, and gcloud
// lists them there.

import type { Project } from "../../../../generated/google/cloud/resourcemanager/v3/projects.js";
import { invalidArgument } from "../../world/refusals/service-error.js";
import type { ServiceMethod } from "../method/service-method.js";
import { formatProject, projectMethods, requireProject } from "./project-methods.js";

/** A request for a project. */
interface ProjectLookUpRequest {
  /** Its number or id. Required. */
  readonly name: string;
}

/** A project as version 1 returns it. Source: the REST reference of cloudresourcemanager, v1. */
interface FoundProject {
  /** Its number. Required. */
  readonly projectNumber: string;
  /** Its id. Required. */
  readonly projectId: string;
  /** Whether it is in use. Required. */
  readonly lifecycleState: "ACTIVE";
  /** A human-readable name. Required. */
  readonly name: string;
  /** When it was created. Required. */
  readonly createTime: string;
}

/** A request for the projects that the caller may read. */
interface ProjectListRequest {
  /** Which of them: for example `lifecycleState:ACTIVE`. Default: all. */
  readonly filter?: string;
  /** The largest number of projects, in decimal digits. Default: 500. */
  readonly pageSize?: string;
  /** The token from the previous page. Default: none, the first page. */
  readonly pageToken?: string;
}

/** A page of projects as version 1 returns them. */
interface ProjectList {
  /** The projects. Required. */
  readonly projects: readonly FoundProject[];
  /** The token for the next page. Absent when there is none. */
  readonly nextPageToken?: string;
}

/** The path of the list. */
export const listTemplate = "/v1/projects";

/** The path of one. */
export const lookUpTemplate = "/v1/projects/{name=*}";

function formatFound({ name, projectId, createTime }: Project): FoundProject {
  return {
    projectNumber: name.slice("projects/".length),
    projectId,
    lifecycleState: "ACTIVE",
    name: projectId,
    createTime: new Date(Number(createTime?.seconds ?? 0) * 1000).toISOString(),
  };
}

/** GetProject of version 1. */
export const lookUpProject: ServiceMethod<ProjectLookUpRequest, FoundProject> = {
  name: "GetProject",
  target: () => ({ name: undefined, delegates: [] }),
  async run(world, principal, { name }) {
    const id = requireProject(world, principal, `projects/${name}`, "resourcemanager.projects.get");
    return formatFound(formatProject(world, id));
  },
};

/** ListProjects of version 1: what SearchProjects finds. */
export const listProjects: ServiceMethod<ProjectListRequest, ProjectList> = {
  name: "ListProjects",
  target: () => ({ name: undefined, delegates: [] }),
  async run(world, principal, { filter = "", pageSize = "0", pageToken = "" }) {
    if (!/^[0-9]{1,9}$/.test(pageSize)) throw invalidArgument();
    const query = filter.replace(/\blifecycleState\b/g, "state");
    const request = { query, pageSize: Number(pageSize), pageToken };
    const { projects, nextPageToken } = await projectMethods.searchProjects.run(world, principal, request);
    return { projects: projects.map(formatFound), ...(nextPageToken === "" ? {} : { nextPageToken }) };
  },
};
