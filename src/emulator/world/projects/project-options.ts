// SPDX-License-Identifier: Apache-2.0
// Decides what can be said of projects at the start: numbers, services that are off, who may bill. Does not know who calls.

import { listOf, object, oneOf, text } from "../../../base/options/checks.js";
import { declare, type GivenOf, required } from "../../../base/options/declaration.js";
import { digits, PROJECT } from "../names/name-checks.js";
import { projectId } from "../names/project-ids.js";

const SERVICE = String.raw`[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+`;
/** The name of a service in DNS. */
export const serviceName = new RegExp(`^${SERVICE}$`);

/** A project with a given number. */
export const PROJECT_NUMBER = declare({
  unknown: "is not a field of a project",
  fields: {
    /** Its id. Required. */
    id: required(PROJECT),
    /** Its number. Required. */
    number: required(digits(20)),
  },
});

/** A project with a given number. */
export interface EmulatorProject extends GivenOf<typeof PROJECT_NUMBER.fields> {}

/** Projects with a given number. */
export const PROJECTS = listOf(object(PROJECT_NUMBER));

const OF_PROJECT = `projects/${projectId.source.replace(/^\^|\$$/g, "")}/services/`;

/** Services that are enabled in one project. */
export const ENABLED_SERVICES = listOf(
  text({
    pattern: new RegExp(`^${OF_PROJECT}${SERVICE}$`),
    maxLength: 300,
    expected: "projects/{id}/services/{service}",
  }),
);

/** Services that are disabled, in every project or in one. */
export const DISABLED_SERVICES = listOf(
  text({
    pattern: new RegExp(`^(?:${OF_PROJECT})?${SERVICE}$`),
    maxLength: 300,
    expected: "a service such as iam.googleapis.com, or projects/{id}/services/{service}",
  }),
);

/** Who may bill a call to a project (`x-goog-user-project`): `anyone`, or callers that have `serviceusage.services.use` on it. */
export type UserProjects = "anyone" | "permitted";

/** Who may bill a project. */
export const USER_PROJECTS = oneOf<UserProjects>(["anyone", "permitted"]);
