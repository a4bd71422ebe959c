// SPDX-License-Identifier: Apache-2.0
// What our reader of the metadata server talks to: a server that says what a test wants, an empty folder, and a clock on which
// the pauses between attempts are short.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MetadataServer } from "../../src/auth/metadata-server/metadata-server.js";
import { type Clock, systemClock } from "../../src/base/clock.js";
import { HttpStage } from "./http-stage.js";

/** The header of every answer. */
export const FLAVOR = { "metadata-flavor": "Google" };

/** The machine's clock, but the seconds between attempts (not those for an answer or a connection) pass a thousand times faster. */
export const quickClock: Clock = {
  ...systemClock,
  schedule: (ms, callback, keepsAlive) =>
    systemClock.schedule(ms > 800 && ms !== 3_000 && ms !== 10_000 ? ms / 1_000 : ms, callback, keepsAlive),
};

/** The server. It answers everything with the project, until told otherwise. Made by {@link startMetadataPeer}. */
export class MetadataPeer extends HttpStage {
  /** Where a machine keeps its certificates. */
  readonly folder = mkdtempSync(join(tmpdir(), "metadata-"));

  constructor() {
    super(() => ({ headers: { ...FLAVOR, "content-type": "text/plain" }, body: "my-project" }));
  }

  /** Our reader, on the quick clock. @param host by default this server's @param environment more of it */
  reader(host: string = this.host, environment: Readonly<Record<string, string>> = {}): MetadataServer {
    return new MetadataServer({
      clock: quickClock,
      tlsFolder: this.folder,
      environment: { GCE_METADATA_HOST: host, ...environment },
    });
  }

  override async close(): Promise<void> {
    await super.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** Starts it. */
export async function startMetadataPeer(): Promise<MetadataPeer> {
  const peer = new MetadataPeer();
  await peer.listen();
  return peer;
}
