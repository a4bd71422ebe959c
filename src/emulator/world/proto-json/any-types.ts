// SPDX-License-Identifier: Apache-2.0
// The messages that the emulator puts into a google.protobuf.Any: those that operations carry. Knows no JSON.

import { OperationMetadata as metadataStub } from "../../../../generated/google/api/serviceusage/v1/resources.js";
import { OperationMetadata } from "../../../../generated/google/api/serviceusage/v1/resources.tables.js";
import * as stubs from "../../../../generated/google/api/serviceusage/v1/serviceusage.js";
import * as tables from "../../../../generated/google/api/serviceusage/v1/serviceusage.tables.js";
import type { MessageType } from "../../../messages/tables.js";

/** A message that can stand in an Any. */
interface AnyType {
  /** Its table. Required. */
  readonly type: MessageType;
  /** Reads it. Required. */
  decode(bytes: Uint8Array): object;
}

const types: readonly AnyType[] = [
  { type: tables.EnableServiceResponse, decode: (bytes) => stubs.EnableServiceResponse.decode(bytes) },
  { type: tables.DisableServiceResponse, decode: (bytes) => stubs.DisableServiceResponse.decode(bytes) },
  { type: tables.BatchEnableServicesResponse, decode: (bytes) => stubs.BatchEnableServicesResponse.decode(bytes) },
  { type: OperationMetadata, decode: (bytes) => metadataStub.decode(bytes) },
];

/** The type of an Any's URL. @throws Error when it is none of the emulator's */
export function anyTypeOf(typeUrl: string): AnyType {
  const found = types.find(({ type }) => typeUrl === `type.googleapis.com/${type.typeName}`);
  if (found === undefined) throw new Error(`no message of the emulator's is a ${typeUrl}`);
  return found;
}
