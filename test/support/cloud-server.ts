// SPDX-License-Identifier: Apache-2.0
// Resource Manager and Service Usage as a server would be that knows nothing of our tables: gRPC by grpc-js and the stubs, REST by
// Node's HTTP server, paths and JSON written by hand. One project, one service. Keeps what it hears over REST.

import type { IncomingMessage, ServerResponse } from "node:http";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import {
  type ServiceUsageServer,
  ServiceUsageService,
} from "../../generated/google/api/serviceusage/v1/serviceusage.js";
import { type ProjectsServer, ProjectsService } from "../../generated/google/cloud/resourcemanager/v3/projects.js";
import type { Policy } from "../../generated/google/iam/v1/policy.js";
import {
  type Operation,
  type OperationsServer,
  OperationsService,
} from "../../generated/google/longrunning/operations.js";
import { type RecordingHttpServer, startHttpServer } from "./http-server.js";

const project = {
  name: "projects/415104041262",
  parent: "folders/7",
  projectId: "my-project",
  state: 1,
  displayName: "Mine",
  createTime: { seconds: "63108020", nanos: 21_000_000 },
  updateTime: undefined,
  deleteTime: undefined,
  etag: "W/1",
  labels: { env: "test" },
};
const projectJson = {
  name: "projects/415104041262",
  parent: "folders/7",
  projectId: "my-project",
  state: "ACTIVE",
  displayName: "Mine",
  createTime: "1972-01-01T10:00:20.021Z",
  etag: "W/1",
  labels: { env: "test" },
};
const policy: Policy = {
  version: 1,
  bindings: [{ role: "roles/viewer", members: ["user:dana@example.com"], condition: undefined }],
  auditConfigs: [],
  etag: Buffer.from([1]),
};
const policyJson = {
  version: 1,
  bindings: [{ role: "roles/viewer", members: ["user:dana@example.com"] }],
  etag: "AQ==",
};
const service = {
  name: "projects/415104041262/services/iam.googleapis.com",
  parent: "projects/415104041262",
  config: { name: "iam.googleapis.com", title: "IAM" },
  state: 2,
};
const serviceJson = { ...service, state: "ENABLED" };
const TYPE = "type.googleapis.com/google.api.serviceusage.v1.EnableServiceResponse";
const begun: Operation = {
  name: "operations/acat.1",
  metadata: { typeUrl: "type.googleapis.com/google.api.serviceusage.v1.OperationMetadata", value: Buffer.alloc(0) },
  done: false,
  error: undefined,
  response: undefined,
};
const begunJson = { name: begun.name, metadata: { "@type": begun.metadata?.typeUrl, resourceNames: [service.name] } };
const failed: Operation = { ...begun, done: true, error: { code: 9, message: "It is in use.", details: [] } };

const handlers: ProjectsServer = {
  getProject: (_, respond) => respond(null, project),
  searchProjects: (_, respond) => respond(null, { projects: [project], nextPageToken: "" }),
  getIamPolicy: (_, respond) => respond(null, policy),
  setIamPolicy: ({ request }, respond) => respond(null, { ...policy, bindings: request.policy?.bindings ?? [] }),
  testIamPermissions: ({ request }, respond) => respond(null, { permissions: request.permissions.slice(0, 1) }),
};
const usage: ServiceUsageServer = {
  enableService: (_, respond) => respond(null, begun),
  batchEnableServices: (_, respond) =>
    respond(null, { ...begun, done: true, response: { typeUrl: TYPE, value: Buffer.alloc(0) } }),
  disableService: (_, respond) => respond(null, failed),
  getService: (_, respond) => respond(null, service),
  listServices: (_, respond) => respond(null, { services: [service], nextPageToken: "" }),
};
const operations: Pick<OperationsServer, "getOperation"> = { getOperation: (_, respond) => respond(null, failed) };

/** What each path answers over REST. */
const ANSWERS: Readonly<Record<string, (body: string) => unknown>> = {
  "GET /v3/projects/my-project": () => projectJson,
  "GET /v3/projects:search": () => ({ projects: [projectJson] }),
  "POST /v3/projects/my-project:getIamPolicy": () => policyJson,
  "POST /v3/projects/my-project:setIamPolicy": (body) => ({
    ...policyJson,
    bindings: JSON.parse(body).policy.bindings,
  }),
  "POST /v3/projects/my-project:testIamPermissions": (body) => ({
    permissions: JSON.parse(body).permissions.slice(0, 1),
  }),
  "POST /v1/projects/my-project/services/iam.googleapis.com:enable": () => begunJson,
  "POST /v1/projects/my-project/services:batchEnable": () => ({
    ...begunJson,
    done: true,
    response: { "@type": TYPE },
  }),
  "POST /v1/projects/my-project/services/iam.googleapis.com:disable": () => ({
    ...begunJson,
    done: true,
    error: failed.error,
  }),
  "GET /v1/projects/my-project/services/iam.googleapis.com": () => serviceJson,
  "GET /v1/projects/my-project/services": () => ({ services: [serviceJson] }),
  "GET /v1/operations/acat.1": () => ({ ...begunJson, done: true, error: failed.error }),
};

/** A running cloud. Made by {@link startCloud}. */
export class CloudServer implements AsyncDisposable {
  constructor(
    readonly grpc: Server,
    readonly grpcHost: string,
    readonly rest: RecordingHttpServer,
  ) {}

  /** Ends all of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.grpc.forceShutdown();
    await this.rest[Symbol.asyncDispose]();
  }
}

/** Opens a cloud with one project. */
export async function startCloud(): Promise<CloudServer> {
  const rest = await startHttpServer(({ method, url = "" }: IncomingMessage, response: ServerResponse) => {
    const answer = ANSWERS[`${method} ${url.replace(/\?.*/, "")}`];
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(answer === undefined ? "{}" : JSON.stringify(answer(rest.requests.at(-1)?.body ?? "")));
  });
  const grpc = new Server();
  grpc.addService(ProjectsService, handlers);
  grpc.addService(ServiceUsageService, usage);
  grpc.addService(OperationsService, operations);
  const port = await new Promise<number>((resolve, reject) => {
    grpc.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return new CloudServer(grpc, `127.0.0.1:${port}`, rest);
}
