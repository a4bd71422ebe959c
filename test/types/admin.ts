// SPDX-License-Identifier: Apache-2.0
// What the admin client is to the compiler. Never run: `tsc` reads it, and fails where a mistake is no error any more.

import {
  IAMAsyncClient,
  type ListServiceAccountsResponse,
  type PagedList,
  type Policy,
  type ServiceAccount,
  type ServiceAccountKey,
} from "../../src/iam-admin/index.js";
import type { ClientOptions, ServiceAccountInfo, Timestamp } from "../../src/index.js";
import type { IsExactly } from "./exact.js";

const NAME = "robot@my-project.iam.gserviceaccount.com";

export async function construction(options: ClientOptions, info: ServiceAccountInfo): Promise<void> {
  await using client = new IAMAsyncClient();
  new IAMAsyncClient(options);
  IAMAsyncClient.fromServiceAccountFile("key.json");
  true satisfies IsExactly<ReturnType<typeof IAMAsyncClient.fromServiceAccountInfo>, IAMAsyncClient>;
  IAMAsyncClient.fromServiceAccountInfo(info, options);
  await client.close({ gracePeriod: 0 });

  // @ts-expect-error an option that does not exist
  new IAMAsyncClient({ project: "my-project" });
  // @ts-expect-error the way down is for methods of the class
  client.call;
}

export async function lists(client: IAMAsyncClient, signal: AbortSignal): Promise<void> {
  const list = client.listServiceAccounts({ name: "my-project", pageSize: 10 }, { signal, timeout: 1000 });
  true satisfies IsExactly<typeof list, PagedList<ServiceAccount, ListServiceAccountsResponse>>;
  for await (const account of list) true satisfies IsExactly<typeof account, ServiceAccount>;
  for await (const page of list.pages()) true satisfies IsExactly<typeof page, ListServiceAccountsResponse>;
  true satisfies IsExactly<Awaited<ReturnType<typeof list.toArray>>, ServiceAccount[]>;
  client.listRoles();
  for await (const { includedPermissions } of client.listRoles({ view: "FULL" })) includedPermissions.join();

  // @ts-expect-error a list is no promise: read it, or take its first page
  await list.then();
  // @ts-expect-error a list has no index
  list[0];
  // @ts-expect-error the project is missing
  client.listServiceAccounts({ pageSize: 1 });
}

export async function keys(client: IAMAsyncClient): Promise<void> {
  const key = await client.createServiceAccountKey({ name: NAME, keyAlgorithm: "KEY_ALG_RSA_2048" });
  true satisfies IsExactly<typeof key, ServiceAccountKey>;
  true satisfies IsExactly<typeof key.privateKeyData, Buffer>;
  true satisfies IsExactly<typeof key.validAfterTime, Timestamp | undefined>;
  if (key.keyType === "USER_MANAGED") await client.deleteServiceAccountKey({ name: key.name });
  await client.listServiceAccountKeys({ name: NAME, keyTypes: ["USER_MANAGED"] });
  await client.getServiceAccountKey({ name: key.name, publicKeyType: "TYPE_X509_PEM_FILE" });
  true satisfies IsExactly<ReturnType<typeof client.deleteServiceAccountKey>, Promise<void>>;

  // @ts-expect-error there is no such type
  await client.createServiceAccountKey({ name: NAME, privateKeyType: "PEM" });
  // @ts-expect-error the service refuses it
  await client.listServiceAccountKeys({ name: NAME, keyTypes: ["KEY_TYPE_UNSPECIFIED"] });
  // @ts-expect-error there is no such value to compare with
  if (key.keyType === "USERMANAGED") return;
  // @ts-expect-error what was read stays as it is
  key.disabled = true;
}

export async function policies(client: IAMAsyncClient): Promise<void> {
  const policy = await client.getIamPolicy({ resource: NAME, options: { requestedPolicyVersion: 3 } });
  true satisfies IsExactly<typeof policy, Policy>;
  const binding = { role: "roles/iam.serviceAccountUser", members: ["user:a@b.example"] };
  await client.setIamPolicy({ resource: NAME, policy: { ...policy, bindings: [...policy.bindings, binding] } });

  // @ts-expect-error there are three versions
  await client.getIamPolicy({ resource: NAME, options: { requestedPolicyVersion: 2 } });
  // @ts-expect-error a policy is not a list of bindings
  await client.setIamPolicy({ resource: NAME, policy: [binding] });
}
