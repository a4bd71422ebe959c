// SPDX-License-Identifier: Apache-2.0
// The table from HTTP requests to methods: the rules of the protos, and what the REST API has beside them. Built with the
// first REST request.

import { allowedLocationsTemplates, getAllowedLocations } from "../../services/iam-credentials/allowed-locations.js";
import { type BoundMethod, iamAdmin, iamCredentials, services } from "../../services/services.js";
import { type DescMessage, describeService, type HttpBinding } from "./descriptors.js";
import { parseFieldSelection, selectFields } from "./field-selection.js";
import type { ExtraField, Message } from "./json-reader.js";
import { writeMessage } from "./json-writer.js";
import { type PathTemplate, parsePathTemplate } from "./path-template.js";
import { type RequestParts, readRequest } from "./request-message.js";
import type { SystemParameters } from "./system-parameters.js";

/** One way to call a method. */
export interface Route {
  /** The verb. Required. */
  readonly verb: string;
  /** The path. Required. */
  readonly path: PathTemplate;
  /** What is called. Required. */
  readonly bound: BoundMethod;
  /** Makes the request, and checks what is wanted of the response before anything is done. Throws a ServiceError. */
  read(parts: RequestParts, parameters: SystemParameters): unknown;
  /** Makes the JSON of the response. Throws a ServiceError. */
  write(response: unknown, parameters: SystemParameters): unknown;
  /** Makes the message of the response; undefined: there is none in protobuf. Required. */
  readonly encode: ((response: unknown) => Buffer) | undefined;
}

/** A route and what its path says. */
export interface RouteMatch {
  /** The route. Required. */
  readonly route: Route;
  /** What the path's variables are. Required. */
  readonly variables: ReadonlyMap<string, string>;
}

// In JSON and not in the proto; useEmailAzp is what Google's Node library sends.
const extraFields: Readonly<Record<string, readonly ExtraField[]>> = {
  "google.iam.credentials.v1.GenerateIdTokenRequest": [
    { jsonName: "organizationNumberIncluded", name: "organization_number_included" },
    { jsonName: "useEmailAzp", name: "use_email_azp" },
  ],
};

function writeResponse(desc: DescMessage, response: unknown, { enums, fields }: SystemParameters): unknown {
  const json = writeMessage(desc, response as Message, enums); // the method's own response, see BoundMethod
  return fields === undefined ? json : selectFields(json, parseFieldSelection(desc, fields));
}

function buildRoute(bound: BoundMethod, binding: HttpBinding, input: DescMessage, output: DescMessage): Route {
  const extras = extraFields[input.typeName] ?? [];
  return {
    verb: binding.verb,
    path: parsePathTemplate(binding.template),
    bound,
    read(parts, { fields }) {
      if (fields !== undefined) parseFieldSelection(output, fields);
      return readRequest(input, binding, parts, extras);
    },
    write: (response, parameters) => writeResponse(output, response, parameters),
    encode: bound.row.responseSerialize,
  };
}

function buildLocationRoutes(): Route[] {
  const unused = (): never => {
    throw new Error("allowedLocations has no form in protobuf");
  };
  const identity = {
    method: "google.iam.credentials.v1.IAMCredentials.GetAllowedLocations",
    service: iamCredentials.host,
  };
  const row = { path: "", requestDeserialize: unused, responseSerialize: unused };
  // Its request is what `read` below makes.
  const bound = { identity, row, method: getAllowedLocations as unknown as BoundMethod["method"] };
  return allowedLocationsTemplates.map((template) => ({
    verb: "GET",
    path: parsePathTemplate(template),
    bound,
    read: ({ variables }) => ({ name: variables.get("name") ?? "" }),
    write: (response) => response, // empty fields are not left out, as seen
    encode: undefined,
  }));
}

let table: readonly Route[] | undefined;

function openTable(): readonly Route[] {
  table ??= [
    ...services.flatMap(({ fullName, methods }) => {
      const described = describeService(fullName);
      return methods.flatMap((bound) => {
        const wire = described.get(bound.method.name);
        if (wire === undefined) throw new Error(`the protos have no method ${bound.identity.method}`);
        return wire.bindings.map((binding) => buildRoute(bound, binding, wire.input, wire.output));
      });
    }),
    ...buildLocationRoutes(),
  ];
  return table;
}

/** The routes that a request could mean, none when its path is unknown: signBlob and signJwt are methods of both services. */
export function matchRoutes(verb: string, path: string): readonly RouteMatch[] {
  return openTable().flatMap((route) => {
    const variables = route.verb === verb ? route.path.match(path) : undefined;
    return variables === undefined ? [] : [{ route, variables }];
  });
}

/**
 * Chooses between the services where both have the path: by the host that the request names, `iam.googleapis.com` for one, or
 * by a field that only the deprecated signBlob of the admin API has. Otherwise it is the credentials API.
 */
export function chooseRoute(matches: readonly RouteMatch[], host: string, body: string): RouteMatch | undefined {
  const [first, second] = matches;
  if (second === undefined) return first;
  const isAdmin = /^iam\./i.test(host) || (!/^iamcredentials\./i.test(host) && /"bytes(ToSign|_to_sign)"/.test(body));
  const service = isAdmin ? iamAdmin.host : iamCredentials.host;
  return matches.find(({ route }) => route.bound.identity.service === service);
}
