// SPDX-License-Identifier: Apache-2.0
// The published descriptors of the admin API in the form of our tables, so that a test can compare.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileProtos } from "../../support/descriptors.js";
import { PUBLISHED_ADMIN_PROTOS, SHARED_PROTOS } from "../../support/published-protos.js";

interface Field {
  readonly name: string;
  readonly jsonName: string;
  readonly type: string;
  readonly label?: string;
  readonly typeName?: string;
}

interface Message {
  readonly name: string;
  readonly field?: readonly Field[];
  readonly nestedType?: readonly Message[];
  readonly enumType?: readonly EnumDescriptor[];
}

interface EnumDescriptor {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number?: number }[];
}

/** A method as the proto has it. */
export interface PublishedMethod {
  readonly name: string;
  readonly inputType: string;
  readonly outputType: string;
  readonly options: {
    readonly deprecated?: boolean;
    readonly "[google.api.http]": HttpRule;
  };
}

interface HttpRule {
  readonly body?: string;
  readonly additionalBindings?: readonly HttpRule[];
  readonly [verb: string]: unknown;
}

const FILES: readonly (readonly [folder: string, path: string])[] = [
  [PUBLISHED_ADMIN_PROTOS, "google/iam/admin/v1/iam.proto"],
  [PUBLISHED_ADMIN_PROTOS, "google/iam/v1/iam_policy.proto"],
  [PUBLISHED_ADMIN_PROTOS, "google/iam/v1/policy.proto"],
  [PUBLISHED_ADMIN_PROTOS, "google/iam/v1/options.proto"],
  [SHARED_PROTOS, "google/type/expr.proto"],
];

const messages = new Map<string, Message>();
const enums = new Map<string, EnumDescriptor>();

/** What a file and a message have within them. */
interface Scope {
  readonly messageType?: readonly Message[];
  readonly nestedType?: readonly Message[];
  readonly enumType?: readonly EnumDescriptor[];
}

function keep(scope: string, { messageType = [], nestedType = messageType, enumType = [] }: Scope): void {
  for (const each of enumType) enums.set(`${scope}.${each.name}`, each);
  for (const each of nestedType) {
    messages.set(`${scope}.${each.name}`, each);
    keep(`${scope}.${each.name}`, each);
  }
}

const sources = FILES.map(([folder, path]) => [path, readFileSync(join(folder, path), "utf8")] as const);
const compiled = compileProtos(Object.fromEntries(sources));
for (const file of Object.values(compiled)) keep(`.${String(file["package"])}`, file as Scope); // as: a FileDescriptorProto

const services = (compiled["google/iam/admin/v1/iam.proto"]?.["service"] ?? []) as { method: PublishedMethod[] }[]; // as: its form

/** The methods of the service, in order. */
export const PUBLISHED_METHODS: readonly PublishedMethod[] = services.flatMap(({ method }) => method);

/** The bindings of a method, as our rows have them. */
export function bindingsOf({ options }: PublishedMethod): unknown[] {
  const { additionalBindings = [], ...first } = options["[google.api.http]"];
  return [first, ...additionalBindings].map(({ body, ...rule }) => {
    const [verb = "", template] = Object.entries(rule)[0] ?? [];
    return { verb, template, body };
  });
}

const SCALARS: Readonly<Record<string, string>> = {
  TYPE_STRING: "string",
  TYPE_BOOL: "bool",
  TYPE_BYTES: "bytes",
  TYPE_INT32: "int32",
  ".google.protobuf.Timestamp": "timestamp",
  ".google.protobuf.FieldMask": "fieldMask",
};

function typeOf({ type, typeName = "" }: Field): unknown {
  if (type === "TYPE_ENUM") {
    const values = enums.get(typeName)?.value.map(({ name, number = 0 }) => [name, number]) ?? [];
    return { kind: "enum", values: Object.fromEntries(values) };
  }
  return SCALARS[type] ?? SCALARS[typeName] ?? { kind: "message", fields: tableOf(typeName) };
}

/** The fields of a message by its full name, nested ones in full. Empty for google.protobuf.Empty. */
export function tableOf(typeName: string): Record<string, unknown> {
  const fields = messages.get(typeName)?.field ?? [];
  return Object.fromEntries(
    fields.map((field) => {
      const type = typeOf(field);
      return [field.jsonName, field.label === "LABEL_REPEATED" ? { kind: "repeated", of: type } : type];
    }),
  );
}

/** A table of ours in the same form: nested tables in full, not as functions. */
export function expanded(value: unknown): unknown {
  if (typeof value === "function") return expanded(value());
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, expanded(each)]));
}
