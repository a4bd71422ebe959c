// SPDX-License-Identifier: Apache-2.0
// Turns a generated method into a row of a method table. Knows ts-proto's form (outputServices=grpc-js), which is grpc-js's, and the tables
// that tools/protoc-gen-rows.cjs adds; knows no service.

import { ConfigurationError } from "../../base/errors.js";
import { jsonNameOf } from "../../messages/json-names.js";
import type { MessageFields, MethodTables, RoutingParameter } from "../../messages/tables.js";
import { NO_RETRY, type RetryOptions, resolveRetryPolicy } from "../retry/policy.js";
import { checkReplyFields } from "./incomplete-reply.js";
import type { HttpRule, MethodRow, PagedRow, StreamKind, StreamRow } from "./method.js";

/**
 * A method as ts-proto (and any generator for grpc-js) makes it. With the tables of a generated row it also works over HTTP and has a
 * routing header; with `items` it returns a list.
 */
export interface MethodStub<Message, Reply> extends Partial<MethodTables> {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** Whether the client sends more than one message. */
  readonly requestStream: boolean;
  /** Whether the server does. */
  readonly responseStream: boolean;
  /** Protobuf bytes of a request. */
  requestSerialize(message: Message): Buffer;
  /** The same, into a writer of `@bufbuild/protobuf/wire`, as in generated rows. Default: not used. */
  requestEncode?(message: Message, writer: never): unknown;
  /** The reply from protobuf bytes. */
  responseDeserialize(bytes: Buffer): Reply;
}

/** What a row has besides its stub. */
export interface RowOptions<Request, Message, Reply, Response> {
  /** Checks a request and makes a whole message of it. `fields`: the table of the message. Default: the request is the message. */
  readonly normalize?: (request: Request, fields: MessageFields) => Message;
  /** What the caller gets for a reply. `fields`: the table of the reply. Default: the reply. */
  readonly respond?: (reply: Reply, fields: MessageFields) => Response;
  /**
   * Fields that a reply must have: a call whose reply lacks one, or has it empty, fails with INTERNAL. Default: none.
   */
  readonly required?: readonly (keyof Reply & string)[];
  /**
   * Fields for the routing header, by their proto names, of a call with a single request. Default: those that the stub's tables name;
   * without tables, none. Source: AIP-4222.
   */
  readonly routing?: (message: Message) => readonly (readonly [field: string, value: string])[];
  /**
   * The total deadline in milliseconds if a call sets none; `Infinity`: none. Default: 60,000, as Google's own services
   * have; a stream that lives longer must set this.
   */
  readonly timeout?: number;
  /**
   * When to retry if a call does not say; `{}`: as our own methods do. Default: `false`, never, because only
   * someone who knows the method knows whether it may be repeated.
   */
  readonly retry?: RetryOptions | false;
}

/** Which side of a stub streams. */
type KindOf<Stub> = Stub extends { readonly requestStream: true }
  ? Stub extends { readonly responseStream: true }
    ? "bidi"
    : "clientStream"
  : Stub extends { readonly responseStream: true }
    ? "serverStream"
    : "unary";

/** The row of a stub. */
type RowOf<Stub, Request, Message, Reply, Response> =
  KindOf<Stub> extends infer Kind extends StreamKind
    ? StreamRow<Request, Message, Reply, Response, Kind>
    : Stub extends { readonly items: infer Items extends string }
      ? PagedRow<Request, Message, Reply, Response, ItemOf<Response, Items>>
      : MethodRow<Request, Message, Reply, Response>;

/** The type of the items of a page. */
type ItemOf<Page, Items extends string> = Page extends { readonly [Field in Items]: readonly (infer Item)[] }
  ? Item
  : never;

/**
 * The row of a generated method, for {@link createServiceClient}.
 *
 * @throws ConfigurationError naming the option that is wrong
 *
 * @example
 * const rows = { watch: rowFromStub(WeatherServiceRows.watch, { timeout: Infinity, retry: {} }) };
 */
export function rowFromStub<
  const Stub extends { readonly requestStream: boolean; readonly responseStream: boolean },
  Message,
  Reply,
  Request = Message,
  Response = Reply,
>(
  stub: Stub & MethodStub<Message, Reply>,
  options: RowOptions<Request, NoInfer<Message>, NoInfer<Reply>, Response> = {},
): RowOf<Stub, Request, Message, Reply, Response> {
  if ("http" in options) {
    throw new ConfigurationError(
      "http: is no longer an option; pass rowFromStub the rows that the plugin protoc-gen-service-rows generates from your protos",
    );
  }
  const { normalize, respond, required, timeout = 60_000, retry = false } = options;
  if (!(typeof timeout === "number" && timeout > 0)) {
    throw new ConfigurationError(
      `timeout: must be a positive number of milliseconds, or Infinity for none, not ${String(timeout)}`,
    );
  }
  const [, service = "", method = ""] = /([^./]+)\/([^/]+)$/.exec(stub.path) ?? [];
  const { items } = stub;
  const http = httpRuleOf(stub);
  const answer = respond === undefined ? same : (reply: Reply) => respond(reply, stub.reply?.fields ?? {});
  const row = {
    kind: kindOf(stub),
    label: `${service}.${method}`,
    path: stub.path,
    encode: stub.requestSerialize,
    ...(stub.requestEncode === undefined ? {} : { encodeInto: stub.requestEncode }),
    decode: stub.responseDeserialize,
    normalize: normalize === undefined ? same : (request: Request) => normalize(request, stub.request?.fields ?? {}),
    respond:
      required === undefined
        ? answer
        : (reply: Reply) => {
            checkReplyFields(reply, required);
            return answer(reply);
          },
    routing: options.routing ?? routingOf(stub.routing ?? []),
    timeoutMs: timeout,
    retry: resolveRetryPolicy(NO_RETRY, retry, "retry"),
    ...(http === undefined ? {} : { http }),
    ...(items === undefined ? {} : { items: (page: object) => Reflect.get(page, items) }),
  };
  return Object.freeze(row) as unknown as RowOf<Stub, Request, Message, Reply, Response>; // as: a conditional type of the stub's constants
}

function kindOf({ requestStream, responseStream }: MethodStub<never, unknown>): StreamKind | "unary" {
  if (requestStream) return responseStream ? "bidi" : "clientStream";
  return responseStream ? "serverStream" : "unary";
}

function httpRuleOf({ bindings = [], request, reply }: Partial<MethodTables>): HttpRule | undefined {
  if (bindings.length === 0 || request === undefined || reply === undefined) return undefined;
  return { bindings, request: request.fields, reply: reply.fields };
}

function same<Value>(value: Value): Value {
  return value;
}

/** The fields of a message for the routing header. If two parameters have one key, the last that matches wins. Source: AIP-4222. */
function routingOf(parameters: readonly RoutingParameter[]) {
  const readers = parameters.map(readerOf);
  const [only, second] = readers;
  return (message: unknown): readonly (readonly [field: string, value: string])[] => {
    // Most methods have one.
    if (only !== undefined && second === undefined) {
      const pair = only(message);
      return pair === undefined ? [] : [pair];
    }
    const pairs = readers.map((read) => read(message)).filter((pair) => pair !== undefined);
    return pairs.filter(([key], index) => !pairs.slice(index + 1).some(([later]) => later === key));
  };
}

type RoutingReader = (message: unknown) => readonly [key: string, value: string] | undefined;

function readerOf({ field, template }: RoutingParameter): RoutingReader {
  const names = field.split(".").map(jsonNameOf);
  const textIn = (message: unknown) =>
    String(names.reduce((value: unknown, name) => Object(value)[name], message) ?? "");
  if (template === undefined) return (message) => [field, textIn(message)];
  const [, before = "", key = "", pattern = "**", after = ""] =
    /^(.*)\{([^=}]+)(?:=([^}]*))?\}(.*)$/.exec(template) ?? [];
  const form = new RegExp(`^${sourceOf(before)}(${sourceOf(pattern)})${sourceOf(after)}$`);
  return (message) => {
    const value = form.exec(textIn(message))?.[1];
    return value === undefined || value === "" ? undefined : [key, value];
  };
}

/** `*` is one segment, `**` any number of them, including none. */
function sourceOf(pattern: string): string {
  const source = pattern
    .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
    .replace(/\*\*|\*/g, (star) => (star === "*" ? "[^/]+" : ".*"));
  return source.replace(/\/\.\*$/, "(?:/.*)?");
}
