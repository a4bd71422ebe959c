// SPDX-License-Identifier: Apache-2.0
// Where an account's requests may go is looked up with the client's certificate, or the machine's, by a server that asks for one.

import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { ComputeEngineCredentials, ImpersonatedCredentials } from "../../src/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { createCertificateAuthority } from "../support/certificate-authority.js";
import { startConnectProxy } from "../support/connect-proxy.js";
import { MachineHome } from "../support/machine-home.js";
import { startMetadataStage } from "../support/metadata-stage.js";
import { waitUntil } from "../support/wait-until.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const HOSTS = ["iamcredentials.googleapis.com", "iamcredentials.mtls.googleapis.com"];
const servers = createCertificateAuthority("servers");
const clients = createCertificateAuthority("clients");

let server: Server;
let presented: [path: string | undefined, subject: string | undefined][];
let restore: () => void;

beforeEach(async () => {
  restore = setEnvironment({ GOOGLE_API_USE_CLIENT_CERTIFICATE: "true" });
  presented = [];
  const { certificate: cert, privateKey: key } = servers.issue(["127.0.0.1", ...HOSTS]);
  const demands = { requestCert: true, rejectUnauthorized: false, ca: clients.certificate };
  server = createServer({ cert, key, ...demands }, ({ url, socket }, response) => {
    const { subject } = (socket as TLSSocket).getPeerCertificate(); // as: the server speaks TLS alone
    presented.push([url?.replace(/^.*[/:]|\?.*$/g, ""), subject?.CN?.toString()]);
    const token = { accessToken: "token", expireTime: "2100-01-01T00:00:00Z" };
    const body = url?.includes("allowedLocations") ? { locations: [], encodedLocations: "0xA30" } : token;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  restore();
});

const port = () => (server.address() as AddressInfo).port; // as: it listens on a port, not on a path

test.each([
  ["presents the client's certificate, as the calls do", "true", "some-client"],
  ["presents none where client certificates are off", "false", undefined],
])("a lookup %s", async (_what, isOn, subject) => {
  process.env["GOOGLE_API_USE_CLIENT_CERTIFICATE"] = isOn;
  const { certificate: cert, privateKey: key } = clients.issue(["some-client"]);
  const robot = new ImpersonatedCredentials({
    targetPrincipal: ROBOT,
    regionalAccessBoundary: true,
    clientOptions: {
      apiEndpoint: `127.0.0.1:${port()}`,
      transport: "rest",
      credentials: { getRequestMetadata: () => ({ authorization: "Bearer caller" }) },
      rootCertificates: servers.certificate,
      clientCertSource: () => ({ cert, key }),
    },
  });
  await robot.getRequestHeaders();
  await waitUntil("the lookup", () => presented.length === 2);
  expect(presented).toEqual([
    ["generateAccessToken", subject],
    ["allowedLocations", subject],
  ]);
  await robot.close();
});

test.each([
  ["the machine's certificate to the mTLS host", {}, "iamcredentials.mtls.googleapis.com", "some-machine"],
  [
    "the machine's certificate to the usual host where the mTLS host is ruled out",
    { GOOGLE_API_USE_MTLS_ENDPOINT: "never" },
    "iamcredentials.googleapis.com",
    "some-machine",
  ],
  [
    "no certificate where client certificates are off",
    { GOOGLE_API_USE_CLIENT_CERTIFICATE: "false" },
    "iamcredentials.googleapis.com",
    undefined,
  ],
])("a lookup of the machine's account presents %s", async (_what, variables, host, subject) => {
  using home = new MachineHome();
  const { certificate, privateKey } = clients.issue(["some-machine"]);
  const workload = { cert_path: home.write("cert.pem", certificate), key_path: home.write("key.pem", privateKey) };
  home.writeCertificateConfig({ cert_configs: { workload } });
  await using proxy = await startConnectProxy(port());
  const metadata = await startMetadataStage({ accounts: { [ROBOT]: [] }, accessToken: () => "token" });
  Object.assign(process.env, home.variables, { GCE_METADATA_HOST: metadata.host, HTTPS_PROXY: `http://${proxy.host}` });
  Object.assign(process.env, { GOOGLE_API_ENABLE_RUNTIME_BOUND_TOKEN: "false", ...variables });
  const machine = new ComputeEngineCredentials({ regionalAccessBoundary: true, rootCertificates: servers.certificate });
  try {
    await machine.refresh();
    const isKnown = async () => (await machine.getRequestHeaders()).get("x-allowed-locations") === "0xA30";
    while (!(await isKnown())) await new Promise(setImmediate);
    expect(presented).toEqual([["allowedLocations", subject]]);
    expect(proxy.asked).toEqual([[`${host}:443`, undefined]]);
  } finally {
    await metadata.close();
  }
});
