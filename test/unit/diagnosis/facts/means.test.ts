// SPDX-License-Identifier: Apache-2.0
// By what a diagnosis asks: at which hosts the services beside are, and which certificate the client presents.

import { Means } from "../../../../src/diagnosis/facts/means.js";
import { setEnvironment } from "../../../support/bare-environment.js";
import { createCertificateAuthority } from "../../../support/certificate-authority.js";
import { rejectionOf } from "../../../support/rejection-of.js";

const credentials = { getRequestMetadata: () => ({ authorization: "Bearer x" }) };
let restore: () => void;
beforeEach(() => {
  restore = setEnvironment();
});
afterEach(() => restore());

test.each([
  [
    {},
    "https://iamcredentials.googleapis.com",
    "https://oauth2.googleapis.com/tokeninfo",
    "https://orgpolicy.googleapis.com",
  ],
  [
    { apiEndpoint: "iamcredentials-x.p.googleapis.com" },
    "https://iamcredentials-x.p.googleapis.com",
    "https://oauth2.googleapis.com/tokeninfo",
    "https://orgpolicy-x.p.googleapis.com",
  ],
  [
    { apiEndpoint: "127.0.0.1:8080", insecure: true },
    "http://127.0.0.1:8080",
    "http://127.0.0.1:8080/tokeninfo",
    "http://127.0.0.1:8080",
  ],
])("with %j calls go to %s, and what is asked beside them to %s and %s", async (options, url, tokenInfo, policies) => {
  const means = new Means({ clientOptions: { credentials, ...options } });
  expect([means.url, means.urls.tokenInfo, means.urls.organizationPolicy]).toEqual([url, tokenInfo, policies]);
  const isGoogle = url.includes("googleapis");
  expect(means.urls.introspect).toBe(isGoogle ? "https://sts.googleapis.com/v1/introspect" : `${url}/v1/introspect`);
  expect(means.urls.publicKeys).toBe(`${isGoogle ? "https://www.googleapis.com" : url}/robot/v1/metadata/x509`);
  await means.close();
});

test("clients of the services beside go to their own hosts of Google's, and to the one host that stands in for all", async () => {
  const google = new Means({ clientOptions: { credentials, apiEndpoint: "iamcredentials.googleapis.com" } });
  expect([google.admin.apiEndpoint, google.projects.apiEndpoint, google.services.apiEndpoint]).toEqual([
    "iam.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "serviceusage.googleapis.com",
  ]);
  const emulator = new Means({ clientOptions: { credentials, apiEndpoint: "localhost:1", insecure: true } });
  expect([emulator.admin.apiEndpoint, emulator.services.apiEndpoint]).toEqual(["localhost:1", "localhost:1"]);
  expect(emulator.admin).toBe(emulator.admin);
  await Promise.all([google.close(), emulator.close()]);
});

test("the token is what the credentials authorize with, if that is one", async () => {
  const means = new Means({ clientOptions: { credentials } });
  expect(await means.token()).toBe("x");
  const other = new Means({ clientOptions: { credentials: { getRequestMetadata: () => ({ "x-key": "y" }) } } });
  expect(await other.token()).toBeUndefined();
  await Promise.all([means.close(), other.close()]);
});

test("the certificate is the one that the client presents now, and none where client certificates are off", async () => {
  const { certificate: cert, privateKey: key } = createCertificateAuthority().issue(["client.example"], -60_000);
  const clientOptions = { credentials, clientCertSource: () => ({ cert, key }) };
  const off = new Means({ clientOptions });
  expect(await off.clientCertificate()).toBeUndefined();
  process.env["GOOGLE_API_USE_CLIENT_CERTIFICATE"] = "true";
  const on = new Means({ clientOptions });
  expect(Date.parse((await on.clientCertificate())?.validTo ?? "")).toBeLessThan(Date.now());
  const reason = new Error("no card");
  const broken = new Means({ clientOptions: { ...clientOptions, clientCertSource: () => Promise.reject(reason) } });
  expect(await rejectionOf(broken.clientCertificate())).toBe(reason);
  await Promise.all([off, on, broken].map((means) => means.close()));
});
