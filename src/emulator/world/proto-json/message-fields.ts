// SPDX-License-Identifier: Apache-2.0
// The fields of a message by both of their names, from the generated tables. Knows no JSON and no message.

import type { FieldType, MessageType, SingularType } from "../../../messages/tables.js";

/** A field. */
export interface Field {
  /** Its name in JSON, which is its name in memory. Required. */
  readonly jsonName: string;
  /** Its name in the proto. Required. */
  readonly name: string;
  /** What it holds. Required. */
  readonly type: FieldType;
}

const known = new WeakMap<MessageType, readonly Field[]>();

/** The fields of a message, in the order of the proto. */
export function fieldsOf(message: MessageType): readonly Field[] {
  let fields = known.get(message);
  if (fields === undefined) {
    fields = Object.entries(message.fields).map(([jsonName, type]) => ({
      jsonName,
      name: protoNameOf(jsonName),
      type,
    }));
    known.set(message, fields);
  }
  return fields;
}

// protoc's rule for names in JSON, reversed.
function protoNameOf(jsonName: string): string {
  return jsonName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The field of a name, in either spelling; undefined when there is none. */
export function findField(message: MessageType, name: string): Field | undefined {
  return fieldsOf(message).find((field) => field.jsonName === name || field.name === name);
}

/** What a field holds; of a list, map or optional field, what is in it. */
export function elementOf(type: FieldType): SingularType {
  return typeof type === "object" && "of" in type ? type.of : type;
}

/** The message that a field holds, be it in a list or map; undefined when it holds none. */
export function messageIn(type: FieldType): MessageType | undefined {
  const element = elementOf(type);
  return typeof element === "object" && element.kind === "message" ? element : undefined;
}

/** Whether a field holds one message. */
export function isMessage(type: FieldType): type is MessageType {
  return typeof type === "object" && type.kind === "message";
}

/** Whether a field holds a list. */
export function isList(type: FieldType): boolean {
  return typeof type === "object" && type.kind === "repeated";
}
