// SPDX-License-Identifier: Apache-2.0
// How the metadata server is asked: retries, and mutual TLS.

import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { MetadataServer } from "../../../../src/auth/metadata-server/metadata-server.js";
import { ConfigurationError, CredentialsError, MutualTlsChannelError } from "../../../../src/index.js";
import { createCertificateAuthority } from "../../../support/certificate-authority.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { FLAVOR, type MetadataPeer, quickClock, startMetadataPeer } from "../../../support/metadata-peer.js";
import { rejectionOf } from "../../../support/rejection-of.js";
import { PLANTED } from "../../../support/secrets.js";

let stage: MetadataPeer;
beforeEach(async () => {
  stage = await startMetadataPeer();
});
afterEach(() => stage.close());

describe("answers", () => {
  test.each([408, 429, 500, 503, 504])("%d is asked again, up to five times", async (status) => {
    stage.answer = () => ({ status, headers: FLAVOR, body: "" });
    const error = await rejectionOf(stage.reader().projectId(undefined));
    expect(error).toBeInstanceOf(CredentialsError);
    expect((error as Error).message).toBe(
      `Failed to retrieve http://${stage.host}/computeMetadata/v1/project/project-id from the Google Compute Engine metadata service. Compute Engine Metadata server unavailable. Last exception: the response status was ${status}`,
    );
    expect(stage.requests).toHaveLength(5);
  });

  test.each([400, 403, 404, 502])("%d is final", async (status) => {
    stage.answer = () => ({ status, headers: FLAVOR, body: "what is wrong\n" });
    const error = await rejectionOf(stage.reader().projectId(undefined));
    expect((error as Error).message).toMatch(new RegExp(`Status: ${status} Response: what is wrong$`));
    expect(stage.requests).toHaveLength(1);
  });

  test("a secret in an answer is not repeated, even where the answer is cut off", async () => {
    const body = `${"x ".repeat(80)}${PLANTED.assertion}`;
    stage.answer = () => ({ status: 403, headers: FLAVOR, body });
    const error = await rejectionOf(stage.reader().projectId(undefined));
    expect((error as Error).message).toMatch(/x x \[hidden\]$/);
  });

  test("a token that is no JSON is refused, and not quoted", async () => {
    stage.answer = () => ({
      headers: { ...FLAVOR, "content-type": "application/json" },
      body: '{"access_token":"secret',
    });
    const error = await rejectionOf(stage.reader().accessToken("default", [], undefined));
    expect((error as Error).message).toBe(
      `Received invalid JSON from the Google Compute Engine metadata service: http://${stage.host}/computeMetadata/v1/instance/service-accounts/default/token`,
    );
  });

  test("an account without an e-mail is refused in Python's words", async () => {
    stage.answer = () => ({ headers: FLAVOR, body: { aliases: [] } });
    const error = await rejectionOf(stage.reader().account("default", undefined));
    expect((error as Error).message).toBe(
      "Unexpected response from metadata server: service account info is missing 'email' field.",
    );
  });

  test("the universe is the default one for 404 and for an empty answer, and never for a failure", async () => {
    stage.answer = () => ({ headers: { ...FLAVOR, "content-type": "text/plain" }, body: "" });
    expect(await stage.reader().universeDomain(undefined)).toBe("googleapis.com");
    stage.answer = () => ({ headers: FLAVOR, body: "<html>Log in</html>" });
    expect(await rejectionOf(stage.reader().universeDomain(undefined))).toMatchObject({
      name: "CredentialsError",
      message: "Unexpected response from metadata server: the universe is not a domain.",
    });
    stage.answer = () => ({ status: 403, headers: FLAVOR, body: "" });
    expect(await rejectionOf(stage.reader().universeDomain(undefined))).toBeInstanceOf(CredentialsError);
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
    writeFileSync(join(stage.folder, "root.crt"), authority.certificate);
    writeFileSync(join(stage.folder, "client.key"), client.certificate + client.privateKey);
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const host = () => `localhost:${(server.address() as AddressInfo).port}`; // as: it listens on a port

  test("is used when the guest agent's files are there", async () => {
    expect(await stage.reader(host()).projectId(undefined)).toBe("over TLS");
    expect(paths).toEqual(["/computeMetadata/v1/project/project-id"]);
  });

  test("is not used in the mode none; in the default mode a server without TLS is asked in the clear", async () => {
    expect(await stage.reader(stage.host, { GCE_METADATA_MTLS_MODE: "NONE" }).projectId(undefined)).toBe("my-project");
    expect(await stage.reader().projectId(undefined)).toBe("my-project");
  });

  test("is not used in the default mode when the client's key is there and cannot be read", async () => {
    const unreadable = join(stage.folder, "unreadable");
    mkdirSync(join(unreadable, "client.key"), { recursive: true });
    writeFileSync(join(unreadable, "root.crt"), authority.certificate);
    const environment = { GCE_METADATA_HOST: stage.host };
    const asking = new MetadataServer({ clock: quickClock, tlsFolder: unreadable, environment }).projectId(undefined);
    expect(await asking).toBe("my-project");
  });

  test("in strict mode is refused without files, and with a host of one's own", async () => {
    const strict = { GCE_METADATA_MTLS_MODE: "strict" };
    const own = await rejectionOf(stage.reader(host(), strict).projectId(undefined));
    expect(own).toEqual(
      new MutualTlsChannelError("GCE_METADATA_MTLS_MODE: strict mode cannot be used with a custom metadata host"),
    );
    const empty = new MetadataServer({ clock: quickClock, tlsFolder: join(stage.folder, "none"), environment: strict });
    const missing = await rejectionOf(empty.projectId(undefined));
    expect(missing).toBeInstanceOf(ConfigurationError);
    expect(missing).toBeInstanceOf(MutualTlsChannelError);
    expect((missing as Error).message).toMatch(/^GCE_METADATA_MTLS_MODE: mTLS certificates not found in strict mode: /);
  });

  test("in an unknown mode is refused by the variable's name", async () => {
    const error = await rejectionOf(stage.reader(host(), { GCE_METADATA_MTLS_MODE: "maybe" }).projectId(undefined));
    expect(error).toEqual(
      new ConfigurationError('GCE_METADATA_MTLS_MODE: must be one of strict, none, or default, not "maybe"'),
    );
  });
});
