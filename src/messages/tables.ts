// SPDX-License-Identifier: Apache-2.0
// The types of what tools/protoc-gen-rows.cjs generates: tables of messages and enums, and rows of services. Data that both sides of a
// call read, each with its own codec. Knows no runtime.

/** A protobuf scalar. 64-bit integers are decimal text in memory, as the generated stubs have them. */
export type ScalarType = "string" | "bool" | "bytes" | "int32" | "uint32" | "int64" | "uint64" | "float" | "double";

/** A message of google.protobuf with its own JSON form; `json`: Struct, Value or ListValue, which are plain JSON in memory too. */
export type WellKnownType = "duration" | "timestamp" | "fieldMask" | "any" | "json";

/** An enum. In memory, its number. */
export interface EnumType {
  /** Says that it is an enum. */
  readonly kind: "enum";
  /** Its full name: `google.iam.admin.v1.RoleView`. */
  readonly typeName: string;
  /** Number by name, in the order of the proto. */
  readonly values: Readonly<Record<string, number>>;
}

/** A message. */
export interface MessageType {
  /** Says that it is a message. */
  readonly kind: "message";
  /** Its full name: `google.iam.v1.Policy`. */
  readonly typeName: string;
  /** Its fields, in the order of the proto. */
  readonly fields: MessageFields;
}

/** The type of one value. */
export type SingularType = ScalarType | WellKnownType | EnumType | MessageType;

/** A list. */
export interface RepeatedType {
  /** Says that it is a list. */
  readonly kind: "repeated";
  /** The type of its values. */
  readonly of: SingularType;
}

/** A map, in memory an object. Its keys are text in JSON, whatever they are in the proto. */
export interface MapType {
  /** Says that it is a map. */
  readonly kind: "map";
  /** The type of its values. */
  readonly of: SingularType;
}

/** A scalar or enum that can be absent (`optional`, a member of a `oneof`, a wrapper); absent is `undefined` in memory. */
export interface OptionalType {
  /** Says that it can be absent. */
  readonly kind: "optional";
  /** The type of its value. */
  readonly of: ScalarType | EnumType;
}

/** The type of a field. A bare scalar or enum has no presence: its default is not sent. */
export type FieldType = SingularType | RepeatedType | MapType | OptionalType;

/** The fields of a message by their names in memory, which are their JSON names: `{ accessToken: "string" }`. */
export type MessageFields = Readonly<Record<string, FieldType>>;

/** One way to write a method as an HTTP request. Source: google/api/http.proto. */
export interface HttpBinding {
  /** The HTTP method. */
  readonly verb: "get" | "put" | "post" | "delete" | "patch";
  /** The path with its variables: `/v1/{name=shelves/*}:sort`. */
  readonly template: string;
  /** `"*"`: all fields that are not in the path; the JSON name of one field; `undefined`: no body, fields go into the query. */
  readonly body: string | undefined;
}

/** A part of the routing header. Source: AIP-4222. */
export interface RoutingParameter {
  /** The field, by its path in the proto: `service_account.name`. */
  readonly field: string;
  /** The form of its value, whose one variable is sent: `{database=projects/*}/**`. Default: the whole value, under the field's path. */
  readonly template?: string;
}

/** What the proto says of a method besides its codecs. */
export interface MethodTables {
  /** The request message. */
  readonly request: MessageType;
  /** The reply message. */
  readonly reply: MessageType;
  /** Its HTTP bindings; the first one that a request fits is used; empty: it cannot be called over HTTP. */
  readonly bindings: readonly HttpBinding[];
  /** What the routing header is made of. */
  readonly routing: readonly RoutingParameter[];
  /** The field with the items of a page; `undefined`: it is not paged. Source: AIP-158. */
  readonly items?: string;
  /** Whether the proto marks it as deprecated. Default: false. */
  readonly deprecated?: boolean;
}

/** The encoder of a stub's request without its last step, so that many requests can share one writer. */
type EncoderOf<Stub> = Stub extends { requestSerialize(message: infer Message): unknown }
  ? {
      /** Writes a request. `writer`: a `BinaryWriter` of `@bufbuild/protobuf/wire`, a type that no declaration here names. */
      readonly requestEncode: (message: Message, writer: never) => unknown;
    }
  : unknown;

/** A generated service: its stubs, each with its tables. `Items` names the field with the items, for paged methods. */
export type RowsOf<Service, Items = Readonly<Record<never, string>>> = {
  readonly [Method in keyof Service]: Service[Method] &
    MethodTables &
    EncoderOf<Service[Method]> &
    (Method extends keyof Items ? { readonly items: Items[Method] } : unknown);
};
