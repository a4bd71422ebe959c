// SPDX-License-Identifier: Apache-2.0
// The REST API's methods that no proto here has: a name in the path, a query, and plain JSON for an answer. Runs none.

import { allowedLocationsTemplates, getAllowedLocations } from "../../services/iam-credentials/allowed-locations.js";
import type { ServiceMethod } from "../../services/method/service-method.js";
import { effectivePolicyTemplate, getEffectivePolicy } from "../../services/organization-policy/effective-policy.js";
import {
  listProjects,
  listTemplate,
  lookUpProject,
  lookUpTemplate,
} from "../../services/resource-manager/project-look-up.js";
import { type BoundMethod, iamCredentials, projects } from "../../services/services.js";
import { apiScopes, readScopes } from "../../world/names/scopes.js";

/** A method of the REST API alone. */
export interface JsonMethod extends Pick<BoundMethod, "identity" | "scopes" | "method"> {
  /** Its paths, whose one variable is the name, or that have none. Required. */
  readonly templates: readonly string[];
}

// as: the request is the path's name and the query's parameters, and every method's fields are strings
function untyped<Request extends object, Response>(method: ServiceMethod<Request, Response>): BoundMethod["method"] {
  return method as unknown as BoundMethod["method"];
}

/** The methods of the REST API alone. */
export const jsonMethods: readonly JsonMethod[] = [
  {
    identity: {
      method: "google.iam.credentials.v1.IAMCredentials.GetAllowedLocations",
      service: iamCredentials.host,
    },
    scopes: apiScopes,
    method: untyped(getAllowedLocations),
    templates: allowedLocationsTemplates,
  },
  {
    identity: { method: "google.cloudresourcemanager.v1.Projects.GetProject", service: projects.host },
    scopes: readScopes,
    method: untyped(lookUpProject),
    templates: [lookUpTemplate],
  },
  {
    identity: { method: "google.cloudresourcemanager.v1.Projects.ListProjects", service: projects.host },
    scopes: readScopes,
    method: untyped(listProjects),
    templates: [listTemplate],
  },
  {
    identity: { method: "google.cloud.orgpolicy.v2.OrgPolicy.GetEffectivePolicy", service: "orgpolicy.googleapis.com" },
    scopes: readScopes,
    method: untyped(getEffectivePolicy),
    templates: [effectivePolicyTemplate],
  },
];
