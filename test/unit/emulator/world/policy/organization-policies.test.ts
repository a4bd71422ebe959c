// SPDX-License-Identifier: Apache-2.0
// What organization policies forbid, who is told so, and in which words.

import { describe, expect, test } from "@jest/globals";
import { PreconditionFailure } from "../../../../../generated/google/rpc/error_details.js";
import { Status } from "../../../../../generated/google/rpc/status.js";
import {
  type EmulatorOptions,
  type EmulatorOrganizationPolicy,
  startEmulator,
} from "../../../../../src/emulator/index.js";
import { accountName, admin, openAdminStage } from "../../services/iam-admin/admin-stage.js";
import { TARGET } from "../../stage.js";

const all: readonly EmulatorOrganizationPolicy[] = [
  "disableServiceAccountCreation",
  "disableServiceAccountKeyCreation",
  "disableServiceAccountKeyUpload",
];
const KEY_CREATION = "Key creation is not allowed on this service account.";
const keyRequest = { name: accountName(TARGET), privateKeyType: 0, keyAlgorithm: 0 };

describe("an organization policy", () => {
  test("forbids what it names with FAILED_PRECONDITION and the constraint, over gRPC and REST alike", async () => {
    await using stage = await openAdminStage({ serviceAccounts: [TARGET], organizationPolicies: all });
    const violation = {
      type: "constraints/iam.disableServiceAccountKeyCreation",
      subject: accountName(TARGET),
      description: KEY_CREATION,
    };
    const error = await stage.call(admin.createServiceAccountKey, keyRequest).catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 9, details: KEY_CREATION });
    const [bytes] = (error as { metadata: { get(key: string): Buffer[] } }).metadata.get("grpc-status-details-bin"); // as grpc-js has it
    const [detail] = Status.decode(bytes ?? Buffer.alloc(0)).details;
    expect(PreconditionFailure.decode(detail?.value ?? Buffer.alloc(0)).violations).toEqual([violation]);

    const response = await fetch(`${stage.emulator.url}/v1/${accountName(TARGET)}/keys`, {
      method: "POST",
      headers: { authorization: "Bearer owner" },
    });
    expect(await response.json()).toEqual({
      error: {
        code: 400,
        message: KEY_CREATION,
        status: "FAILED_PRECONDITION",
        details: [{ "@type": "type.googleapis.com/google.rpc.PreconditionFailure", violations: [violation] }],
      },
    });
  });

  test("is no concern of whoever lacks the permission, nor of the methods of the emulator itself", async () => {
    await using stage = await openAdminStage({ serviceAccounts: [TARGET], organizationPolicies: all });
    const token = await stage.tokenOf("user:bob@example.com");
    expect(await stage.refusal(admin.createServiceAccountKey, keyRequest, { token })).toMatchObject({ code: 7 });
    expect((await stage.emulator.createServiceAccountKey(TARGET)).type).toBe("service_account");
    expect(stage.emulator.addServiceAccount("late@demo-project.iam.gserviceaccount.com").uniqueId).toMatch(/^1\d{20}$/);
  });

  test.each([
    ["disableServiceAccountCreation", 9, 0],
    ["disableServiceAccountKeyCreation", 0, 9],
    ["disableServiceAccountKeyUpload", 0, 0],
  ] as const)("%s forbids nothing else", async (policy, creation, keyCreation) => {
    await using stage = await openAdminStage({ serviceAccounts: [TARGET], organizationPolicies: [policy] });
    const codeOf = (call: Promise<unknown>) => call.then(() => 0).catch(({ code }: { code: number }) => code);
    expect(await codeOf(stage.create("robot-1"))).toBe(creation);
    expect(await codeOf(stage.call(admin.createServiceAccountKey, keyRequest))).toBe(keyCreation);
  });

  test("on uploads refuses a good certificate, and on accounts names the project", async () => {
    await using stage = await openAdminStage({ serviceAccounts: [TARGET], organizationPolicies: all });
    const { keys } = await stage.call(admin.listServiceAccountKeys, { name: accountName(TARGET), keyTypes: [] });
    const { publicKeyData } = await stage.call(admin.getServiceAccountKey, {
      name: keys[0]?.name ?? "",
      publicKeyType: 1,
    });
    await expect(
      stage.call(admin.uploadServiceAccountKey, { name: accountName(TARGET), publicKeyData }),
    ).rejects.toMatchObject({ code: 9, details: "Key upload is not allowed on this service account." });
    await expect(stage.create("robot-1")).rejects.toMatchObject({
      code: 9,
      details: "Service account creation is not allowed on this project.",
    });
  });
});

test.each<[unknown, string]>([
  ["all", "organizationPolicies must be an array"],
  [
    ["iam.none"],
    'organizationPolicies[0] must be one of disableServiceAccountCreation, disableServiceAccountKeyCreation, disableServiceAccountKeyUpload, not "iam.none"',
  ],
])("%j are no policies", async (organizationPolicies, message) => {
  await expect(startEmulator({ organizationPolicies } as EmulatorOptions)).rejects.toThrow(new TypeError(message));
});
