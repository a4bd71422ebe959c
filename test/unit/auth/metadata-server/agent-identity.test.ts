// SPDX-License-Identifier: Apache-2.0
// The certificate of an agent identity: where it is looked for, how long, and what is bound to it.

import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AgentIdentity } from "../../../../src/auth/metadata-server/agent-identity.js";
import type { Clock } from "../../../../src/base/clock.js";
import { createCertificateAuthority } from "../../../support/certificate-authority.js";
import { runProgram } from "../../../support/child-program.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { FLAVOR, type MetadataPeer, quickClock, startMetadataPeer } from "../../../support/metadata-peer.js";
import { rejectionOf } from "../../../support/rejection-of.js";

let stage: MetadataPeer;
beforeEach(async () => {
  stage = await startMetadataPeer();
});
afterEach(() => stage.close());

describe("an agent identity", () => {
  const config = (contents: object) => {
    const path = join(stage.folder, "config.json");
    writeFileSync(path, JSON.stringify(contents));
    return path;
  };

  const AGENT = "spiffe://agents.global.org-123.system.id.goog/resources/x";
  const { privateKey: key } = createCertificateAuthority().issue(["localhost"]);
  const leaf = (...uris: readonly string[]) => {
    const { certificate } = createCertificateAuthority().issue(uris);
    const path = join(stage.folder, "leaf.pem");
    writeFileSync(path, certificate + key);
    return { certificate, path, file: config({ cert_configs: { workload: { cert_path: path } } }) };
  };
  const identity = (environment: Record<string, string>, clock: Clock = quickClock) =>
    new AgentIdentity({ environment, clock, folder: join(stage.folder, "platform") });
  const chainOf = (environment: Record<string, string>) => identity(environment).certificateChain(undefined);

  test("binds nothing without a certificate, with one that is no agent's, and with a file that is none", async () => {
    const { file } = leaf("localhost");
    expect(await chainOf({})).toBeUndefined();
    expect(await chainOf({ GOOGLE_API_CERTIFICATE_CONFIG: file })).toBeUndefined();
    expect(await chainOf({ GOOGLE_API_CERTIFICATE_CONFIG: config({ cert_configs: {} }) })).toBeUndefined();
    expect(await chainOf({ GOOGLE_API_CERTIFICATE_CONFIG: join(stage.folder, "missing.json") })).toBeUndefined();
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
      const server = stage.reader(stage.host, { GOOGLE_API_CERTIFICATE_CONFIG: file });
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
    chmodSync(stage.folder, 0o755);
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

  test("that is no certificate binds nothing, and that is told once, however often it is asked", async () => {
    const { path, file } = leaf(AGENT);
    writeFileSync(path, "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n");
    const { code, stdout, stderr } = await runProgram("test/unit/auth/programs/agent-warning.ts", { FILE: file });
    expect([code, stdout]).toEqual([0, "none none none"]);
    expect(stderr.match(/IAMCredentialsWarning: .*/g)).toEqual([
      `IAMCredentialsWarning: ${path}: it is not a certificate, so tokens are not bound to it`,
    ]);
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
    mkdirSync(join(stage.folder, "platform"));
    const { certificate } = leaf(AGENT);
    writeFileSync(join(stage.folder, "platform", "x509.credential-bundle.private-key.pem"), key + certificate);
    expect(await chainOf({})).toBe(certificate.trim().concat("\n"));
  });

  test("that appears late is waited for, at the first token only; without it there is an error, and no token that all share", async () => {
    const { certificate } = leaf(AGENT);
    mkdirSync(join(stage.folder, "platform"));
    const late = join(stage.folder, "platform", "certificates.pem");
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
    const never = identity({ GOOGLE_API_CERTIFICATE_CONFIG: join(stage.folder, "platform", "config.json") }, clock);
    const given = rejectionOf(never.certificateChain(undefined));
    await clock.advance(30_000);
    expect(await given).toMatchObject({ name: "CredentialsError", message });
  });

  test("that a metadata server can't bind to is told, with the way out", async () => {
    const { file } = leaf(AGENT);
    stage.answer = () => ({ status: 405, headers: FLAVOR, body: "" });
    const server = stage.reader(stage.host, { GOOGLE_API_CERTIFICATE_CONFIG: file });
    expect(await rejectionOf(server.accessToken("default", [], undefined))).toMatchObject({
      name: "CredentialsError",
      message: expect.stringMatching(
        /: this metadata server does not bind tokens; set GOOGLE_API_ENABLE_RUNTIME_BOUND_TOKEN=false/,
      ),
    });
  });
});
