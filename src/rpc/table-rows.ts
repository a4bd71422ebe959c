// SPDX-License-Identifier: Apache-2.0
// Rows of a method table that follow from a stub, its HTTP rule, the tables of its messages and the checks of single fields. Knows
// no service.

import type { MessageFields } from "../messages/message-fields.js";
import { type FieldChecks, messageFromPlain, plainFromMessage } from "../messages/plain-messages.js";
import type { HttpBinding, MethodRow, PagedRow } from "./method.js";
import { NO_RETRY, type RetryPolicy } from "./retry/policy.js";

/** What a row needs of a generated method. */
export interface TableStub<Message, Reply> {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** Protobuf bytes of a request. */
  requestSerialize(message: Message): Buffer;
  /** The reply in protobuf bytes. */
  responseDeserialize(bytes: Buffer): Reply;
}

/** What a row has beside its stub. The compiler sees to it that the tables lack no field of the wire, of the request or of the response. */
export interface TableParts<Request, Message, Reply, Response> {
  /** How it goes over HTTP. The variables of the first path are the fields of the routing header, as AIP-4222 has it. Required. */
  readonly bindings: readonly HttpBinding[];
  /** The fields of the request. Required. */
  readonly request: MessageFields<Message> & MessageFields<Request>;
  /** What is looked at beyond their types, and made canonical. Default: nothing. */
  readonly checks?: FieldChecks<Message>;
  /** Fills in what a caller may leave out. Default: nothing. */
  prepare?(request: unknown): unknown;
  /** The fields of the reply. Required. */
  readonly reply: MessageFields<Reply> & MessageFields<Response>;
  /** When to make another attempt. Default: never, since only who knows the method knows whether it may be repeated. */
  readonly retry?: RetryPolicy;
}

/** A row from what a caller writes to what a caller gets; the types of the wire follow from the stub. */
export function rowOf<Request, Response>() {
  return <Message, Reply extends object>(
    { path, requestSerialize, responseDeserialize }: TableStub<Message, Reply>,
    {
      bindings,
      request: fields,
      checks,
      prepare,
      reply,
      retry = NO_RETRY,
    }: TableParts<Request, Message, Reply, Response>,
  ): MethodRow<Request, Message, Reply, Response> => {
    const [, service = "", method = ""] = /([^./]+)\/([^/]+)$/.exec(path) ?? [];
    const variables = Array.from(bindings[0]?.template.matchAll(/\{([^=}]+)/g) ?? [], ([, field = ""]) => field);
    return {
      label: `${service}.${method}`,
      path,
      encode: requestSerialize,
      decode: responseDeserialize,
      http: { bindings, request: fields, reply },
      normalize: (request) => messageFromPlain(fields, prepare ? prepare(request) : request, checks),
      respond: (message) => plainFromMessage(reply, message) as Response, // as: the table says how it is read, the service as what
      routing: (message) => variables.map((field) => [field, textAt(message, field)]),
      timeoutMs: 60_000, // what Google publishes for most; a method without a published one must end too
      retry,
    };
  };
}

/** A row whose response is a page of a list. */
export function pagedRowOf<Request, Response, Item>(items: (response: Response) => readonly Item[]) {
  return <Message, Reply extends object>(
    stub: TableStub<Message, Reply>,
    parts: TableParts<Request, Message, Reply, Response>,
  ): PagedRow<Request, Message, Reply, Response, Item> => ({ ...rowOf<Request, Response>()(stub, parts), items });
}

/** A row whose reply is empty. */
export function emptyRowOf<Request>() {
  return <Message>(
    stub: TableStub<Message, object>,
    parts: Omit<TableParts<Request, Message, object, void>, "reply">,
  ): MethodRow<Request, Message, object, void> => ({
    ...rowOf<Request, void>()(stub, { ...parts, reply: {} }),
    respond: () => undefined,
  });
}

/** The HTTP rule of a verb and body, for a path. */
export function via(verb: HttpBinding["verb"], body?: string): (template: string) => readonly HttpBinding[] {
  return (template) => [{ verb, template, body }];
}

/** The text at a path of proto names: `service_account.name`. */
function textAt(message: unknown, path: string): string {
  const names = path.split(".").map((name) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
  return String(names.reduce((value: unknown, name) => Object(value)[name], message) ?? "");
}
