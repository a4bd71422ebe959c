// SPDX-License-Identifier: Apache-2.0
// What the helpers of the admin client are to the compiler. Never run: `tsc` reads it, and fails where a mistake is no error any more.

import {
  addToPolicy,
  type BindingChange,
  type ChainReport,
  type CreatedKey,
  type CreateKeyRequest,
  type IAMAsyncClient,
  type Pkcs12Key,
  type Policy,
  type TokenCreatorGrant,
  type WrittenKey,
} from "../../src/iam-admin/index.js";
import { IAMCredentialsAsyncClient, type ServiceAccountInfo } from "../../src/index.js";
import type { IsExactly } from "./exact.js";

const NAME = "robot@my-project.iam.gserviceaccount.com";
const BINDING = { role: "roles/iam.serviceAccountUser", member: "user:dana@example.com" };

export async function keys(client: IAMAsyncClient): Promise<void> {
  const info = await client.createKey({ name: NAME });
  true satisfies IsExactly<typeof info, ServiceAccountInfo>;
  IAMCredentialsAsyncClient.fromServiceAccountInfo(info);
  const written = await client.createKey({ name: NAME, file: "key.json", overwrite: true });
  true satisfies IsExactly<typeof written, WrittenKey>;
  const bytes = await client.createKey({ name: NAME, privateKeyType: "TYPE_PKCS12_FILE" });
  true satisfies IsExactly<typeof bytes, Pkcs12Key>;
  const p12 = await client.createKey({ name: NAME, privateKeyType: "TYPE_PKCS12_FILE", file: "key.p12" });
  true satisfies IsExactly<typeof p12, WrittenKey>;
  const request: CreateKeyRequest = { name: NAME };
  const any = await client.createKey(request); // who may name a file, or another form, must look what came
  true satisfies IsExactly<typeof any, CreatedKey>;
  // @ts-expect-error a form that does not exist
  await client.createKey({ name: NAME, privateKeyType: "TYPE_PEM" });
  // @ts-expect-error the private key is in the file alone
  written.private_key;
}

export async function policies(client: IAMAsyncClient): Promise<void> {
  const policy = await client.updatePolicy(NAME, (each) => addToPolicy(each, BINDING), { timeout: 1000 });
  true satisfies IsExactly<typeof policy, Policy>;
  await client.updatePolicy(NAME, async (each) => ({ ...each, bindings: [] }));
  true satisfies IsExactly<Awaited<ReturnType<typeof client.addBinding>>, BindingChange>;
  await client.removeBinding(NAME, { ...BINDING, condition: "any" });
  // @ts-expect-error a binding is added under one condition, or none
  await client.addBinding(NAME, { ...BINDING, condition: "any" });
  // @ts-expect-error the policy must be returned
  await client.updatePolicy(NAME, () => {});
}

export async function chains(client: IAMAsyncClient, signal: AbortSignal): Promise<void> {
  const request = { caller: "user:dana@example.com", delegates: [NAME], target: NAME };
  const grant = await client.grantTokenCreator(request, { callerClient: client, waitTimeout: false, signal });
  true satisfies IsExactly<typeof grant, TokenCreatorGrant>;
  await grant.takeBack({ signal });
  true satisfies IsExactly<Awaited<ReturnType<typeof client.checkChain>>, ChainReport>;
  // @ts-expect-error nobody can try that
  await client.checkChain({ target: NAME, permission: "iam.serviceAccounts.actAs" });
  // @ts-expect-error who shall be able to
  await client.grantTokenCreator({ target: NAME });
}
