// SPDX-License-Identifier: Apache-2.0
// How the metadata server is asked: retries, mutual TLS, bound tokens, and how it is found.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { AgentIdentity } from "../../../../src/auth/metadata-server/agent-identity.js";
import { MetadataServer } from "../../../../src/auth/metadata-server/metadata-server.js";
import { hasMetadataServer } from "../../../../src/auth/metadata-server/metadata-server-detection.js";
import { type Clock, systemClock } from "../../../../src/base/clock.js";
import { ConfigurationError, CredentialsError, MutualTlsChannelError } from "../../../../src/index.js";
import { createCertificateAuthority } from "../../../support/certificate-authority.js";
import { type HttpStage, startHttpStage } from "../../../support/http-stage.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { rejectionOf } from "../../../support/rejection-of.js";
import { settle, waitUntil } from "../../../support/wait-until.js";

/** Where nobody listens. */
const NOBODY = "127.0.0.1:1";
const FLAVOR = { "metadata-flavor": "Google" };
/** The machine's clock, but the seconds between attempts (not those for an answer or a connection) pass a thousand times faster. */
const quick: Clock = {
  ...systemClock,
  schedule: (ms, callback, keepsAlive) =>
    systemClock.schedule(ms > 800 && ms !== 3_000 && ms !== 10_000 ? ms / 1_000 : ms, callback, keepsAlive),
};

let stage: HttpStage;
let folder: string;
beforeEach(async () => {
  stage = await startHttpStage(() => ({ headers: { ...FLAVOR, "content-type": "text/plain" }, body: "my-project" }));
  folder = mkdtempSync(join(tmpdir(), "metadata-"));
});
afterEach(async () => {
  await stage.close();
  rmSync(folder, { recursive: true });
});

const serverAt = (host: string, more = {}) =>
  new MetadataServer({ clock: quick, tlsFolder: folder, environment: { GCE_METADATA_HOST: host, ...more } });

describe("answers", () => {
  test.each([408, 429, 500, 503, 504])("%d is asked again, up to five times", async (status) => {
    stage.answer = () => ({ status, headers: FLAVOR, body: "" });
    const error = await rejectionOf(serverAt(stage.host).projectId(undefined));
    expect(error).toBeInstanceOf(CredentialsError);
    expect((error as Error).message).toBe(
      `Failed to retrieve http://${stage.host}/computeMetadata/v1/project/project-id from the Google Compute Engine metadata service. Compute Engine Metadata server unavailable. Last exception: the answer was ${status}`,
    );
    expect(stage.requests).toHaveLength(5);
  });

  test.each([400, 403, 404, 502])("%d is final", async (status) => {
    stage.answer = () => ({ status, headers: FLAVOR, body: "what is wrong\n" });
    const error = await rejectionOf(serverAt(stage.host).projectId(undefined));
    expect((error as Error).message).toMatch(new RegExp(`Status: ${status} Response: what is wrong$`));
    expect(stage.requests).toHaveLength(1);
  });

  test("a token that is no JSON is refused, and not quoted", async () => {
    stage.answer = () => ({
      headers: { ...FLAVOR, "content-type": "application/json" },
      body: '{"access_token":"secret',
    });
    const error = await rejectionOf(serverAt(stage.host).accessToken("default", [], undefined));
    expect((error as Error).message).toBe(
      `Received invalid JSON from the Google Compute Engine metadata service: http://${stage.host}/computeMetadata/v1/instance/service-accounts/default/token`,
    );
  });

  test("an account without an e-mail is refused in Python's words", async () => {
    stage.answer = () => ({ headers: FLAVOR, body: { aliases: [] } });
    const error = await rejectionOf(serverAt(stage.host).account("default", undefined));
    expect((error as Error).message).toBe(
      "Unexpected response from metadata server: service account info is missing 'email' field.",
    );
  });

  test("the universe is the default one for 404 and for an empty answer, and never for a failure", async () => {
    stage.answer = () => ({ headers: { ...FLAVOR, "content-type": "text/plain" }, body: "" });
    expect(await serverAt(stage.host).universeDomain(undefined)).toBe("googleapis.com");
    stage.answer = () => ({ status: 403, headers: FLAVOR, body: "" });
    expect(await rejectionOf(serverAt(stage.host).universeDomain(undefined))).toBeInstanceOf(CredentialsError);
  });

  test("an abort ends the retries with the signal's reason", async () => {
    stage.answer = () => ({ status: 503, headers: FLAVOR, body: "" });
    const controller = new AbortController();
    const server = new MetadataServer({ clock: new ManualClock(), environment: { GCE_METADATA_HOST: stage.host } });
    const asking = rejectionOf(server.projectId(controller.signal));
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 50);
    expect(await asking).toBe(reason);
  });
});

describe("mutual TLS", () => {
  const authority = createCertificateAuthority();
  const [ownOfServer, client] = [authority.issue(["localhost"]), authority.issue(["machine"])];
  let server: Server;
  let paths: string[];

  beforeEach(async () => {
    paths = [];
    const { certificate: cert, privateKey: key } = ownOfServer;
    server = createServer({ cert, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: true });
    server.on("request", (request, response) => {
      paths.push(request.url ?? "");
      response.writeHead(200, { ...FLAVOR, "content-type": "text/plain" }).end("over TLS");
    });
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    writeFileSync(join(folder, "root.crt"), authority.certificate);
    writeFileSync(join(folder, "client.key"), client.certificate + client.privateKey);
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const host = () => `localhost:${(server.address() as AddressInfo).port}`; // as: it listens on a port

  test("is used when the guest agent's files are there", async () => {
    expect(await serverAt(host()).projectId(undefined)).toBe("over TLS");
    expect(paths).toEqual(["/computeMetadata/v1/project/project-id"]);
  });

  test("is not used in the mode none; in the default mode a server without TLS is asked in the clear", async () => {
    expect(await serverAt(stage.host, { GCE_METADATA_MTLS_MODE: "NONE" }).projectId(undefined)).toBe("my-project");
    expect(await serverAt(stage.host).projectId(undefined)).toBe("my-project");
  });

  test("is not used in the default mode when the client's key is there and cannot be read", async () => {
    const unreadable = join(folder, "unreadable");
    mkdirSync(join(unreadable, "client.key"), { recursive: true });
    writeFileSync(join(unreadable, "root.crt"), authority.certificate);
    const environment = { GCE_METADATA_HOST: stage.host };
    const asking = new MetadataServer({ clock: quick, tlsFolder: unreadable, environment }).projectId(undefined);
    expect(await asking).toBe("my-project");
  });

  test("in strict mode is refused without files, and with a host of one's own", async () => {
    const strict = { GCE_METADATA_MTLS_MODE: "strict" };
    const own = await rejectionOf(serverAt(host(), strict).projectId(undefined));
    expect(own).toEqual(
      new MutualTlsChannelError(
        "GCE_METADATA_MTLS_MODE: strict mode and a metadata host of your own exclude each other",
      ),
    );
    const empty = new MetadataServer({ clock: quick, tlsFolder: join(folder, "none"), environment: strict });
    const missing = await rejectionOf(empty.projectId(undefined));
    expect(missing).toBeInstanceOf(ConfigurationError);
    expect(missing).toBeInstanceOf(MutualTlsChannelError);
    expect((missing as Error).message).toMatch(/^GCE_METADATA_MTLS_MODE: mTLS certificates not found in strict mode: /);
  });

  test("in an unknown mode is refused by the variable's name", async () => {
    const error = await rejectionOf(serverAt(host(), { GCE_METADATA_MTLS_MODE: "maybe" }).projectId(undefined));
    expect(error).toEqual(
      new ConfigurationError('GCE_METADATA_MTLS_MODE: must be one of strict, none, or default, was "maybe"'),
    );
  });
});

describe("an agent identity", () => {
  const config = (contents: object) => {
    const path = join(folder, "config.json");
    writeFileSync(path, JSON.stringify(contents));
    return path;
  };

  const AGENT = "spiffe://agents.global.org-123.system.id.goog/resources/x";
  const { privateKey: key } = createCertificateAuthority().issue(["localhost"]);
  const leaf = (...uris: readonly string[]) => {
    const { certificate } = createCertificateAuthority().issue(uris);
    const path = join(folder, "leaf.pem");
    writeFileSync(path, certificate + key);
    return { certificate, path, file: config({ cert_configs: { workload: { cert_path: path } } }) };
  };
  const identity = (environment: Record<string, string>, clock: Clock = quick) =>
    new AgentIdentity({ environment, clock, folder: join(folder, "platform") });
  const chainOf = (environment: Record<string, string>) => identity(environment).certificateChain(undefined);

  test("binds nothing without a certificate, with one that is no agent's, and with a file that is none", async () => {
    const { file } = leaf("localhost");
    expect(await chainOf({})).toBeUndefined();
    expect(await chainOf({ GOOGLE_API_CERTIFICATE_CONFIG: file })).toBeUndefined();
    expect(await chainOf({ GOOGLE_API_CERTIFICATE_CONFIG: config({ cert_configs: {} }) })).toBeUndefined();
    expect(await chainOf({ GOOGLE_API_CERTIFICATE_CONFIG: join(folder, "missing.json") })).toBeUndefined();
    expect(await chainOf({ GOOGLE_API_CERTIFICATE_CONFIG: '{"cert_configs":{}}' })).toBeUndefined();
  });

  test.each([AGENT, AGENT.replace("org-123", "proj-5"), AGENT.replace("agents.", "agents-nonprod.")])(
    "of %s binds tokens of both kinds: they are asked for by POST, with the certificate and without its key",
    async (uri) => {
      const { certificate, file } = leaf(uri);
      stage.answer = ({ path }) => ({
        headers: FLAVOR,
        body: path.includes("/identity") ? "a.b.c" : { access_token: "token", expires_in: 3599 },
      });
      const server = serverAt(stage.host, { GOOGLE_API_CERTIFICATE_CONFIG: file });
      expect(await server.accessToken("default", ["a", "b"], undefined)).toMatchObject({ token: "token" });
      expect(await server.identityToken("default", "https://a.example", undefined)).toBe("a.b.c");
      const base = "/computeMetadata/v1/instance/service-accounts/default";
      expect(stage.requests.map(({ method, path }) => [method, path])).toEqual([
        ["POST", `${base}/token?scopes=a%2Cb`],
        ["POST", `${base}/identity?audience=https%3A%2F%2Fa.example&format=full`],
      ]);
      for (const { body, headers } of stage.requests) {
        expect(headers["content-type"]).toBe("application/json");
        expect(JSON.parse(body)).toEqual({ certificate_chain: certificate.trim().concat("\n") });
      }
    },
  );

  test.each([
    ["GOOGLE_API_ENABLE_RUNTIME_BOUND_TOKEN", "false"],
    ["GOOGLE_API_ENABLE_RUNTIME_BOUND_TOKEN", " FALSE "],
    ["GOOGLE_API_PREVENT_AGENT_TOKEN_SHARING_FOR_GCP_SERVICES", "false"],
    ["GOOGLE_API_USE_CLIENT_CERTIFICATE", "false"],
  ])("binds nothing when %s is %j", async (variable, value) => {
    const { file } = leaf(AGENT);
    expect(await chainOf({ GOOGLE_API_CERTIFICATE_CONFIG: file, [variable]: value })).toBeUndefined();
  });

  test("whose file this process may not read binds nothing", async () => {
    const { path, file } = leaf(AGENT);
    chmodSync(folder, 0o755);
    chmodSync(path, 0);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534); // root may read everything
    try {
      expect(await chainOf({ GOOGLE_API_CERTIFICATE_CONFIG: file })).toBeUndefined();
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
    chmodSync(path, 0o600);
    expect(await chainOf({ GOOGLE_API_CERTIFICATE_CONFIG: file })).toMatch(/^-----BEGIN CERTIFICATE/);
  });

  test("goes by the new variable where both are set", async () => {
    const { file } = leaf(AGENT);
    const environment = {
      GOOGLE_API_CERTIFICATE_CONFIG: file,
      GOOGLE_API_ENABLE_RUNTIME_BOUND_TOKEN: "true",
      GOOGLE_API_PREVENT_AGENT_TOKEN_SHARING_FOR_GCP_SERVICES: "false",
    };
    expect(await chainOf(environment)).toMatch(/^-----BEGIN CERTIFICATE/);
  });

  test("that GKE puts into its place counts without a variable", async () => {
    mkdirSync(join(folder, "platform"));
    const { certificate } = leaf(AGENT);
    writeFileSync(join(folder, "platform", "x509.credential-bundle.private-key.pem"), key + certificate);
    expect(await chainOf({})).toBe(certificate.trim().concat("\n"));
  });

  test("that appears late is waited for, at the first token only; without it there is an error, and no token that all share", async () => {
    const { certificate } = leaf(AGENT);
    mkdirSync(join(folder, "platform"));
    const late = join(folder, "platform", "certificates.pem");
    const clock = new ManualClock();
    const waiting = identity({ GOOGLE_API_USE_CLIENT_CERTIFICATE: "true" }, clock);
    const first = waiting.certificateChain(undefined);
    await clock.advance(3_000);
    writeFileSync(late, certificate);
    await clock.advance(100);
    expect(await first).toBe(certificate.trim().concat("\n"));
    rmSync(late);
    const message = expect.stringMatching(
      /^the certificate of the agent identity is not in .*platform, so no token can be bound/,
    );
    expect(await rejectionOf(waiting.certificateChain(undefined))).toMatchObject({ name: "CredentialsError", message });
    const never = identity({ GOOGLE_API_CERTIFICATE_CONFIG: join(folder, "platform", "config.json") }, clock);
    const given = rejectionOf(never.certificateChain(undefined));
    await clock.advance(30_000);
    expect(await given).toMatchObject({ name: "CredentialsError", message });
  });

  test("that a metadata server can't bind to is told, with the way out", async () => {
    const { file } = leaf(AGENT);
    stage.answer = () => ({ status: 405, headers: FLAVOR, body: "" });
    const server = serverAt(stage.host, { GOOGLE_API_CERTIFICATE_CONFIG: file });
    expect(await rejectionOf(server.accessToken("default", [], undefined))).toMatchObject({
      name: "CredentialsError",
      message: expect.stringMatching(
        /: this metadata server binds no tokens; set GOOGLE_API_ENABLE_RUNTIME_BOUND_TOKEN=false/,
      ),
    });
  });
});

describe("detection", () => {
  const productNameFile = () => join(folder, "product_name");
  const find = (environment: Record<string, string>, clock: Clock = quick) =>
    hasMetadataServer({ environment, clock, productNameFile: productNameFile() });

  test("believes the firmware where the network says nothing, and looks at it alone in the mode bios-only", async () => {
    writeFileSync(productNameFile(), "Google Compute Engine\n");
    const environment = { GCE_METADATA_HOST: NOBODY, GCE_METADATA_DETECT_RETRIES: "1" };
    expect(await find(environment)).toBe(true);
    expect(await find({ METADATA_SERVER_DETECTION: "bios-only" })).toBe(true);
  });

  test("off Google Cloud says no within 300 ms, and neither throws nor warns", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on("warning", note);
    const clock = new ManualClock();
    const found = find({}, clock);
    await clock.advance(300);
    // A machine of Google's on which these tests run is told by its network card.
    const isGoogles = Object.values(networkInterfaces()).some((cards) => cards?.some(({ mac }) => /^42:01/.test(mac)));
    expect(await found).toBe(isGoogles);
    await settle();
    process.off("warning", note);
    expect([warnings, clock.waits]).toEqual([[], []]);
  });

  test("asks as often as the environment says", async () => {
    stage.answer = () => undefined;
    const environment = {
      GCE_METADATA_IP: stage.host,
      GCE_METADATA_DETECT_RETRIES: "2",
      GCE_METADATA_TIMEOUT: "0.05",
      METADATA_SERVER_DETECTION: "ping-only",
    };
    const clock = new ManualClock();
    const found = find(environment, clock);
    await waitUntil("the first question arrives", () => stage.requests.length === 1);
    await clock.advance(50);
    await waitUntil("the pause begins", () => clock.waits[0] === 1_000);
    await clock.advance(1_000);
    await waitUntil("the second question arrives", () => stage.requests.length === 2);
    await clock.advance(50);
    expect(await found).toBe(false);
    expect(stage.requests[0]?.headers["metadata-flavor"]).toBe("Google");
  });
});
