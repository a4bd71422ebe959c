// SPDX-License-Identifier: Apache-2.0
// What messages and fields the compiled protos have, and which HTTP rules the methods. Reads them itself, since a library for
// descriptors takes most of the time of the first REST request. Knows no JSON. Loaded with that request.

import { DESCRIPTOR_SET } from "../../../../generated/descriptor-set.js";
import { messagesAt, numberAt, type RawMessage, readRawMessage, textAt } from "./raw-message.js";

/** An enum. */
export interface DescEnum {
  /** Its full name. Required. */
  readonly typeName: string;
  /** Its values, in the order of the proto. Required. */
  readonly values: readonly { readonly name: string; readonly number: number }[];
}

/** A message. */
export interface DescMessage {
  /** Its full name. Required. */
  readonly typeName: string;
  /** Its fields, in the order of the proto. Required. */
  readonly fields: readonly DescField[];
}

/** The names of a field. */
interface FieldNames {
  /** In the proto. Required. */
  readonly name: string;
  /** In JSON. Required. */
  readonly jsonName: string;
  /** In the generated code. Required. */
  readonly localName: string;
}

/** What a field holds. Of a list, what its items are. */
type FieldContent =
  | { readonly fieldKind: "scalar"; readonly scalar: number; readonly enum?: undefined; readonly message?: undefined }
  | { readonly fieldKind: "enum"; readonly enum: DescEnum; readonly scalar?: undefined; readonly message?: undefined }
  | {
      readonly fieldKind: "message";
      readonly message: DescMessage;
      readonly scalar?: undefined;
      readonly enum?: undefined;
    }
  | {
      readonly fieldKind: "list" | "map";
      readonly scalar?: number | undefined;
      readonly enum?: DescEnum | undefined;
      readonly message?: DescMessage | undefined;
    };

/** A field. Scalars are numbered as in google.protobuf.FieldDescriptorProto.Type. */
export type DescField = FieldNames & FieldContent;

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

// The numbers of fields. Source: google/protobuf/descriptor.proto, google/api/annotations.proto and http.proto.
const FileSet = { file: 1 } as const;
const File = { package: 2, messages: 4, enums: 5, services: 6 } as const;
const Message = { name: 1, fields: 2, messages: 3, enums: 4, options: 7 } as const;
const MessageOptions = { mapEntry: 7 } as const;
const Field = { name: 1, label: 4, type: 5, typeName: 6, jsonName: 10 } as const;
const Enum = { name: 1, values: 2 } as const;
const EnumValue = { name: 1, number: 2 } as const;
const Service = { name: 1, methods: 2 } as const;
const Method = { name: 1, input: 2, output: 3, options: 4 } as const;
const MethodOptions = { http: 72_295_728 } as const;
const Rule = { body: 7, additionalBindings: 11 } as const;
const verbs: Readonly<Record<number, string>> = { 2: "GET", 3: "PUT", 4: "POST", 5: "DELETE", 6: "PATCH" };

const REPEATED = 3;
const TYPE_MESSAGE = 11;
const TYPE_ENUM = 14;

// By full name, as they are on the wire.
interface Index {
  readonly messages: Map<string, RawMessage>;
  readonly enums: Map<string, RawMessage>;
  readonly services: Map<string, RawMessage>;
}

function indexMessages(index: Index, scope: string, messages: readonly RawMessage[]): void {
  for (const message of messages) {
    const typeName = `${scope}.${textAt(message, Message.name)}`;
    index.messages.set(typeName, message);
    indexEnums(index, typeName, messagesAt(message, Message.enums));
    indexMessages(index, typeName, messagesAt(message, Message.messages));
  }
}

function indexEnums(index: Index, scope: string, enums: readonly RawMessage[]): void {
  for (const each of enums) index.enums.set(`${scope}.${textAt(each, Enum.name)}`, each);
}

let opened: Index | undefined;

function openIndex(): Index {
  if (opened !== undefined) return opened;
  opened = { messages: new Map(), enums: new Map(), services: new Map() };
  for (const file of messagesAt(readRawMessage(DESCRIPTOR_SET), FileSet.file)) {
    const scope = textAt(file, File.package);
    indexMessages(opened, scope, messagesAt(file, File.messages));
    indexEnums(opened, scope, messagesAt(file, File.enums));
    for (const service of messagesAt(file, File.services)) {
      opened.services.set(`${scope}.${textAt(service, Service.name)}`, service);
    }
  }
  return opened;
}

function find(all: ReadonlyMap<string, RawMessage>, what: string, fullName: string): RawMessage {
  const found = all.get(fullName);
  if (found === undefined) throw new Error(`the protos have no ${what} ${fullName}`);
  return found;
}

// References begin with a dot.
const withoutDot = (reference: string) => reference.slice(1);

function describeEnum(typeName: string): DescEnum {
  const values = messagesAt(find(openIndex().enums, "enum", typeName), Enum.values).map((value) => ({
    name: textAt(value, EnumValue.name),
    number: numberAt(value, EnumValue.number),
  }));
  return { typeName, values };
}

function isMapEntry(typeName: string): boolean {
  const [options] = messagesAt(find(openIndex().messages, "message", typeName), Message.options);
  return options !== undefined && numberAt(options, MessageOptions.mapEntry) === 1;
}

function describeContent(field: RawMessage): FieldContent {
  const type = numberAt(field, Field.type);
  const typeName = withoutDot(textAt(field, Field.typeName));
  const isList = numberAt(field, Field.label) === REPEATED;
  if (type === TYPE_MESSAGE) {
    const message = describeMessage(typeName);
    if (!isList) return { fieldKind: "message", message };
    return { fieldKind: isMapEntry(typeName) ? "map" : "list", message };
  }
  if (type === TYPE_ENUM) return { fieldKind: isList ? "list" : "enum", enum: describeEnum(typeName) };
  return { fieldKind: isList ? "list" : "scalar", scalar: type };
}

function describeField(field: RawMessage): DescField {
  const name = textAt(field, Field.name);
  // protoc's rule for names in JSON, which the generated code follows, too: an underscore goes, the letter behind it is a capital.
  const localName = name.replace(/_(.?)/g, (_, letter: string) => letter.toUpperCase());
  return { name, jsonName: textAt(field, Field.jsonName), localName, ...describeContent(field) };
}

const described = new Map<string, DescMessage>();

/**
 * The message of a name.
 *
 * @throws Error when the protos have none
 */
export function describeMessage(typeName: string): DescMessage {
  const known = described.get(typeName);
  if (known !== undefined) return known;
  const raw = find(openIndex().messages, "message", typeName);
  const fields: DescField[] = [];
  const message = { typeName, fields };
  described.set(typeName, message); // before its fields, which may be of its own type
  fields.push(...messagesAt(raw, Message.fields).map(describeField));
  return message;
}

function readRule(rule: RawMessage): HttpBinding[] {
  const body = textAt(rule, Rule.body);
  const own = Object.entries(verbs).map(([number, verb]) => ({ verb, template: textAt(rule, Number(number)), body }));
  const additional = messagesAt(rule, Rule.additionalBindings).flatMap(readRule);
  return [...own.filter(({ template }) => template !== ""), ...additional];
}

/**
 * The methods of a service, by name.
 *
 * @throws Error when the protos have no such service
 */
export function describeService(fullName: string): ReadonlyMap<string, WireMethod> {
  const methods = messagesAt(find(openIndex().services, "service", fullName), Service.methods);
  return new Map(
    methods.map((method) => {
      const options = messagesAt(method, Method.options);
      const [input, output] = [Method.input, Method.output].map((side) => textAt(method, side));
      return [
        textAt(method, Method.name),
        {
          input: describeMessage(withoutDot(input ?? "")),
          output: describeMessage(withoutDot(output ?? "")),
          bindings: options.flatMap((each) => messagesAt(each, MethodOptions.http)).flatMap(readRule),
        },
      ];
    }),
  );
}
