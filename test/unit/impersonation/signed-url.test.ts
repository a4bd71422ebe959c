// SPDX-License-Identifier: Apache-2.0
// What of the options of a signed URL is refused, since it would make the signature void or sign something else.

import { RequestError } from "../../../src/base/errors.js";
import { buildUnsignedUrl } from "../../../src/impersonation/signed-url.js";

const context = { email: "robot@my-project.iam.gserviceaccount.com", universeDomain: "googleapis.com", nowAt: 0 };
const options = { bucket: "bucket", object: "object", expiresIn: 60 };
const build = (more: object) => () => buildUnsignedUrl({ ...options, ...more }, context);

it.each(["javascript:alert(1)", "file:///etc/passwd", "files.example.com", ""])("refuses the cname %j", (cname) => {
  expect(build({ cname })).toThrow(RequestError);
  expect(build({ cname })).toThrow("cname: must be an http or https URL, such as https://files.example.com");
});

it("takes a cname over http and https", () => {
  for (const cname of ["http://files.example.com", "https://files.example.com"]) {
    expect(build({ cname })().withSignature("00")).toMatch(new RegExp(`^${cname}/object\\?X-Goog-Algorithm=`));
  }
});

it.each(["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"])(
  "refuses a query that overrides X-Goog-%s, in any letters",
  (name) => {
    for (const key of [`X-Goog-${name}`, `x-goog-${name.toLowerCase()}`]) {
      expect(build({ query: { [key]: "mine" } })).toThrow(
        `query: ${JSON.stringify(key)} is set by the signature itself`,
      );
    }
  },
);
