// SPDX-License-Identifier: Apache-2.0
// The names of fields in the proto, which the emulator makes of those in JSON: they are those of the compiled protos.

import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "@jest/globals";
import { DESCRIPTOR_SET } from "../../../../../generated/descriptor-set.js";
import * as admin from "../../../../../generated/google/iam/admin/v1/iam.tables.js";
import * as credentials from "../../../../../generated/google/iam/credentials/v1/common.tables.js";
import * as policy from "../../../../../generated/google/iam/v1/policy.tables.js";
import { fieldsOf, findField } from "../../../../../src/emulator/world/proto-json/message-fields.js";
import type { MessageType } from "../../../../../src/messages/tables.js";

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, DESCRIPTOR_SET));
const messages = [admin, credentials, policy]
  .flatMap((tables): unknown[] => Object.values(tables))
  .filter((each): each is MessageType => Object(each).kind === "message" && Object(each).typeName !== undefined);

test.each(messages.map((message) => [message.typeName, message] as const))("%s", (typeName, message) => {
  const names = registry.getMessage(typeName)?.fields.map(({ name, jsonName }) => ({ name, jsonName }));
  expect(fieldsOf(message).map(({ name, jsonName }) => ({ name, jsonName }))).toEqual(names);
});

test("a field is found in either spelling, and no other is", () => {
  for (const name of ["oauth2_client_id", "oauth2ClientId"]) {
    expect(findField(admin.ServiceAccount, name)?.jsonName).toBe("oauth2ClientId");
  }
  for (const name of ["oauth2Client_id", "toString", ""]) expect(findField(admin.ServiceAccount, name)).toBeUndefined();
});
