// SPDX-License-Identifier: Apache-2.0
// The certificate of an agent identity, to which the metadata server binds tokens: whether this machine has one, and whether tokens are to
// be bound to it. Sends nothing.
//
// Source: google.auth._agent_identity_utils, and AgentIdentityUtils of google-auth-library-java.

import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { type Clock, sleep } from "../../base/clock.js";
import type { Environment } from "../../base/environment.js";
import { CredentialsError } from "../../base/errors.js";
import { parseJsonObject } from "../../base/http/http-message.js";
import { isPath } from "../../base/secrets/secret-text.js";

/** Where to look. */
interface AgentIdentitySettings {
  readonly environment: Environment;
  readonly clock: Clock;
  /** Where the platform puts the files. Default: `/var/run/secrets/workload-spiffe-credentials`. */
  readonly folder?: string | undefined;
}

const CONFIG_VARIABLE = "GOOGLE_API_CERTIFICATE_CONFIG";
const BINDING_VARIABLE = "GOOGLE_API_ENABLE_RUNTIME_BOUND_TOKEN";
/** Deprecated; applies if the other is not set. */
const OLD_BINDING_VARIABLE = "GOOGLE_API_PREVENT_AGENT_TOKEN_SHARING_FOR_GCP_SERVICES";
const CERTIFICATES_VARIABLE = "GOOGLE_API_USE_CLIENT_CERTIFICATE";
const FOLDER = "/var/run/secrets/workload-spiffe-credentials";
/** Certificate and key in one file, on GKE; used even without a variable. */
const GKE_BUNDLE = "x509.credential-bundle.private-key.pem";
const AGENT_URI = /(^|[\s,"])URI:spiffe:\/\/agents(-nonprod)?\.global\.(org|proj)-\d+\.system\.id\.goog(\/|$|[\s,"])/;

/** The platform puts its files there while the container starts: 5 s of quick checks, then slow ones, 30 s in all. */
const QUICK_LOOKS = 50;
const QUICK_MS = 100;
const LOOKS = QUICK_LOOKS + 50;
const SLOW_MS = 500;

/** Where the certificate is; `undefined`: nowhere; `"late"`: the platform's files are not there yet. */
type Place = string | undefined | "late";

/** The certificate of this machine's agent identity. One per metadata server, so that only the first token waits for files. */
export class AgentIdentity {
  readonly #settings: AgentIdentitySettings;
  readonly #folder: string;
  #hasWaited = false;
  #hasWarned = false;

  constructor(settings: AgentIdentitySettings) {
    this.#settings = settings;
    this.#folder = settings.folder ?? FOLDER;
  }

  /**
   * The certificate chain in PEM form, without a key; `undefined`: tokens are not to be bound. Read each time, since it is renewed.
   *
   * @throws CredentialsError when the platform's files do not appear: a token that is not bound is one that all share
   */
  async certificateChain(signal: AbortSignal | undefined): Promise<string | undefined> {
    if (!isBindingOn(this.#settings.environment)) return undefined;
    for (let look = 0; ; look++) {
      const place = this.#place();
      if (place !== "late") {
        this.#hasWaited = true;
        return place === undefined ? undefined : this.#read(place);
      }
      if (this.#hasWaited || look === LOOKS) {
        this.#hasWaited = true;
        throw new CredentialsError(
          `the certificate of the agent identity is not in ${this.#folder}, so no token can be bound to it; ` +
            `set ${BINDING_VARIABLE}=false for unbound tokens`,
        );
      }
      await sleep(this.#settings.clock, look < QUICK_LOOKS ? QUICK_MS : SLOW_MS, [signal]);
    }
  }

  #place(): Place {
    const { environment } = this.#settings;
    const config = environment[CONFIG_VARIABLE]?.trim();
    if (config !== undefined && config !== "") return isPath(config) ? this.#placeIn(config) : undefined;
    const bundle = join(this.#folder, GKE_BUNDLE);
    if (isReady(bundle)) return bundle;
    if (!isSaid(environment, CERTIFICATES_VARIABLE)) return undefined;
    return ["credentialbundle.pem", "certificates.pem"].map((name) => join(this.#folder, name)).find(isReady) ?? "late";
  }

  #placeIn(config: string): Place {
    const missing = (path: string): Place => (this.#isPlatforms(path) ? "late" : undefined);
    if (!isReady(config)) return missing(config);
    let text: string;
    try {
      text = readFileSync(config, "utf8");
    } catch (error) {
      this.#warn(config, error);
      return undefined;
    }
    const document = parseJsonObject(text);
    if (document === undefined) return missing(config);
    const path = memberOf(memberOf(memberOf(document, "cert_configs"), "workload"), "cert_path");
    if (typeof path !== "string") return undefined;
    return isReady(path) ? path : missing(path);
  }

  #isPlatforms(path: string): boolean {
    return resolve(path).startsWith(resolve(this.#folder) + sep);
  }

  #read(path: string): string | undefined {
    try {
      const text = readFileSync(path, "utf8");
      const chain = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
      const [leaf] = chain;
      if (leaf === undefined || !AGENT_URI.test(new X509Certificate(leaf).subjectAltName ?? "")) return undefined;
      return `${chain.join("\n")}\n`;
    } catch (error) {
      this.#warn(path, error);
      return undefined;
    }
  }

  /** Once: a process that may not read the file gets an unbound token, as in Python's library. */
  #warn(path: string, error: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const code: unknown = memberOf(error, "code");
    const why =
      code === "EACCES" || code === "EPERM" ? "this process is not allowed to read it" : "it is not a certificate";
    process.emitWarning(`${path}: ${why}, so tokens are not bound to it`, "IAMCredentialsWarning");
  }
}

function isBindingOn(environment: Environment): boolean {
  const certificates = environment[CERTIFICATES_VARIABLE]?.trim().toLowerCase();
  if (certificates !== undefined && certificates !== "" && certificates !== "true") return false;
  const said = environment[BINDING_VARIABLE]?.trim() || environment[OLD_BINDING_VARIABLE]?.trim() || "";
  return said.toLowerCase() !== "false";
}

function isSaid(environment: Environment, variable: string): boolean {
  return environment[variable]?.trim().toLowerCase() === "true";
}

/** Whether a file has any content yet. */
function isReady(path: string): boolean {
  try {
    return existsSync(path) && statSync(path).size > 0;
  } catch {
    return false;
  }
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
