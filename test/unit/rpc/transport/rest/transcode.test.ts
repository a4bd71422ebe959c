// SPDX-License-Identifier: Apache-2.0
// From a message and an HTTP rule to a request line and body.

import { RequestError } from "../../../../../src/base/errors.js";
import { generateAccessToken, signBlob } from "../../../../../src/iam-credentials/methods.js";
import type { MessageFields } from "../../../../../src/messages/tables.js";
import type { HttpRule } from "../../../../../src/rpc/method/method.js";
import { transcode } from "../../../../../src/rpc/transport/rest/transcode.js";
import { messageOf, repeated } from "../../../../support/field-types.js";

const ALT = "%24alt=json%3Benum-encoding%3Dint";
const NAME = "projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com";

function rule(fields: MessageFields, ...bindings: HttpRule["bindings"]): HttpRule {
  return { bindings, request: fields, reply: {} };
}

/** The row's own rule, which is there. */
function ruleOf({ http }: { readonly http?: HttpRule }): HttpRule {
  if (http === undefined) throw new Error("the row has no HTTP rule");
  return http;
}

function problemOf(run: () => unknown): [field: string, message: string] {
  try {
    run();
  } catch (error) {
    if (error instanceof RequestError) return [error.field, error.message];
    throw error;
  }
  throw new Error("expected a RequestError");
}

it("writes GenerateAccessToken as Google's REST reference does", () => {
  const message = { name: NAME, delegates: [], scope: ["s"], lifetime: { seconds: "751", nanos: 0 } };
  expect(transcode(ruleOf(generateAccessToken), message)).toEqual({
    verb: "POST",
    target: `/v1/projects/-/serviceAccounts/robot%40p.iam.gserviceaccount.com:generateAccessToken?${ALT}`,
    body: '{"scope":["s"],"lifetime":"751s"}',
  });
});

it("writes bytes as base64 and keeps the path's field out of the body", () => {
  const { body } = transcode(ruleOf(signBlob), { name: NAME, delegates: ["d"], payload: Buffer.from([0xfb, 0xff]) });
  expect(body).toBe('{"delegates":["d"],"payload":"+/8="}');
});

test.each([
  ["", "name: must have the form projects/*/serviceAccounts/*"],
  ["projects/-/serviceAccounts/", "name: must have the form projects/*/serviceAccounts/*"],
  ["projects/-/serviceAccounts/a/keys/b", "name: must have the form projects/*/serviceAccounts/*"],
  ["x/projects/-/serviceAccounts/a", "name: must have the form projects/*/serviceAccounts/*"],
  ["projects/./serviceAccounts/a", 'name: has a segment "." or "..", which a URL cannot carry'],
  ["projects/-/serviceAccounts/..", 'name: has a segment "." or "..", which a URL cannot carry'],
])("refuses the name %j before anything is sent", (name, message) => {
  const account = { name, delegates: [], payload: Buffer.of(1) };
  expect(problemOf(() => transcode(ruleOf(signBlob), account))).toEqual(["name", message]);
});

it("percent-encodes all but unreserved characters and the slash", () => {
  const name = "a b/c%2e%2e/d?e#f&g=h+i!'()*:@é~_.-\ud800";
  const { target } = transcode(rule({ name: "string" }, { verb: "get", template: "/v1/{name=**}", body: undefined }), {
    name,
  });
  const path = "a%20b/c%252e%252e/d%3Fe%23f%26g%3Dh%2Bi%21%27%28%29%2A%3A%40%C3%A9~_.-%EF%BF%BD";
  expect(target).toBe(`/v1/${path}?${ALT}`);
  // What arrives is what was meant: URL parsers leave such a path alone.
  expect(new URL(target, "http://h").pathname).toBe(`/v1/${path}`);
});

it("puts what is neither in path nor body into the query: lists repeat, members have dots", () => {
  const fields: MessageFields = {
    name: "string",
    pageSize: "int32",
    views: repeated("string"),
    options: messageOf({ requestedPolicyVersion: "int32" }),
    account: messageOf({ displayName: "string" }),
  };
  const message = {
    name: "x",
    pageSize: 5,
    views: ["a b", "c"],
    options: { requestedPolicyVersion: 3 },
    account: { displayName: "d" },
  };
  const request = transcode(rule(fields, { verb: "put", template: "/v1/{name}:list", body: "account" }), message);
  expect(request.target).toBe(`/v1/x:list?pageSize=5&views=a%20b&views=c&options.requestedPolicyVersion=3&${ALT}`);
  expect(request.body).toBe('{"displayName":"d"}');
});

test.each([
  ["labels", { labels: [{ key: "a" }, { key: "b" }] }],
  ["options.labels", { options: { labels: [{ key: "a" }] } }],
])("refuses the list of messages %s in a query, and sends it in a body", (field, part) => {
  const labels = repeated(messageOf({ key: "string" }));
  const fields: MessageFields = { name: "string", labels, options: messageOf({ labels }) };
  const message = { name: "x", labels: [], options: undefined, ...part };
  const inQuery = rule(fields, { verb: "get", template: "/v1/{name}", body: undefined });
  const problem = `${field}: is an array of messages, which a query cannot carry`;
  expect(problemOf(() => transcode(inQuery, message))).toEqual([field, problem]);
  const inBody = rule(fields, { verb: "post", template: "/v1/{name}", body: "*" });
  expect(transcode(inBody, message).body).toContain('"labels":[{"key":"a"}');
});

it("takes only the leaf of a nested path field out of the body", () => {
  const fields: MessageFields = { serviceAccount: messageOf({ name: "string", displayName: "string" }) };
  const binding = { verb: "patch", template: "/v1/{service_account.name=projects/*}", body: "*" } as const;
  const request = transcode(rule(fields, binding), { serviceAccount: { name: "projects/p", displayName: "d" } });
  expect(request.target).toBe(`/v1/projects/p?${ALT}`);
  expect(request.body).toBe('{"serviceAccount":{"displayName":"d"}}');
});

it("takes the first binding that the message fits", () => {
  const bindings = ["roles/*", "projects/*/roles/*"].map(
    (pattern) => ({ verb: "get", template: `/v1/{name=${pattern}}`, body: undefined }) as const,
  );
  const both = rule({ name: "string" }, ...bindings);
  expect(transcode(both, { name: "projects/p/roles/r" }).target).toBe(`/v1/projects/p/roles/r?${ALT}`);
  expect(problemOf(() => transcode(both, { name: "x" }))).toEqual(["name", "name: must have the form roles/*"]);
});

it("sends an empty body field as an empty object", () => {
  const fields: MessageFields = { policy: messageOf({ version: "int32" }) };
  const { body } = transcode(rule(fields, { verb: "post", template: "/v1/x", body: "policy" }), { policy: undefined });
  expect(body).toBe("{}");
});

it("names the field that JSON cannot carry", () => {
  const message = { name: NAME, delegates: [], scope: [], lifetime: { seconds: "1", nanos: -1 } };
  expect(problemOf(() => transcode(ruleOf(generateAccessToken), message))).toEqual([
    "lifetime",
    "lifetime: must be a Duration",
  ]);
});
