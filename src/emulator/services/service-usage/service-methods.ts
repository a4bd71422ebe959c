// SPDX-License-Identifier: Apache-2.0
// Decides how the services of a project are read, enabled and disabled: changes are operations. Knows the messages and no wire.

import { type Service, type ServiceConfig, State } from "../../../../generated/google/api/serviceusage/v1/resources.js";
import type {
  BatchEnableServicesRequest,
  DisableServiceRequest,
  EnableServiceRequest,
  GetServiceRequest,
  ListServicesRequest,
  ListServicesResponse,
} from "../../../../generated/google/api/serviceusage/v1/serviceusage.js";
import type { GetOperationRequest, Operation } from "../../../../generated/google/longrunning/operations.js";
import { isPermittedOnProject } from "../../world/policy/permissions.js";
import { serviceName } from "../../world/projects/project-options.js";
import { type ServiceChange, titleOf } from "../../world/projects/service-book.js";
import { invalidArgument, ServiceError } from "../../world/refusals/service-error.js";
import { cutPage } from "../method/list-page.js";
import type { RequestTarget, ServiceMethod, ServiceWorld } from "../method/service-method.js";
import { formatOperation, NOTHING_TO_DO } from "./operation-message.js";

const MAX_BATCH = 20; // google.api.serviceusage.v1.BatchEnableServicesRequest

// The log records accounts, and these requests act on none.
const target = (): RequestTarget => ({ name: undefined, delegates: [] });

// The texts and details are from memory.
function denied(what: string): ServiceError {
  const message = `Permission denied to ${what}`;
  const info = { reason: "AUTH_PERMISSION_DENIED", domain: "serviceusage.googleapis.com", metadata: {} };
  const violation = { type: "googleapis.com", subject: "110002", description: "" };
  return new ServiceError("PERMISSION_DENIED", message, info, { preconditions: [violation] });
}

function parseParent(parent: string): string {
  const project = /^projects\/([a-z0-9.:-]{1,100})$/.exec(parent)?.[1];
  if (project === undefined) throw invalidArgument();
  return project;
}

function parseName(name: string): { readonly project: string; readonly service: string } {
  const [, project, service = ""] = /^projects\/([a-z0-9.:-]{1,100})\/services\/([^/]+)$/.exec(name) ?? [];
  if (project === undefined || !serviceName.test(service)) throw invalidArgument();
  return { project, service };
}

function requireProject(
  world: ServiceWorld,
  principal: string,
  { project, permission, what }: { project: string; permission: string; what: string },
): string {
  const id = world.projects.find(project);
  if (id === undefined || !isPermittedOnProject(world, principal, permission, id)) throw denied(what);
  return id;
}

// Google has many services; the emulator assumes that any name under googleapis.com exists.
function checkService(service: string): void {
  if (service.endsWith(".googleapis.com")) return;
  throw new ServiceError("NOT_FOUND", `Not found or permission denied for service(s): ${service}.`, {
    reason: "SERVICE_CONFIG_NOT_FOUND_OR_PERMISSION_DENIED",
    domain: "serviceusage.googleapis.com",
    metadata: { services: service },
  });
}

function formatService(world: ServiceWorld, projectId: string, service: string): Service {
  const parent = `projects/${world.projects.numberOf(projectId)}`;
  const config: ServiceConfig = { name: service, title: titleOf(service) };
  const state = world.services.isEnabled(projectId, service) ? State.ENABLED : State.DISABLED;
  return { name: `${parent}/services/${service}`, parent, config, state };
}

// For a service that is already in the requested state, the operation is done.
function change(world: ServiceWorld, wanted: ServiceChange): Operation {
  const { projects, services, settings } = world;
  const number = projects.numberOf(wanted.projectId);
  const read = (service: string) => formatService(world, wanted.projectId, service);
  const isThere = wanted.services.every((each) => services.isEnabled(wanted.projectId, each) === wanted.isEnabled);
  if (isThere) return formatOperation({ ...wanted, name: NOTHING_TO_DO }, { number, isDone: true, read });
  const begun = services.begin(wanted, number, world.now() + settings.policyPropagationMs);
  return formatOperation(begun, { number, isDone: false, read });
}

const enableService: ServiceMethod<EnableServiceRequest, Operation> = {
  name: "EnableService",
  target,
  async run(world, principal, { name }) {
    const { project, service } = parseName(name);
    const what = `enable service [${service}]`;
    const projectId = requireProject(world, principal, { project, permission: "serviceusage.services.enable", what });
    checkService(service);
    return change(world, { projectId, services: [service], isEnabled: true, isBatch: false });
  },
};

const disableService: ServiceMethod<DisableServiceRequest, Operation> = {
  name: "DisableService",
  target,
  async run(world, principal, { name }) {
    const { project, service } = parseName(name);
    const what = `disable service [${service}]`;
    const projectId = requireProject(world, principal, { project, permission: "serviceusage.services.disable", what });
    checkService(service);
    if (!world.services.isEnabled(projectId, service)) {
      throw new ServiceError("FAILED_PRECONDITION", `Service ${service} is not enabled.`); // our own text
    }
    return change(world, { projectId, services: [service], isEnabled: false, isBatch: false });
  },
};

const batchEnableServices: ServiceMethod<BatchEnableServicesRequest, Operation> = {
  name: "BatchEnableServices",
  target,
  async run(world, principal, { parent, serviceIds }) {
    const project = parseParent(parent);
    const isCount = serviceIds.length > 0 && serviceIds.length <= MAX_BATCH;
    if (!isCount || !serviceIds.every((each) => serviceName.test(each))) throw invalidArgument();
    const what = `enable service [${serviceIds.join(", ")}]`;
    const projectId = requireProject(world, principal, { project, permission: "serviceusage.services.enable", what });
    for (const service of serviceIds) checkService(service);
    return change(world, { projectId, services: [...new Set(serviceIds)], isEnabled: true, isBatch: true });
  },
};

const getService: ServiceMethod<GetServiceRequest, Service> = {
  name: "GetService",
  target,
  async run(world, principal, { name }) {
    const { project, service } = parseName(name);
    const what = `get service [${service}]`;
    const projectId = requireProject(world, principal, { project, permission: "serviceusage.services.get", what });
    checkService(service);
    return formatService(world, projectId, service);
  },
};

function readFilter(filter: string): (service: Service) => boolean {
  if (filter === "") return () => true;
  const state = /^state:(ENABLED|DISABLED)$/.exec(filter)?.[1];
  if (state === undefined) throw invalidArgument();
  return (service) => service.state === (state === "ENABLED" ? State.ENABLED : State.DISABLED);
}

const listServices: ServiceMethod<ListServicesRequest, ListServicesResponse> = {
  name: "ListServices",
  target,
  async run(world, principal, request) {
    const project = parseParent(request.parent);
    const isWanted = readFilter(request.filter);
    const what = `list services for consumer container [${request.parent}]`;
    const projectId = requireProject(world, principal, { project, permission: "serviceusage.services.list", what });
    const services = world.services.servicesOf(projectId).map((each) => formatService(world, projectId, each));
    const { items, nextPageToken } = cutPage(services.filter(isWanted), request, {
      list: `services ${projectId} ${request.filter}`,
      defaultSize: 50,
      maxSize: 200,
      keyOf: ({ name }) => name,
    });
    return { services: [...items], nextPageToken };
  },
};

/** The methods of google.api.serviceusage.v1.ServiceUsage. */
export const serviceMethods = {
  enableService,
  disableService,
  getService,
  listServices,
  batchEnableServices,
} as const;

// Needs no permission: only its creator knows the name.
const getOperation: ServiceMethod<GetOperationRequest, Operation> = {
  name: "GetOperation",
  target,
  async run(world, _principal, { name }) {
    const operation = world.services.findOperation(name);
    if (operation === undefined) throw new ServiceError("NOT_FOUND", "Operation not found."); // our own text
    const number = world.projects.numberOf(operation.projectId);
    const read = (service: string) => formatService(world, operation.projectId, service);
    return formatOperation(operation, { number, isDone: operation.doneAt <= world.now(), read });
  },
};

/** The part of google.longrunning.Operations that is served at the host of Service Usage. */
export const operationMethods = { getOperation } as const;
