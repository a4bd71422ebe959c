// SPDX-License-Identifier: Apache-2.0
// Scopes: what may be written, and how the error for the rest names the element.

import { normalizeScope } from "../../../../src/iam-credentials/requests.js";
import { fieldAndMessage, requestErrorOf } from "../../../support/request-error-of.js";

describe("scope", () => {
  const taken = [
    "https://www.googleapis.com/auth/cloud-platform",
    "https://mail.google.com/",
    "https://google.com/x",
    "HTTPS://WWW.GOOGLEAPIS.COM/auth/iam",
    "openid",
    "email",
    "http://example.com/legacy",
  ];
  test("takes Google's URLs and short names, and keeps them as they are", () => {
    expect(normalizeScope(taken)).toEqual(taken);
  });

  test.each([undefined, null, [], "", {}])("needs a list of at least one, not %p", (scope) => {
    expect(fieldAndMessage(requestErrorOf(() => normalizeScope(scope)))).toEqual({
      field: "scope",
      message: "scope: must be an array of at least one OAuth scope",
    });
  });

  test("may be one, as text", () => {
    expect(normalizeScope("openid")).toEqual(["openid"]);
    expect(requestErrorOf(() => normalizeScope("openid email")).message).toBe(
      "scope: contains white space, a comma or a control character; each scope must be its own element",
    );
    expect(requestErrorOf(() => normalizeScope("https://my-service.run.app")).field).toBe("scope");
  });

  test.each(["", null, undefined, 7, ["openid"]])("needs text for each, not %p", (wrong) => {
    expect(requestErrorOf(() => normalizeScope(["openid", wrong])).message).toBe("scope[1]: must be an OAuth scope");
  });

  test.each([
    "openid email",
    "openid,email",
    " openid",
    "openid\n",
    "open\tid",
    "open\u0000id",
    "open\u007fid",
    "a\u00a0b",
  ])("refuses a blank, comma or control character: %j", (wrong) => {
    expect(requestErrorOf(() => normalizeScope(["email", wrong])).message).toBe(
      "scope[1]: contains white space, a comma or a control character; each scope must be its own element",
    );
  });

  test.each([
    "https://my-service.example/",
    "https://googleapis.com.evil.example/auth",
    "https://evilgoogleapis.com/auth",
    "https://www.googleapis.com@evil.example/",
    "https://",
    "https:",
    "HTTPS://run.app/x",
  ])("refuses an https URL of somebody else's, and points to ID tokens: %s", (wrong) => {
    const error = requestErrorOf(() => normalizeScope([wrong]));
    expect(error.field).toBe("scope[0]");
    expect(error.message).toBe(
      `scope[0]: ${JSON.stringify(wrong)} is an audience, not a Google scope such as ` +
        "https://www.googleapis.com/auth/cloud-platform; for the URL of a service, request an ID token",
    );
  });
});
