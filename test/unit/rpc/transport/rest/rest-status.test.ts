// SPDX-License-Identifier: Apache-2.0
// From HTTP answers to errors: Google's form, and everything that stands in its place.

import type { RpcError } from "../../../../../src/base/errors.js";
import { rpcErrorFromHttp } from "../../../../../src/rpc/transport/rest/rest-status.js";

function errorOf(httpStatus: number, body: unknown, contentType = "application/json"): RpcError {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const headers: [string, string][] = [["x-request-id", "7"]];
  return rpcErrorFromHttp({ httpStatus, headers, contentType, text, host: "h:443" }, "IAMCredentials.SignJwt");
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
  expect(error.trailers).toEqual(new Map([["x-request-id", ["7"]]]));
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
  expect(error.message).toContain(`h:443 answered HTTP ${httpStatus} with a body that is no google.rpc.Status`);
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
    "IAMCredentials.SignJwt: NOT_FOUND: h:443 answered HTTP 404 with a body that is no google.rpc.Status (text/html): " +
      "Error 404 (Not Found)!!1",
  );
});

it("quotes at most 200 characters of other text, on one line", () => {
  const { message } = errorOf(503, `upstream\r\n\u0007 connect error ${"x".repeat(500)}`, "text/plain");
  expect(message).toContain("(text/plain): upstream connect error xxx");
  expect(message).not.toContain("\n");
  expect(message.endsWith("x…")).toBe(true);
  expect(message.length).toBeLessThan(400);
});

test.each([
  ["", "", "(no content type)"],
  ["<p>no title</p>", "text/html", "(text/html)"],
  ["null", "application/json", "(application/json): null"],
  ['{"error":"invalid_grant"}', "application/json", '(application/json): {"error":"invalid_grant"}'],
  ['{"error":{"message":7}}', "application/json", '(application/json): {"error":{"message":7}}'],
])("survives the body %j of type %j", (body, contentType, end) => {
  expect(errorOf(500, body, contentType).message).toBe(
    `IAMCredentials.SignJwt: INTERNAL: h:443 answered HTTP 500 with a body that is no google.rpc.Status ${end}`,
  );
});

it("keeps details of unknown types and broken ones as they are, and drops what is none", () => {
  const unknown = { "@type": "type.googleapis.com/acme.Detail", anything: [1] };
  const broken = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "soon" };
  const odd = { "@type": "type.googleapis.com/google.rpc.toString" };
  const details = [unknown, broken, odd, null, 7, { noType: true }];
  expect(errorOf(400, { error: { message: "m", details } }).details).toEqual([unknown, broken, odd]);
});
