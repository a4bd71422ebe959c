// SPDX-License-Identifier: Apache-2.0
// What a caller may write for each method, and what it reads of a project. The rows of methods.ts say which checks hold.

import type { GetPolicyOptions, NewPolicy } from "../access-policy/policy-message.js";
import type { Timestamp } from "../base/timestamp.js";
import type { NewerValue } from "../messages/plain-messages.js";

/** Whether a project is in use. Source: google.cloud.resourcemanager.v3.Project.State. */
type ProjectState = "STATE_UNSPECIFIED" | "ACTIVE" | "DELETE_REQUESTED";

/** A project. Source: google.cloud.resourcemanager.v3.Project. */
export interface Project {
  /** `projects/{number}`. */
  readonly name: string;
  /** `folders/{number}` or `organizations/{number}`; empty: it belongs to none. */
  readonly parent: string;
  /** Its id. */
  readonly projectId: string;
  /** Whether it is in use. */
  readonly state: ProjectState | NewerValue;
  /** A name for people. */
  readonly displayName: string;
  /** When it was created. */
  readonly createTime: Timestamp | undefined;
  /** When it last changed. */
  readonly updateTime: Timestamp | undefined;
  /** When it was marked for deletion. */
  readonly deleteTime: Timestamp | undefined;
  /** Identifies this state. */
  readonly etag: string;
  /** Labels, by key. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Asks for a project. Source: google.cloud.resourcemanager.v3.GetProjectRequest. */
export interface GetProjectRequest {
  /** `projects/{id or number}`, the id or the number. Required. */
  readonly name: string;
}

/** Asks for projects. Source: google.cloud.resourcemanager.v3.SearchProjectsRequest. */
export interface SearchProjectsRequest {
  /** Which ones, such as `id:my-project` or `labels.env:test`. Default: all that the caller may see. */
  readonly query?: string | undefined;
  /** The most items a page may have. Default: the service's. */
  readonly pageSize?: number | undefined;
  /** Where to continue: the `nextPageToken` of a page of the same search. Default: at the start. */
  readonly pageToken?: string | undefined;
}

/** A page of projects. Source: google.cloud.resourcemanager.v3.SearchProjectsResponse. */
export interface SearchProjectsResponse {
  /** The projects. */
  readonly projects: readonly Project[];
  /** Asks for the next page; empty: there is none. */
  readonly nextPageToken: string;
}

/** A request for the policy of a project. */
interface ProjectPolicyRequest {
  /** The project, in the forms of {@link GetProjectRequest}. Required. */
  readonly resource: string;
}

/** Asks for a policy. Source: google.iam.v1.GetIamPolicyRequest. */
export interface GetProjectPolicyRequest extends ProjectPolicyRequest {
  /** How to answer. Default: as version 1, without conditions. */
  readonly options?: GetPolicyOptions | undefined;
}

/** Writes a policy, all of it. Source: google.iam.v1.SetIamPolicyRequest. */
export interface SetProjectPolicyRequest extends ProjectPolicyRequest {
  /** The policy. Required. */
  readonly policy: NewPolicy;
  /** Which of its fields are written. Default: `bindings` and `etag`, by the service. */
  readonly updateMask?: readonly string[] | undefined;
}

/** Asks which permissions the caller has. Source: google.iam.v1.TestIamPermissionsRequest. */
export interface TestProjectPermissionsRequest extends ProjectPolicyRequest {
  /** Which to look at, without wildcards: `["resourcemanager.projects.get"]`. Required. */
  readonly permissions: readonly string[];
}
