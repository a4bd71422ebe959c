// SPDX-License-Identifier: Apache-2.0
// Which paths call which methods: the rules of the protos, and what the REST API has besides. Built on the first REST
// request.

import type { HttpBinding, MessageType } from "../../../messages/tables.js";
import { type BoundMethod, iamAdmin, iamCredentials, services } from "../../services/services.js";
import type { ExtraField, Message } from "../../world/proto-json/json-reader.js";
import { writeMessage } from "../../world/proto-json/json-writer.js";
import { parseFieldSelection, selectFields } from "./field-selection.js";
import { type JsonMethod, jsonMethods } from "./json-methods.js";
import { type RequestParts, readRequest } from "./request-message.js";
import type { SystemParameters } from "./system-parameters.js";

/** One way to call a method. */
export interface Route {
  /** The verb. Required. */
  readonly verb: string;
  /** The template of the path. Required. */
  readonly path: string;
  /** What is called. Required. */
  readonly bound: BoundMethod;
  /** Whether a request to the path is for this method, where methods of both services have the path. */
  isFor(host: string, body: Buffer): boolean;
  /** Makes the request, and checks the requested response form before anything is done. Throws a ServiceError. */
  read(parts: RequestParts, parameters: SystemParameters): unknown;
  /** Makes the JSON of the response. Throws a ServiceError. */
  write(response: unknown, parameters: SystemParameters): unknown;
  /** Makes the message of the response; undefined: there is none in protobuf. Required. */
  readonly encode: ((response: unknown) => Buffer) | undefined;
}

// In JSON but not in the proto; useEmailAzp is what Google's Node library sends.
const extraFields: Readonly<Record<string, readonly ExtraField[]>> = {
  "google.iam.credentials.v1.GenerateIdTokenRequest": [
    { jsonName: "organizationNumberIncluded", name: "organization_number_included" },
    { jsonName: "useEmailAzp", name: "use_email_azp" },
  ],
};

function writeResponse(type: MessageType, response: unknown, { enums, fields }: SystemParameters): unknown {
  const json = writeMessage(type, response as Message, enums); // the method's own response, see BoundMethod
  return fields === undefined ? json : selectFields(json, parseFieldSelection(type, fields));
}

// signBlob and signJwt are methods of both services. The host that the request names decides, for example `iam.googleapis.com`, or a
// field that only the deprecated signBlob of the admin API has. Otherwise it is the credentials API.
function chooseService(host: string, body: Buffer): string {
  const isAdmin =
    /^iam\./i.test(host) ||
    (!/^iamcredentials\./i.test(host) && /"bytes(ToSign|_to_sign)"/.test(body.toString("latin1")));
  return isAdmin ? iamAdmin.host : iamCredentials.host;
}

function buildRoute(bound: BoundMethod, binding: HttpBinding): Route {
  const { request, reply, responseSerialize } = bound.row;
  const extras = extraFields[request.typeName] ?? [];
  return {
    verb: binding.verb.toUpperCase(),
    path: binding.template,
    bound,
    isFor: (host, body) => chooseService(host, body) === bound.identity.service,
    read(parts, { fields }) {
      if (fields !== undefined) parseFieldSelection(reply, fields);
      return readRequest(request, binding, parts, extras);
    },
    write: (response, parameters) => writeResponse(reply, response, parameters),
    encode: responseSerialize,
  };
}

function buildJsonRoutes({ identity, scopes, method, templates }: JsonMethod): Route[] {
  const unused = (): never => {
    throw new Error(`${identity.method} has no form in protobuf`);
  };
  const none: MessageType = { kind: "message", typeName: "", fields: {} };
  const row = {
    path: "",
    requestDeserialize: unused,
    responseSerialize: unused,
    bindings: [],
    request: none,
    reply: none,
  };
  const bound = { identity, scopes, row, method };
  return templates.map((template) => ({
    verb: "GET",
    path: template,
    bound,
    isFor: () => true,
    read: ({ variables, query }) => ({ ...Object.fromEntries(query), ...Object.fromEntries(variables) }),
    write: (response) => response, // empty fields are kept, as observed
    encode: undefined,
  }));
}

// Version 1 of Resource Manager, which gcloud calls, has its own paths for projects' policies.
const olderBindings: Readonly<Record<string, readonly HttpBinding[]>> = Object.fromEntries(
  (["getIamPolicy", "setIamPolicy", "testIamPermissions"] as const).map((verb) => [
    `google.cloud.resourcemanager.v3.Projects.${verb[0]?.toUpperCase()}${verb.slice(1)}`,
    [{ verb: "post", template: `/v1/{resource=projects/*}:${verb}`, body: "*" }],
  ]),
);

function bindingsOf({ row, identity }: BoundMethod): readonly HttpBinding[] {
  return [...row.bindings, ...(olderBindings[identity.method] ?? [])];
}

/** Every way to call a method. */
export function openRoutes(): readonly Route[] {
  return [
    ...services.flatMap(({ methods }) =>
      methods.flatMap((bound) => bindingsOf(bound).map((binding) => buildRoute(bound, binding))),
    ),
    ...jsonMethods.flatMap(buildJsonRoutes),
  ];
}
