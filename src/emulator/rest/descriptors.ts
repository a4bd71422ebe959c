// SPDX-License-Identifier: Apache-2.0
// Reads the compiled protos: which messages and fields there are, and which HTTP rules the methods have. Knows no JSON. Loaded
// with the first REST request.

import { createFileRegistry, type DescMessage, type FileRegistry, fromBinary, getOption } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { DESCRIPTOR_SET } from "../../../generated/descriptor-set.js";

export type { DescField, DescMessage } from "@bufbuild/protobuf";

/** One way to call a method over HTTP. Source: google/api/http.proto. */
export interface HttpBinding {
  /** `GET`, `POST`, `PUT`, `PATCH` or `DELETE`. Required. */
  readonly verb: string;
  /** `/v1/{name=projects/*}/roles` for one. Required. */
  readonly template: string;
  /** The field that the body is, `*` for the whole request, empty for none. Required. */
  readonly body: string;
}

/** A method of the wire contract. */
export interface WireMethod {
  /** What it is asked. Required. */
  readonly input: DescMessage;
  /** What it answers. Required. */
  readonly output: DescMessage;
  /** How it is called over HTTP. Required. */
  readonly bindings: readonly HttpBinding[];
}

// google.api.HttpRule as the registry reads it.
interface HttpRule {
  readonly pattern: { readonly case?: string; readonly value?: unknown };
  readonly body: string;
  readonly additionalBindings: readonly HttpRule[];
}

let registry: FileRegistry | undefined;

function openRegistry(): FileRegistry {
  registry ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, DESCRIPTOR_SET));
  return registry;
}

function readRule({ pattern, body, additionalBindings }: HttpRule): HttpBinding[] {
  const own = { verb: String(pattern.case).toUpperCase(), template: String(pattern.value), body };
  return [own, ...additionalBindings.flatMap(readRule)];
}

/**
 * The message of a name.
 *
 * @throws Error when the protos have none
 */
export function describeMessage(typeName: string): DescMessage {
  const message = openRegistry().getMessage(typeName);
  if (message === undefined) throw new Error(`the protos have no message ${typeName}`);
  return message;
}

/**
 * The methods of a service, by name.
 *
 * @throws Error when the protos have no such service
 */
export function describeService(fullName: string): ReadonlyMap<string, WireMethod> {
  const service = openRegistry().getService(fullName);
  const http = openRegistry().getExtension("google.api.http");
  if (service === undefined || http === undefined) throw new Error(`the protos have no service ${fullName}`);
  return new Map(
    service.methods.map((method) => {
      const rule = getOption(method, http) as unknown as HttpRule; // what the extension's descriptor says it is
      return [method.name, { input: method.input, output: method.output, bindings: readRule(rule) }];
    }),
  );
}
