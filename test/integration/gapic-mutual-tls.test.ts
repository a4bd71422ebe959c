// SPDX-License-Identifier: Apache-2.0
// The drop-in over TLS: a client certificate by the options `cert` and `key`, which counts while the variable says so.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { GoogleAuth } from "google-auth-library";
import { IAMCredentialsClient } from "../../src/gapic/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { rejectionOf } from "../support/rejection-of.js";

let restore: () => void;
beforeEach(() => {
  restore = setEnvironment({ METADATA_SERVER_DETECTION: "none", GOOGLE_API_USE_CLIENT_CERTIFICATE: "true" });
});
afterEach(() => restore());

describe("a client certificate", () => {
  test("is refused outside of googleapis.com", async () => {
    const client = new IAMCredentialsClient({ universeDomain: "u.example", cert: "c", key: "k" });
    expect(await rejectionOf(client.signJwt({ name: "n" }))).toMatchObject({
      message: "mTLS is not supported outside of googleapis.com universe domain.",
    });
  });

  test("that is none fails the call before anything is sent, and says which", async () => {
    const auth = new GoogleAuth({ credentials: { client_email: "a@b", private_key: "none" } });
    const options = { apiEndpoint: "127.0.0.1", port: 1, auth, cert: "no certificate", key: "no key" };
    const client = new IAMCredentialsClient(options);
    auth.getClient = async () =>
      ({ getRequestHeaders: async () => new Headers(), universeDomain: "googleapis.com" }) as never; // as: all that is asked of it
    expect(await rejectionOf(client.signJwt({ name: "n" }))).toMatchObject({
      code: 16,
      message: "clientCertSource: cert must be a certificate in PEM form",
    });
    await client.close();
  });
});
