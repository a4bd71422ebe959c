// SPDX-License-Identifier: Apache-2.0
// A home folder of a machine with, or without, what Google's tools leave there for mutual TLS.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A home folder that is there until it is disposed of. */
export class MachineHome implements Disposable {
  /** Its path. */
  readonly path = mkdtempSync(join(tmpdir(), "home-"));

  /** Writes a file below it, a value as JSON. Returns its path. */
  write(name: string, content: unknown): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  }

  /** gcloud's certificate config. */
  writeCertificateConfig(content: unknown): string {
    return this.write(".config/gcloud/certificate_config.json", content);
  }

  /** What endpoint verification leaves. @param command what gives out certificates */
  writeSecureConnect(command: unknown): string {
    return this.write(".secureConnect/context_aware_metadata.json", { cert_provider_command: command });
  }

  /** The variables that make it the home of a process. */
  get variables(): { readonly HOME: string; readonly USERPROFILE: string } {
    return { HOME: this.path, USERPROFILE: this.path };
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}
