// SPDX-License-Identifier: Apache-2.0
// The drop-in over TLS: a client certificate by the options `cert` and `key`, or the machine's, which counts while the variable says
// so. The server demands one of an authority that is made here.

import "../../../../support/trusted-authority.js"; // before whatever loads grpc-js
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { GoogleAuth, OAuth2Client } from "google-auth-library";
import { type ClientOptions, IAMCredentialsClient } from "../../../../../src/gapic/index.js";
import { setEnvironment } from "../../../../support/bare-environment.js";
import { createCertificateAuthority } from "../../../../support/certificate-authority.js";
import { type MutualTlsFront, startMutualTlsFront } from "../../../../support/mutual-tls-front.js";
import { type RecordingServer, startRecordingServer } from "../../../../support/recording-server.js";
import { rejectionOf } from "../../../../support/rejection-of.js";
import { trustedAuthority } from "../../../../support/trusted-authority.js";

const VARIABLES = { METADATA_SERVER_DETECTION: "none", GOOGLE_API_USE_CLIENT_CERTIFICATE: "true" };
const clients = createCertificateAuthority("clients");
const certified = clients.issue(["some-client"]);
const [cert, key] = [certified.certificate, certified.privateKey];
const REQUEST = { name: "projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com", payload: "{}" };

let restore: () => void;
beforeEach(() => {
  restore = setEnvironment(VARIABLES);
});
afterEach(() => restore());

describe("a client certificate", () => {
  let server: RecordingServer;
  let front: MutualTlsFront;
  let folder: string;
  beforeAll(async () => {
    server = await startRecordingServer();
    folder = mkdtempSync(join(tmpdir(), "gapic-mutual-tls-"));
  });
  beforeEach(async () => {
    front = await startMutualTlsFront(trustedAuthority.issue(["127.0.0.1"]), clients.certificate, server.port);
  });
  afterEach(() => front[Symbol.asyncDispose]());
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  /** What comes of one call, as the server and the caller see it. */
  async function callOnce(options: ClientOptions): Promise<object> {
    const authClient = new OAuth2Client();
    authClient.setCredentials({ access_token: "some-token", expiry_date: 8.64e15 });
    const client = new IAMCredentialsClient({ apiEndpoint: front.host, authClient, ...options });
    const heardBefore = server.calls.length;
    const outcome = await client.signJwt(REQUEST, { retry: null, timeout: 20_000 }).then(
      ([response]) => response.keyId,
      (error: Error) => error.message,
    );
    await client.close();
    const tokens = server.calls.slice(heardBefore).map(({ metadata }) => metadata.get("authorization")[0]);
    return { outcome, tokens, presented: front.presented };
  }

  const accepted = { outcome: "canned-key", tokens: ["Bearer some-token"], presented: ["some-client"] };
  const refused = { outcome: expect.stringMatching(/^14 UNAVAILABLE: /), tokens: [], presented: [] };

  test("of the options `cert` and `key` is presented to the server, beside the token", async () => {
    expect(await callOnce({ cert, key })).toEqual(accepted);
  });

  test("of the machine is presented where the options name none", async () => {
    const [certPath, keyPath, config] = ["client.crt", "client.key", "config.json"].map((name) => join(folder, name));
    writeFileSync(String(certPath), cert);
    writeFileSync(String(keyPath), key);
    const workload = { cert_path: certPath, key_path: keyPath };
    writeFileSync(String(config), JSON.stringify({ cert_configs: { workload } }));
    restore();
    restore = setEnvironment({ ...VARIABLES, GOOGLE_API_CERTIFICATE_CONFIG: String(config) });
    expect(await callOnce({})).toEqual(accepted);
  });

  test("is not presented while the variable does not say `true`", async () => {
    restore();
    restore = setEnvironment({ ...VARIABLES, GOOGLE_API_USE_CLIENT_CERTIFICATE: "false" });
    expect(await callOnce({ cert, key })).toEqual(refused);
  });

  test("that the server does not trust ends the call as UNAVAILABLE", async () => {
    const other = createCertificateAuthority("others").issue(["other-client"]);
    expect(await callOnce({ cert: other.certificate, key: other.privateKey })).toEqual(refused);
  });

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
