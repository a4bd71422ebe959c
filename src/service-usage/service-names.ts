// SPDX-License-Identifier: Apache-2.0
// The checks of single fields. They throw RequestError.

import { RequestError } from "../base/errors.js";
import { normalizeProjectName, requireForm } from "../messages/field-checks.js";

const MOST_SERVICES = 20; // Source: google.api.serviceusage.v1.BatchEnableServicesRequest
const SERVICE = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const SERVICE_FORMS = "a service name such as iam.googleapis.com";

/** The name of a service of a project. */
export function normalizeServiceName(value: unknown, field: string): string {
  const forms = "projects/{project}/services/{service}, with a service name such as iam.googleapis.com";
  const text = requireForm(value, field, /^projects\/[^/]+\/services\/[a-z0-9-]+(\.[a-z0-9-]+)+$/, forms);
  const [project = "", service = ""] = text.split("/services/");
  return `${normalizeProjectName(project, field)}/services/${service}`;
}

/** Services, at least one. */
export function requireServiceIds(value: unknown, field: string): unknown {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_SERVICES) {
    throw new RequestError(field, `must be an array of 1 to ${MOST_SERVICES} service names such as iam.googleapis.com`);
  }
  for (const [index, service] of value.entries()) requireForm(service, `${field}[${index}]`, SERVICE, SERVICE_FORMS);
  return value;
}
