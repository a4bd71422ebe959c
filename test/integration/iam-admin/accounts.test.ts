// SPDX-License-Identifier: Apache-2.0
// Service accounts by the admin API against the emulator, over both transports: their life, and what they sign by the deprecated methods.

import type { IAMAsyncClient } from "../../../src/iam-admin/index.js";
import {
  type AdminStage,
  CARRIERS,
  emailOf,
  makeAccount,
  nameOf,
  openAdminStage,
  PROJECT,
} from "../../support/admin-stage.js";
import { fetchAccountKey, isSignatureOf, verifyJwt } from "../../support/published-keys.js";
import { rpcErrorOf } from "../../support/rejection-of.js";

let stage: AdminStage;
beforeAll(async () => {
  stage = await openAdminStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

describe.each(CARRIERS)("over %s", (transport) => {
  let client: IAMAsyncClient;
  beforeAll(() => {
    client = stage.client(transport);
  });

  it("creates, reads, renames, disables, enables, deletes and undeletes an account", async () => {
    const accountId = `life-${transport}`;
    const serviceAccount = { displayName: "Robot ü", description: "works" };
    const created = await client.createServiceAccount({ name: `projects/${PROJECT}`, accountId, serviceAccount });
    expect(created).toEqual({
      name: nameOf(accountId),
      projectId: PROJECT,
      uniqueId: expect.stringMatching(/^\d{21}$/),
      email: emailOf(accountId),
      ...serviceAccount,
      etag: expect.any(Buffer),
      oauth2ClientId: created.uniqueId,
      disabled: false,
    });
    for (const name of [created.email, created.uniqueId, created.name]) {
      expect(await client.getServiceAccount({ name })).toEqual(created);
    }
    const patched = await client.patchServiceAccount({ serviceAccount: { name: created.name, displayName: "Other" } });
    expect(patched).toEqual({ ...created, displayName: "Other" });
    const emptied = { serviceAccount: { name: created.email }, updateMask: ["description"] };
    expect(await client.patchServiceAccount(emptied)).toEqual({ ...patched, description: "" });
    const updated = await client.updateServiceAccount({ ...patched, displayName: "Third" });
    expect(updated).toEqual({ ...patched, displayName: "Third", description: "" });

    expect(await client.disableServiceAccount({ name: created.name })).toBeUndefined();
    expect((await client.getServiceAccount({ name: created.name })).disabled).toBe(true);
    expect(await client.enableServiceAccount({ name: created.name })).toBeUndefined();
    expect(await client.deleteServiceAccount({ name: created.name })).toBeUndefined();
    expect(await rpcErrorOf(client.getServiceAccount({ name: created.name }))).toMatchObject({
      code: 5,
      message: "IAM.GetServiceAccount: NOT_FOUND: Unknown service account",
    });
    const { restoredAccount } = await client.undeleteServiceAccount({ name: created.uniqueId });
    expect(restoredAccount).toEqual(updated);
  });

  it("signs bytes and claims by the deprecated methods", async () => {
    const { email } = await makeAccount(client, `signs-${transport}`);
    const bytes = Buffer.from("to be signed");
    const { keyId, signature } = await client.signBlob({ name: email, bytesToSign: bytes });
    const keys = await fetchAccountKey(stage.emulator.url, email, keyId);
    expect([...keys.values()].map((key) => isSignatureOf(bytes, signature, key))).toEqual([true, true, true]);
    const { signedJwt } = await client.signJwt({ name: email, payload: { sub: "x" } });
    const url = `${stage.emulator.url}/service_accounts/v1/metadata/jwk/${email}`;
    expect((await verifyJwt(signedJwt, url)).payload).toMatchObject({ sub: "x" });
  });
});
