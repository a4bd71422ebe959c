// SPDX-License-Identifier: Apache-2.0
// The clients of Resource Manager and Service Usage, over gRPC and REST: every method, and what it gives.

import { ProjectsAsyncClient } from "../../src/resource-manager/index.js";
import { ServiceUsageAsyncClient } from "../../src/service-usage/index.js";
import { type CloudServer, startCloud } from "../support/cloud-server.js";

const PROJECT = "projects/my-project";
const SERVICE = `${PROJECT}/services/iam.googleapis.com`;
const DANA = { role: "roles/viewer", members: ["user:dana@example.com"], condition: undefined };
const ALT = "%24alt=json%3Benum-encoding%3Dint";

let server: CloudServer;
beforeAll(async () => {
  server = await startCloud();
});
afterAll(() => server[Symbol.asyncDispose]());

function optionsOf(transport: "grpc" | "rest") {
  const apiEndpoint = transport === "rest" ? server.rest.host : server.grpcHost;
  return {
    transport,
    apiEndpoint,
    insecure: true,
    credentials: { getRequestMetadata: () => ({ authorization: "Bearer x" }) },
  } as const;
}

describe.each(["grpc", "rest"] as const)("over %s", (transport) => {
  test("projects are read and found", async () => {
    await using client = new ProjectsAsyncClient(optionsOf(transport));
    const project = await client.getProject({ name: "my-project" });
    expect(project).toEqual({
      name: "projects/415104041262",
      parent: "folders/7",
      projectId: "my-project",
      state: "ACTIVE",
      displayName: "Mine",
      createTime: expect.objectContaining({ seconds: 63_108_020, nanos: 21_000_000 }),
      updateTime: undefined,
      deleteTime: undefined,
      etag: "W/1",
      labels: { env: "test" },
    });
    expect(await client.searchProjects({ query: "id:my-project", pageSize: 5 }).toArray()).toEqual([project]);
    expect(await client.searchProjects().toArray()).toEqual([project]);
  });

  test("policies of projects are read, written, and changed as those of accounts are", async () => {
    await using client = new ProjectsAsyncClient(optionsOf(transport));
    const policy = await client.getIamPolicy({ resource: PROJECT, options: { requestedPolicyVersion: 3 } });
    expect(policy).toEqual({ version: 1, bindings: [DANA], auditConfigs: [], etag: Buffer.from([1]) });
    const bob = { role: "roles/viewer", member: "user:bob@example.com" };
    const both = { ...DANA, members: [...DANA.members, bob.member] };
    const changed = await client.addBinding("my-project", bob);
    expect([changed.isChanged, changed.policy.bindings]).toEqual([true, [both]]);
    expect((await client.removeBinding(PROJECT, bob)).isChanged).toBe(false);
    expect(await client.hasBinding(PROJECT, bob)).toBe(false);
    expect((await client.updatePolicy(PROJECT, (read) => ({ ...read, bindings: [both] }))).bindings).toEqual([both]);
    expect((await client.setIamPolicy({ resource: PROJECT, policy: { bindings: [both] } })).bindings).toEqual([both]);
    const permissions = ["resourcemanager.projects.get", "resourcemanager.projects.delete"];
    expect(await client.testIamPermissions({ resource: PROJECT, permissions })).toEqual({
      permissions: permissions.slice(0, 1),
    });
  });

  test("services are read, enabled and disabled, by operations", async () => {
    await using client = new ServiceUsageAsyncClient(optionsOf(transport));
    const service = await client.getService({ name: SERVICE });
    expect(service).toEqual({
      name: "projects/415104041262/services/iam.googleapis.com",
      parent: "projects/415104041262",
      config: { name: "iam.googleapis.com", title: "IAM" },
      state: "ENABLED",
    });
    expect(await client.listServices({ parent: "my-project", filter: "state:ENABLED" }).toArray()).toEqual([service]);
    const begun = await client.enableService({ name: SERVICE });
    expect(begun).toEqual({ name: "operations/acat.1", done: false, error: undefined });
    const failed = { ...begun, done: true, error: { code: 9, message: "It is in use." } };
    expect(await client.getOperation({ name: begun.name })).toEqual(failed);
    expect(await client.disableService({ name: SERVICE, checkIfServiceHasUsage: "CHECK" })).toEqual(failed);
    const several = await client.batchEnableServices({ parent: PROJECT, serviceIds: ["iam.googleapis.com"] });
    expect(several).toEqual({ ...begun, done: true });
    await client.waitForOperation(several);
    await expect(client.waitForOperation(failed)).rejects.toMatchObject({ code: 9, status: "FAILED_PRECONDITION" });
  });
});

test("the requests over REST are those of the published rules", () => {
  const heard = server.rest.requests.map(({ method, url, body }) => `${method} ${url} ${body}`);
  expect(heard).toEqual(
    expect.arrayContaining([
      `GET /v3/projects:search?query=id%3Amy-project&pageSize=5&${ALT} `,
      `POST /v3/projects/my-project:getIamPolicy?${ALT} {"options":{"requestedPolicyVersion":3}}`,
      `GET /v1/projects/my-project/services?filter=state%3AENABLED&${ALT} `,
      `POST /v1/projects/my-project/services/iam.googleapis.com:disable?${ALT} {"checkIfServiceHasUsage":2}`,
      `POST /v1/projects/my-project/services:batchEnable?${ALT} {"serviceIds":["iam.googleapis.com"]}`,
    ]),
  );
});
