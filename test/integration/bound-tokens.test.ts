// SPDX-License-Identifier: Apache-2.0
// Tokens of an agent identity from end to end: bound by the emulator's metadata server, taken by its services on a connection with the
// agent's certificate, and refused on any other.

import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { ComputeEngineCredentials, IAMCredentialsAsyncClient, type TokenProvider } from "../../src/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { createCertificateAuthority } from "../support/certificate-authority.js";
import { rejectionOf } from "../support/rejection-of.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const AGENT = "spiffe://agents.global.org-123.system.id.goog/resources/x";
const request = { name: `projects/-/serviceAccounts/${ROBOT}`, payload: Buffer.from("x") };

let emulator: Emulator;
let folder: string;
let restore: () => void;
const { certificate: cert, privateKey: key } = createCertificateAuthority().issue([AGENT]);
const thumbprint = createHash("sha256").update(new X509Certificate(cert).raw).digest("base64url");

beforeAll(async () => {
  emulator = await startEmulator({ serviceAccounts: [ROBOT], tls: true, ports: { metadataServer: 0 } });
  emulator.addGrant({
    member: `serviceAccount:${ROBOT}`,
    role: "roles/iam.serviceAccountTokenCreator",
    serviceAccount: ROBOT,
  });
  folder = mkdtempSync(join(tmpdir(), "bound-"));
  writeFileSync(join(folder, "agent.pem"), cert);
  writeFileSync(join(folder, "agent.key"), key);
  const workload = { cert_path: join(folder, "agent.pem"), key_path: join(folder, "agent.key") };
  writeFileSync(join(folder, "config.json"), JSON.stringify({ cert_configs: { workload } }));
});
beforeEach(() => {
  restore = setEnvironment({
    GCE_METADATA_HOST: emulator.hosts.metadataServer,
    GOOGLE_API_CERTIFICATE_CONFIG: join(folder, "config.json"),
  });
});
afterEach(() => restore());
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await emulator.close();
});

function clientWith(
  credentials: TokenProvider,
  transport: string,
  clientCertSource?: () => { cert: string; key: string },
) {
  const options = {
    rootCertificates: emulator.caCertificate ?? "",
    apiEndpoint: emulator.host,
    credentials,
    transport,
  };
  return new IAMCredentialsAsyncClient(clientCertSource === undefined ? options : { ...options, clientCertSource });
}

describe.each(["grpc", "rest"])("over %s", (transport) => {
  test("a bound token is taken with the agent's certificate, which the machine has", async () => {
    const client = clientWith(new ComputeEngineCredentials(), transport);
    expect((await client.signBlob(request)).keyId).toMatch(/^[0-9a-f]+$/);
    await client.close();
  });

  test("it is refused with another certificate, and without one", async () => {
    const other = createCertificateAuthority().issue([AGENT]);
    const { token } = await new ComputeEngineCredentials().getAccessToken();
    const credentials = { getRequestMetadata: () => ({ authorization: `Bearer ${token}` }) };
    const withOther = clientWith(credentials, transport, () => ({ cert: other.certificate, key: other.privateKey }));
    restore();
    restore = setEnvironment({ GOOGLE_API_USE_CLIENT_CERTIFICATE: "false" });
    const without = clientWith(credentials, transport);
    for (const client of [withOther, without]) {
      expect(await rejectionOf(client.signBlob(request))).toMatchObject({
        code: 16,
        reason: "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        domain: "googleapis.com",
      });
      await client.close();
    }
  });
});

test("an ID token has the claim cnf", async () => {
  const token = await new ComputeEngineCredentials().fetchIdToken("https://a.example");
  expect(decodeJwt(token)).toMatchObject({ aud: "https://a.example", cnf: { "x5t#S256": thumbprint } });
});

test("where binding is off, tokens are as they were: anybody's connection will do, and ID tokens name no certificate", async () => {
  process.env["GOOGLE_API_ENABLE_RUNTIME_BOUND_TOKEN"] = "false";
  const credentials = new ComputeEngineCredentials();
  const token = await credentials.fetchIdToken("https://a.example");
  expect(decodeJwt(token)).not.toHaveProperty("cnf");
  await credentials.getAccessToken();
  process.env["GOOGLE_API_USE_CLIENT_CERTIFICATE"] = "false";
  const client = clientWith(credentials, "grpc");
  expect(await client.signBlob(request)).toBeDefined();
  await client.close();
});

test("the digest that older libraries send binds too, with and without padding; what is neither is refused", async () => {
  const url = `http://${emulator.hosts.metadataServer}/computeMetadata/v1/instance/service-accounts/default/identity`;
  const headers = { "metadata-flavor": "Google" };
  const ask = async (digest: string, init: RequestInit = {}) =>
    fetch(`${url}?${new URLSearchParams({ audience: "a", bindCertificateFingerprint: digest })}`, { headers, ...init });
  const base64 = Buffer.from(thumbprint, "base64url").toString("base64");
  for (const digest of [base64, base64.replace("=", "")]) {
    expect(decodeJwt(await (await ask(digest)).text())).toMatchObject({ cnf: { "x5t#S256": thumbprint } });
  }
  expect((await ask("none")).status).toBe(400);
  for (const body of ["", "{}", '{"certificate_chain":"x"}']) {
    expect((await ask("none", { method: "POST", body })).status).toBe(400);
  }
});
