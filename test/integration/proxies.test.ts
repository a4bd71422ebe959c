// SPDX-License-Identifier: Apache-2.0
// Everything that leaves the process goes through the proxy that the variables name, over both transports, and loopback never does.

import { setLogger } from "@grpc/grpc-js";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { ConfigurationError, IAMCredentialsAsyncClient, ImpersonatedCredentials, Verifier } from "../../src/index.js";
import { createCertificateAuthority } from "../support/certificate-authority.js";
import { type ConnectProxy, startConnectProxy } from "../support/connect-proxy.js";
import { startRawServer } from "../support/raw-server.js";
import { rejectionOf, rpcErrorOf } from "../support/rejection-of.js";
import { waitUntil } from "../support/wait-until.js";
import { withEnvironment } from "../support/with-environment.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const DANA = "user:dana@example.com";
const REQUEST = { name: ROBOT, payload: Buffer.from("to be signed") };
// Nobody could find these hosts but the proxy.
const HOSTS = ["api.example", "keys.example", "token.example"];
const VARIABLES = ["grpc_proxy", "https_proxy", "http_proxy", "all_proxy", "no_grpc_proxy", "no_proxy"];
const NONE = Object.fromEntries(
  VARIABLES.flatMap((name) => [name, name.toUpperCase()]).map((name) => [name, undefined]),
);

const authority = createCertificateAuthority();
const { certificate: cert, privateKey: key } = authority.issue(HOSTS);
const rootCertificates = authority.certificate;

let emulator: Emulator;
let proxy: ConnectProxy;

// Proxies fail here on purpose, and grpc-js tells the console of each one. It may tell of nothing else.
const told: string[] = [];
beforeAll(() => setLogger({ error: (...words: unknown[]) => void told.push(words.join(" ")) }));
afterAll(() => {
  const expected =
    /^Failed to connect to (api\.example:443 through )?proxy 127\.0\.0\.1:\d+ with (status 407|error [\w .:]+)$/;
  expect(told.filter((line) => !expected.test(line))).toEqual([]);
});

beforeAll(async () => {
  const grants = [{ member: DANA, role: "roles/iam.serviceAccountTokenCreator", serviceAccount: ROBOT }];
  emulator = await startEmulator({ serviceAccounts: [ROBOT], grants, tls: { cert, key }, allowedHosts: HOSTS });
});
beforeEach(async () => {
  proxy = await startConnectProxy(Number(emulator.host.split(":").at(-1)));
});
afterEach(() => proxy[Symbol.asyncDispose]());
afterAll(() => emulator.close());

type Variables = Readonly<Record<string, string | undefined>>;

function open(transport: string, variables: Variables, options = {}): IAMCredentialsAsyncClient {
  const { credentials } = emulator.clientOptions(DANA);
  const given = { credentials, apiEndpoint: "api.example", rootCertificates, transport, ...options };
  return withEnvironment({ ...NONE, ...variables }, () => new IAMCredentialsAsyncClient(given));
}

const through = (): Variables => ({ https_proxy: `http://${proxy.host}` });
const asked = (): readonly string[] => [...new Set(proxy.asked.map(([authority]) => authority))];

describe.each(["grpc", "grpc-js", "rest"])("over %s", (transport) => {
  it.each(["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])("goes through the proxy of %s", async (name) => {
    await using client = open(transport, { [name]: proxy.host });
    expect(await client.signBlob(REQUEST)).toMatchObject({ keyId: expect.any(String) });
    expect(asked()).toEqual(["api.example:443"]);
    expect(proxy.asked[0]?.[1]).toBeUndefined();
  });

  it("sends the proxy its user and password, decoded", async () => {
    await using client = open(transport, { https_proxy: `http://me:p%40ss@${proxy.host}` });
    await client.signBlob(REQUEST);
    expect(proxy.asked[0]).toEqual(["api.example:443", `Basic ${Buffer.from("me:p@ss").toString("base64")}`]);
  });

  it.each(["*", "example", ".example", "*.example", "other.example, API.EXAMPLE:443"])(
    "goes directly to what no_proxy=%s names",
    async (list) => {
      await using client = open(transport, { ...through(), no_proxy: list });
      const error = await rpcErrorOf(client.signBlob(REQUEST, { retry: false }));
      expect(error.message).toMatch(/UNAVAILABLE: .*getaddrinfo (ENOTFOUND|EAI_AGAIN) api\.example/);
      expect(proxy.asked).toEqual([]);
    },
  );

  it("ignores http_proxy for a connection with TLS", async () => {
    await using client = open(transport, { http_proxy: `http://${proxy.host}` });
    expect((await rpcErrorOf(client.signBlob(REQUEST, { retry: false }))).status).toBe("UNAVAILABLE");
    expect(proxy.asked).toEqual([]);
  });

  it("never sends what is for this machine through a proxy, so that its token stays here", async () => {
    const grants = [{ member: DANA, role: "roles/iam.serviceAccountTokenCreator", serviceAccount: ROBOT }];
    await using local = await startEmulator({ serviceAccounts: [ROBOT], grants });
    const url = `http://${proxy.host}`;
    const all = { ...NONE, https_proxy: url, http_proxy: url, grpc_proxy: url, all_proxy: url };
    const variables = { ...all, IAM_CREDENTIALS_EMULATOR_HOST: local.host };
    await using named = withEnvironment(variables, () => new IAMCredentialsAsyncClient({ transport }));
    expect(await named.signBlob(REQUEST)).toMatchObject({ keyId: expect.any(String) });
    const options = { ...local.clientOptions(DANA), transport };
    await using told = withEnvironment(all, () => new IAMCredentialsAsyncClient(options));
    expect(await told.signBlob(REQUEST)).toMatchObject({ keyId: expect.any(String) });
    expect(proxy.asked).toEqual([]);
  });

  it("ends after one attempt when the proxy wants a password, and says where it belongs", async () => {
    proxy.statusCode = 407;
    await using client = open(transport, through());
    const error = await rpcErrorOf(client.signBlob(REQUEST));
    expect(error).toMatchObject({ code: 14, attempts: 1 });
    expect(error.message).toBe(
      `IAMCredentials.SignBlob: UNAVAILABLE: the connection to api.example:443 failed: the proxy ${proxy.host} answered CONNECT api.example:443 with HTTP 407; ` +
        "put the user and password into https_proxy: http://user:password@host:port",
    );
  });

  it("waits for a proxy that hangs as long as the call has time", async () => {
    proxy.hangs = true;
    await using client = open(transport, through());
    const error = await rpcErrorOf(client.signBlob(REQUEST, { timeout: 700, retry: false }));
    expect(error).toMatchObject({ code: 4, attempts: 1 });
  });

  it("asks again when the proxy dies before it has answered", async () => {
    proxy.hangs = true;
    await using client = open(transport, through());
    const call = client.signBlob(REQUEST);
    await waitUntil("the proxy is asked", () => proxy.asked.length === 1);
    proxy.hangs = false;
    proxy.sever();
    expect(await call).toMatchObject({ keyId: expect.any(String) });
    expect(asked()).toEqual(["api.example:443"]);
    expect(proxy.asked.length).toBeGreaterThan(1);
  });

  it("goes on through a new tunnel after the proxy died in the middle", async () => {
    await using client = open(transport, through());
    await client.signBlob(REQUEST);
    proxy.sever();
    await waitUntil("the tunnels end", () => proxy.open === 0);
    await client.signBlob(REQUEST);
    expect(proxy.asked).toHaveLength(2);
  });

  it.each([
    ["a SOCKS proxy", "socks5://127.0.0.1:1080"],
    ["quotes", '"http://127.0.0.1:3128"'],
  ])("refuses %s when the client is made, naming the variable", (_, url) => {
    const make = () => open(transport, { HTTPS_PROXY: url });
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow("HTTPS_PROXY: must be the URL of an HTTP proxy");
  });
});

it("takes grpc_proxy and no_grpc_proxy for gRPC alone", async () => {
  const variables = { grpc_proxy: `http://${proxy.host}`, https_proxy: "http://127.0.0.1:1", no_proxy: "*" };
  await using direct = open("grpc", { ...variables, no_grpc_proxy: "api.example" });
  expect((await rpcErrorOf(direct.signBlob(REQUEST, { retry: false }))).status).toBe("UNAVAILABLE");
  expect(proxy.asked).toEqual([]);
  await using client = open("grpc", { ...variables, no_grpc_proxy: "other.example" });
  await client.signBlob(REQUEST);
  expect(asked()).toEqual(["api.example:443"]);
});

it("speaks to a server behind the proxy over TLS only: the proxy sees no token", async () => {
  await using listener = await startRawServer((socket) => socket.once("data", () => socket.destroy()));
  await using spy = await startConnectProxy(listener.port);
  await using client = open("grpc", { https_proxy: `http://${spy.host}` });
  await rejectionOf(client.signBlob(REQUEST, { retry: false }));
  expect(listener.received.length).toBeGreaterThan(0);
  expect(listener.received.toString("latin1")).not.toMatch(/bearer|authorization/i);
});

describe("side requests go through the proxy, trusting the client's roots", () => {
  it("the verifier's keys", async () => {
    await using client = open("rest", through());
    const { signedBlob } = await client.signBlob(REQUEST);
    const verifier = new Verifier({ keysUrl: "https://keys.example", rootCertificates });
    const blob = { serviceAccount: ROBOT, payload: REQUEST.payload, signature: signedBlob };
    const restore = setVariables(through());
    await verifier.verifyBlob(blob).finally(restore);
    expect(asked()).toEqual(["api.example:443", "keys.example:443"]);
  });

  it("and give it the password, or say that it wants one", async () => {
    await using client = open("rest", through());
    const { signedBlob } = await client.signBlob(REQUEST);
    const blob = { serviceAccount: ROBOT, payload: REQUEST.payload, signature: signedBlob };
    const verify = async (variables: Variables): Promise<unknown> => {
      const restore = setVariables(variables);
      const verifier = new Verifier({ keysUrl: "https://keys.example", rootCertificates });
      return verifier
        .verifyBlob(blob)
        .catch((error: unknown) => String(error))
        .finally(restore);
    };
    await verify({ https_proxy: `http://me:p%40ss@${proxy.host}` });
    expect(proxy.asked.at(-1)).toEqual(["keys.example:443", `Basic ${Buffer.from("me:p@ss").toString("base64")}`]);
    proxy.statusCode = 407;
    expect(await verify(through())).toMatch(
      /keys\.example.* could not be fetched: .* answered CONNECT keys\.example:443 with HTTP 407; put the user and password into https_proxy: http:\/\/user:password@host:port$/,
    );
  });

  it("the token endpoint of a subject", async () => {
    await using client = open("grpc", through());
    const robot = new ImpersonatedCredentials({
      client,
      targetPrincipal: ROBOT,
      subject: "eve@example.com",
      tokenUri: "https://token.example/token",
    });
    const restore = setVariables(through());
    try {
      // Whatever the endpoint thinks of the assertion, it was asked through the proxy.
      const outcome = await robot.refresh().catch((error: unknown) => String(error));
      expect(JSON.stringify(outcome)).toMatch(/Bearer|token\.example\/token returned/);
      expect(asked()).toEqual(["api.example:443", "token.example:443"]);
    } finally {
      restore();
    }
  });

  it("the token endpoint of a subject, and say how to mend what the proxy refuses", async () => {
    await using client = open("grpc", through());
    const tokenUri = "https://token.example/token";
    const robot = new ImpersonatedCredentials({ client, targetPrincipal: ROBOT, subject: "eve@example.com", tokenUri });
    await client.signBlob(REQUEST); // so that only the token endpoint needs a tunnel
    proxy.statusCode = 403;
    const restore = setVariables(through());
    try {
      expect(await robot.refresh().catch((error: unknown) => String(error))).toMatch(
        /token\.example\/token could not be reached: .* HTTP 403; have the proxy allow the host, or exempt the host from https_proxy with no_proxy$/,
      );
    } finally {
      restore();
    }
  });

  it("the regional access boundary of an account", async () => {
    const { credentials } = emulator.clientOptions(DANA);
    const clientOptions = { credentials, apiEndpoint: "api.example", rootCertificates };
    const restore = setVariables(through());
    const robot = new ImpersonatedCredentials({ clientOptions, targetPrincipal: ROBOT, regionalAccessBoundary: true });
    try {
      // The token comes over gRPC; the lookup has a tunnel of its own.
      await robot.getRequestHeaders();
      await waitUntil("the lookup goes through", () => proxy.asked.length === 2);
      expect(asked()).toEqual(["api.example:443"]);
    } finally {
      restore();
      await robot.close();
    }
  });
});

/** Sets the proxy's variables until the returned function is called: side requests look at them when they connect. */
function setVariables(variables: Variables): () => void {
  const before = { ...process.env };
  for (const name of Object.keys(NONE)) delete process.env[name];
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) process.env[name] = value;
  return () => {
    for (const name of Object.keys(variables)) delete process.env[name];
    Object.assign(process.env, before);
  };
}
