// SPDX-License-Identifier: Apache-2.0
// What the emulator reads from the compiled protos, held against what the library for descriptors reads from them.

import {
  createFileRegistry,
  type DescField,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  getOption,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "@jest/globals";
import { DESCRIPTOR_SET } from "../../../../../generated/descriptor-set.js";
import { describeMessage, describeService } from "../../../../../src/emulator/protocols/rest/descriptors.js";
import { numberAt, readRawMessage, textAt } from "../../../../../src/emulator/protocols/rest/raw-message.js";

const registry: FileRegistry = createFileRegistry(fromBinary(FileDescriptorSetSchema, DESCRIPTOR_SET));
const messages = [...registry].filter((type): type is DescMessage => type.kind === "message");

function outlineOf({ fields }: Pick<DescMessage, "typeName"> & { fields: readonly unknown[] }) {
  // Both kinds of field have these members.
  return (fields as DescField[]).map(({ name, jsonName, localName, fieldKind, scalar, ...field }) => ({
    names: [name, jsonName, localName],
    fieldKind,
    scalar: fieldKind === "map" ? undefined : scalar,
    message: fieldKind === "map" ? undefined : field.message?.typeName,
    enum: field.enum && [field.enum.typeName, ...field.enum.values.map((value) => [value.name, value.number])],
  }));
}

interface HttpRule {
  readonly pattern: { readonly case?: string; readonly value?: unknown };
  readonly body: string;
  readonly additionalBindings: readonly HttpRule[];
}

const bindingsOf = ({ pattern, body, additionalBindings }: HttpRule): unknown[] => [
  { verb: pattern.case?.toUpperCase(), template: pattern.value, body },
  ...additionalBindings.flatMap(bindingsOf),
];

describe("the compiled protos", () => {
  test("have more than a hundred messages, so that comparing them says something", () => {
    expect(messages.length).toBeGreaterThan(100);
  });

  test.each(messages.map((message) => [message.typeName, message] as const))(
    "%s has the fields that the library finds",
    (typeName, message) => {
      expect(outlineOf(describeMessage(typeName))).toEqual(outlineOf(message));
    },
  );

  test.each(["google.iam.credentials.v1.IAMCredentials", "google.iam.admin.v1.IAM"])(
    "%s has the methods and HTTP rules that the library finds",
    (fullName) => {
      const http = registry.getExtension("google.api.http");
      const expected = registry.getService(fullName)?.methods.map((method) => {
        const rule = http && (getOption(method, http) as unknown as HttpRule); // what the extension's descriptor says it is
        return [method.name, method.input.typeName, method.output.typeName, rule && bindingsOf(rule)];
      });
      const actual = [...describeService(fullName)].map(([name, { input, output, bindings }]) => {
        return [name, input.typeName, output.typeName, bindings];
      });
      expect(actual).toEqual(expected);
      expect(actual.length).toBeGreaterThan(3);
    },
  );

  test("have no message and no service of another name", () => {
    expect(() => describeMessage("google.Nothing")).toThrow(new Error("the protos have no message google.Nothing"));
    expect(() => describeService("google.Nothing")).toThrow(new Error("the protos have no service google.Nothing"));
  });
});

describe("a message of which nothing is known", () => {
  test("has its last values by number, without what is neither bytes nor an integer", () => {
    const bytes = Buffer.from("0801 0803 1202 6869 1a01 78 21 0000000000000000 2d 00000000".replaceAll(" ", ""), "hex");
    const raw = readRawMessage(bytes);
    expect([...raw.keys()]).toEqual([1, 2, 3]);
    expect([numberAt(raw, 1), textAt(raw, 2), textAt(raw, 3)]).toEqual([3, "hi", "x"]);
    expect([numberAt(raw, 2), textAt(raw, 1), numberAt(raw, 9), textAt(raw, 9)]).toEqual([0, "", 0, ""]);
  });

  test("is refused when it ends in the middle of a value", () => {
    expect(() => readRawMessage(Buffer.from("12056869", "hex"))).toThrow(new RangeError("premature EOF"));
  });
});
