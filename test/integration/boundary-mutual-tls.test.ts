// SPDX-License-Identifier: Apache-2.0
// Where an account's requests may go is looked up with the client's certificate, by a server that demands one.

import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { ImpersonatedCredentials } from "../../src/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { createCertificateAuthority } from "../support/certificate-authority.js";
import { waitUntil } from "../support/wait-until.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const servers = createCertificateAuthority("servers");
const clients = createCertificateAuthority("clients");

let server: Server;
let presented: [path: string | undefined, subject: string | undefined][];
let restore: () => void;

beforeEach(async () => {
  restore = setEnvironment({ GOOGLE_API_USE_CLIENT_CERTIFICATE: "true" });
  presented = [];
  const { certificate: cert, privateKey: key } = servers.issue(["127.0.0.1"]);
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
      apiEndpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`, // as: it listens on a port, not on a path
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
