// SPDX-License-Identifier: Apache-2.0
// From HTTP answers to errors: Google's form, and everything that stands in its place.

import type { RpcError } from "../../../../../src/base/errors.js";
import type { SentRequest } from "../../../../../src/base/secrets/mask-sent.js";
import { rpcErrorFromHttp } from "../../../../../src/rpc/transport/rest/rest-status.js";

const SENT = { metadata: [["authorization", "Bearer planted"]], body: undefined } as const;

function errorOf(status: number, body: unknown, contentType = "application/json", sent: SentRequest = SENT): RpcError {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const headers = { "x-request-id": "7", ...(contentType === "" ? {} : { "content-type": contentType }) };
  const answer = { status, headers, text, isWhole: true };
  return rpcErrorFromHttp({ answer, host: "h:443", sent }, "IAMCredentials.SignJwt");
}

it("keeps code, text, details and reason of Google's form", () => {
  const info = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    reason: "IAM_PERMISSION_DENIED",
    domain: "iam.googleapis.com",
    metadata: { permission: "iam.serviceAccounts.signJwt" },
  };
  const error = errorOf(403, {
    error: {
      code: 403,
      message: "No.",
      status: "PERMISSION_DENIED",
      errors: [{ reason: "forbidden" }],
      details: [info],
    },
  });
  expect(error).toMatchObject({
    code: 7,
    status: "PERMISSION_DENIED",
    message: "IAMCredentials.SignJwt: PERMISSION_DENIED: No.",
    transport: "rest",
    details: [info],
    reason: "IAM_PERMISSION_DENIED",
    domain: "iam.googleapis.com",
    errorMetadata: { permission: "iam.serviceAccounts.signJwt" },
  });
  expect(error.trailers).toEqual(
    new Map([
      ["x-request-id", ["7"]],
      ["content-type", ["application/json"]],
    ]),
  );
});

// google/rpc/code.proto names the HTTP code of each; where several share one, the body's status decides.
test.each([
  [400, "INVALID_ARGUMENT"],
  [401, "UNAUTHENTICATED"],
  [403, "PERMISSION_DENIED"],
  [404, "NOT_FOUND"],
  [408, "DEADLINE_EXCEEDED"],
  [409, "ABORTED"],
  [412, "FAILED_PRECONDITION"],
  [413, "RESOURCE_EXHAUSTED"],
  [416, "OUT_OF_RANGE"],
  [418, "FAILED_PRECONDITION"],
  [429, "RESOURCE_EXHAUSTED"],
  [499, "CANCELLED"],
  [500, "INTERNAL"],
  [501, "UNIMPLEMENTED"],
  [502, "UNAVAILABLE"],
  [503, "UNAVAILABLE"],
  [504, "DEADLINE_EXCEEDED"],
  [507, "INTERNAL"],
  [302, "UNKNOWN"],
])("HTTP %i without a status in its body is %s", (httpStatus, status) => {
  const error = errorOf(httpStatus, "{}");
  expect(error.status).toBe(status);
  expect(error.message).toContain(`h:443 answered HTTP ${httpStatus} with a body that is not a google.rpc.Status`);
});

it("believes the status in the body more than the HTTP code", () => {
  expect(errorOf(409, { error: { status: "ALREADY_EXISTS", message: "there" } }).status).toBe("ALREADY_EXISTS");
  expect(errorOf(400, { error: { status: "FAILED_PRECONDITION", message: "not yet" } }).status).toBe(
    "FAILED_PRECONDITION",
  );
});

test.each(["OK", "NEWER", 7, null])("falls back on the HTTP code where the body says %j", (status) => {
  expect(errorOf(404, { error: { status, message: "m" } })).toMatchObject({
    code: 5,
    message: "IAMCredentials.SignJwt: NOT_FOUND: m",
  });
});

it("takes the error of a list of one, as server-streaming methods send it", () => {
  expect(errorOf(404, [{ error: { status: "NOT_FOUND", message: "gone" } }]).message).toBe(
    "IAMCredentials.SignJwt: NOT_FOUND: gone",
  );
});

it("survives Google's HTML page and quotes its title alone", () => {
  const page = "<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title><p>lots of text</html>";
  expect(errorOf(404, page, "text/html; charset=UTF-8").message).toBe(
    "IAMCredentials.SignJwt: NOT_FOUND: h:443 answered HTTP 404 with a body that is not a google.rpc.Status (text/html): " +
      "Error 404 (Not Found)!!1",
  );
});

it.each([
  ["text/plain", "POST /v1/x authorization: Bearer planted"],
  ["text/html", "<title>Bearer planted was refused</title>"],
  ["text/html", "<title>Error 404 (planted</title>"],
  ["application/json", '{"error":"planted"}'],
  ["planted", "planted"],
])("quotes nothing of a body of type %s that is not Google's", (contentType, body) => {
  const error = errorOf(400, body, contentType);
  expect(error.message).toMatch(
    /^[^:]+: INVALID_ARGUMENT: h:443 answered HTTP 400 with a body that is not a google.rpc.Status \([^()]+\)$/,
  );
  expect(error.message).not.toContain("planted");
});

it("takes what was sent out of what comes back in Google's form, in message, details and headers", () => {
  const claims = { sub: "robot@my-project", nonce: "n-0451" };
  const body = JSON.stringify({ payload: JSON.stringify(claims), delegates: ["kept"] });
  const sent: SentRequest = {
    metadata: [
      ["authorization", "Bearer tok-1234"],
      ["x-goog-api-key", "key-5678"],
    ],
    body,
  };
  const echo = `kept: Bearer tok-1234, key-5678, ${body}, ${JSON.stringify(claims)}, nonce n-0451`;
  const details = [{ "@type": "type.googleapis.com/acme.Echo", of: [{ it: echo }] }];
  const error = errorOf(400, { error: { message: echo, details } }, "application/json", sent);
  const shown = `${error.message} ${JSON.stringify(error.details)}`;
  for (const secret of ["tok-1234", "key-5678", "n-0451", "robot@my-project"]) expect(shown).not.toContain(secret);
  expect(error.message).toContain("kept: Bearer [hidden], [hidden], ");
});

it("keeps status and text of an error whose details go deeper, or whose texts are longer, than any message", () => {
  const deep = `${'{"a":['.repeat(50_000)}${"]}".repeat(50_000)}`;
  const long = "x".repeat(20_000_000);
  const body = `{"error":{"status":"ABORTED","message":"no","details":[{"@type":"t","of":${deep},"text":"${long}"}]}}`;
  const error = errorOf(409, body);
  expect(error.message).toBe("IAMCredentials.SignJwt: ABORTED: no");
  expect(JSON.stringify(error.details)).toMatch(
    /^\[\{"@type":"t","of":\{"a":\[.{300,800}\]\}+,"text":"x{100000}…"\}\]$/,
  );
  expect(errorOf(409, { error: { message: long } }).message).toBe(
    `IAMCredentials.SignJwt: ABORTED: ${"x".repeat(100_000)}…`,
  );
});

test.each([
  ["", "", "(no content type)"],
  ["<p>no title</p>", "text/html", "(text/html)"],
  ["null", "application/json", "(application/json)"],
  ['{"error":"invalid_grant"}', "application/json", "(application/json)"],
  ['{"error":{"message":7}}', "application/json", "(application/json)"],
])("survives the body %j of type %j", (body, contentType, end) => {
  expect(errorOf(500, body, contentType).message).toBe(
    `IAMCredentials.SignJwt: INTERNAL: h:443 answered HTTP 500 with a body that is not a google.rpc.Status ${end}`,
  );
});

it("keeps details of unknown types and broken ones as they are, and drops what is none", () => {
  const unknown = { "@type": "type.googleapis.com/acme.Detail", anything: [1] };
  const broken = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "soon" };
  const odd = { "@type": "type.googleapis.com/google.rpc.toString" };
  const details = [unknown, broken, odd, null, 7, { noType: true }];
  expect(errorOf(400, { error: { message: "m", details } }).details).toEqual([unknown, broken, odd]);
});
