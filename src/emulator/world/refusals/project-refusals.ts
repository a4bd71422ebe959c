// SPDX-License-Identifier: Apache-2.0
// Decides the error of a call that is refused because of the project that pays for it. Knows no project.

import { type MethodIdentity, ServiceError } from "./service-error.js";

/**
 * A service that the paying project does not use. Seen: openshift/installer#2187, googleapis/google-cloud-go and many more.
 *
 * @param identity the method that was called
 * @param title the service's title
 * @param projectNumber the project that pays
 */
export function serviceDisabled({ service }: MethodIdentity, title: string, projectNumber: string): ServiceError {
  const activationUrl = `https://console.developers.google.com/apis/api/${service}/overview?project=${projectNumber}`;
  const message =
    `${title} has not been used in project ${projectNumber} before or it is disabled. Enable it by visiting ` +
    `${activationUrl} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our ` +
    "systems and retry.";
  const metadata = {
    service,
    serviceTitle: title,
    containerInfo: projectNumber,
    consumer: `projects/${projectNumber}`,
    activationUrl,
  };
  const info = { reason: "SERVICE_DISABLED", domain: "googleapis.com", metadata };
  const link = { description: "Google developers console API activation", url: activationUrl };
  return new ServiceError("PERMISSION_DENIED", message, info, { links: [link] });
}

/**
 * A caller that may not bill the project. Seen: google-github-actions/auth#250.
 *
 * @param identity the method that was called
 * @param project the project as the call names it
 */
export function userProjectDenied({ service }: MethodIdentity, project: string): ServiceError {
  const url = `https://console.developers.google.com/iam-admin/iam/project?project=${project}`;
  const message =
    `Caller does not have required permission to use project ${project}. Grant the caller the ` +
    "roles/serviceusage.serviceUsageConsumer role, or a custom role with the serviceusage.services.use permission, by visiting " +
    `${url} and then retry. Propagation of the new permission may take a few minutes.`;
  const metadata = { consumer: `projects/${project}`, service };
  const info = { reason: "USER_PROJECT_DENIED", domain: "googleapis.com", metadata };
  const link = { description: "Google developer console IAM admin", url };
  return new ServiceError("PERMISSION_DENIED", message, info, { links: [link] });
}
