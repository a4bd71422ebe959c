// SPDX-License-Identifier: Apache-2.0
// A TLS server that demands client certificates, and clients to it. Every certificate is made here, and rootCertificates names the one
// authority to trust, so no setting of the machine can help.

import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClientCertificate, type ClientOptions, IAMCredentialsAsyncClient } from "../../src/index.js";
import { setEnvironment } from "./bare-environment.js";
import { type Certified, createCertificateAuthority } from "./certificate-authority.js";
import { type MutualTlsFront, startMutualTlsFront } from "./mutual-tls-front.js";
import { type RecordingServer, startRecordingServer } from "./recording-server.js";
import { transportOfTurn } from "./transport-of-turn.js";

/** Who has issued the server's certificate, and who those of clients, the newer of which the server does not trust at first. */
export const SERVERS = createCertificateAuthority("servers");
export const OLD_CLIENTS = createCertificateAuthority("old");
export const NEW_CLIENTS = createCertificateAuthority("new");

export const OWN_OF_SERVER = SERVERS.issue(["127.0.0.1"]);
export const OLD_ONE = OLD_CLIENTS.issue(["old-client"]);
export const NEW_ONE = NEW_CLIENTS.issue(["new-client"]);

export const REQUEST = { name: "robot@some-project.iam.gserviceaccount.com", payload: Buffer.from("x") };

/** A certificate as a client's source gives it. */
export const asSource = ({ certificate, privateKey }: Certified): ClientCertificate => ({
  cert: certificate,
  key: privateKey,
});

/** The stage. Made by {@link openMutualTlsStage}. */
export class MutualTlsStage implements AsyncDisposable {
  /** What answers behind the front. */
  readonly recorder: RecordingServer;
  /** What demands certificates. */
  readonly front: MutualTlsFront;
  readonly #folder = mkdtempSync(join(tmpdir(), "mutual-tls-"));
  #restoreEnvironment = setEnvironment({ GOOGLE_API_USE_CLIENT_CERTIFICATE: "true" });

  constructor(recorder: RecordingServer, front: MutualTlsFront) {
    this.recorder = recorder;
    this.front = front;
  }

  /** Sets other variables than those of the stage, which asks for a client certificate. */
  setEnvironment(variables: Parameters<typeof setEnvironment>[0]): void {
    this.#restoreEnvironment();
    this.#restoreEnvironment = setEnvironment(variables);
  }

  /** A client to the front. */
  clientTo(options: ClientOptions): IAMCredentialsAsyncClient {
    return new IAMCredentialsAsyncClient({
      transport: transportOfTurn(),
      apiEndpoint: this.front.host,
      rootCertificates: SERVERS.certificate,
      credentials: { getRequestMetadata: () => ({ authorization: "Bearer some-token" }) },
      ...options,
    });
  }

  /** Puts a certificate into the files of a workload, each in one stroke. @returns the path of the file that names the others */
  writeWorkload({ certificate, privateKey }: Certified) {
    const at = (name: string) => join(this.#folder, name);
    const paths = { cert_path: at("client.crt"), key_path: at("client.key") };
    const files = {
      "client.crt": certificate,
      "client.key": privateKey,
      "config.json": JSON.stringify({ cert_configs: { workload: paths } }),
    };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(at(`${name}.next`), text);
      renameSync(at(`${name}.next`), at(name));
    }
    return { config: at("config.json") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#restoreEnvironment();
    await this.front[Symbol.asyncDispose]();
    await this.recorder[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true });
  }
}

/** Opens the stage. */
export async function openMutualTlsStage(): Promise<MutualTlsStage> {
  const recorder = await startRecordingServer();
  return new MutualTlsStage(recorder, await startMutualTlsFront(OWN_OF_SERVER, OLD_CLIENTS.certificate, recorder.port));
}
