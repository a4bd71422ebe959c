// SPDX-License-Identifier: Apache-2.0
// Asks the metadata server of Google's compute platforms: paths, retries, what an answer means. Keeps no token.
//
// Source: google.auth.compute_engine._metadata, AIP-4115.

import { type Clock, sleep } from "../../base/clock.js";
import type { Environment } from "../../base/environment.js";
import { ConfigurationError, CredentialsError } from "../../base/errors.js";
import { HttpClient } from "../../base/http/http-client.js";
import { type HttpAnswer, headerOf, parseJsonObject } from "../../base/http/http-message.js";
import { askAside, type SideRequest } from "../../base/http/side-requests.js";
import { DEFAULT_UNIVERSE_DOMAIN, isUniverseDomain } from "../../base/options/google-names.js";
import { maskSecrets } from "../../base/secrets/secret-text.js";
import { VERSION } from "../../base/version.js";
import { AgentIdentity } from "./agent-identity.js";
import { loadMetadataTls, type MetadataTls, resolveMetadataTlsMode } from "./metadata-server-tls.js";

/** Where and how to ask. */
export interface MetadataServerSettings {
  readonly environment: Environment;
  readonly clock: Clock;
  /** Where the files for mutual TLS are. Default: where the guest agent puts them. */
  readonly tlsFolder?: string | undefined;
  /** Where the platform puts the certificate of an agent identity. Default: its own place. */
  readonly agentFolder?: string | undefined;
}

/** A service account of the machine. */
export interface MetadataAccount {
  /** Its e-mail address. */
  readonly email: string;
  /** The scopes that the machine was given. */
  readonly scopes: readonly string[];
}

/** What a request is about, for Google's statistics. */
type Purpose = "auth-request-type/at cred-type/mds" | "auth-request-type/it cred-type/mds" | undefined;

interface MetadataQuestion {
  /** Below `computeMetadata/v1/`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly purpose?: Purpose;
  /** JSON to post. Default: a GET. */
  readonly body?: string | undefined;
  readonly signal: AbortSignal | undefined;
}

const DEFAULT_HOST = "metadata.google.internal";
/** The server's address, which needs no DNS. */
const METADATA_ADDRESS = "169.254.169.254";
const DEFAULT_TIMEOUT_SECONDS = 3;
const FLAVOR = { "metadata-flavor": "Google" };

/** Five attempts, with 1, 2, 4 and 8 seconds between them: on GKE the server refuses connections in a pod's first seconds. */
const MAX_ATTEMPTS = 5;
const FIRST_DELAY_MS = 1_000;
const RETRIED_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 503, 504]);

const UNIVERSE_PATH = "universe/universe-domain";

/** The client header of a request to the metadata server. */
export function metadataClientHeader(purpose: string): string {
  return `gl-node/${process.versions.node} auth/${VERSION} ${purpose}`;
}

/** How long one request may take, in milliseconds; the environment says it in seconds. */
export function metadataTimeoutMs(environment: Environment): number {
  const seconds = Number(environment["GCE_METADATA_TIMEOUT"] || DEFAULT_TIMEOUT_SECONDS);
  return (seconds > 0 && Number.isFinite(seconds) ? seconds : DEFAULT_TIMEOUT_SECONDS) * 1000;
}

/**
 * The host that the environment names instead of the usual one.
 *
 * @throws ConfigurationError naming the variable, when its value is not a host
 */
export function ownMetadataHost(environment: Environment): string | undefined {
  return hostOf(environment, "GCE_METADATA_HOST") ?? hostOf(environment, "GCE_METADATA_ROOT");
}

/** The same for the address that is asked whether there is a metadata server. */
export function metadataPingHost(environment: Environment): string {
  return hostOf(environment, "GCE_METADATA_IP") ?? ownMetadataHost(environment) ?? METADATA_ADDRESS;
}

function hostOf(environment: Environment, variable: string): string | undefined {
  const host = environment[variable];
  if (host === undefined || host === "") return undefined;
  if (/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/.test(host)) return host;
  throw new ConfigurationError(
    `${variable}: must be host or host:port, without a scheme or path, not ${JSON.stringify(maskSecrets(host))}`,
  );
}

/** A metadata server. */
export class MetadataServer {
  readonly #settings: MetadataServerSettings;
  readonly #http: HttpClient;
  readonly #agent: AgentIdentity;
  #universeDomain: string | undefined;

  /** @throws ConfigurationError when the environment names something that is not a host */
  constructor(settings: MetadataServerSettings) {
    this.#settings = settings;
    ownMetadataHost(settings.environment);
    const { environment, clock, agentFolder: folder } = settings;
    this.#agent = new AgentIdentity({ environment, clock, folder });
    // Without a proxy rule: the metadata server is on this machine's own link, whatever its name.
    this.#http = new HttpClient({ clock: settings.clock });
  }

  /** A service account of the machine. @param account its e-mail, or `default` */
  async account(account: string, signal: AbortSignal | undefined): Promise<MetadataAccount> {
    const path = `${accountPath(account)}/`;
    const answer = await this.#ask({ path, query: { recursive: "true" }, signal });
    const { email, scopes } = this.#parse(path, answer);
    if (typeof email !== "string" || email === "") {
      throw new CredentialsError(
        "Unexpected response from metadata server: service account info is missing 'email' field.",
      );
    }
    const given = typeof scopes === "string" ? scopes.split(/\s+/) : scopes;
    return { email, scopes: Array.isArray(given) ? given.filter((scope) => typeof scope === "string") : [] };
  }

  /** An access token of an account, and how long it is good. */
  async accessToken(
    account: string,
    scopes: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<{ token: string; expiresInSeconds: number }> {
    const path = `${accountPath(account)}/token`;
    const query = scopes.length === 0 ? {} : { scopes: scopes.join(",") };
    const answer = await this.#askBound({ path, query, purpose: "auth-request-type/at cred-type/mds", signal });
    const { access_token: token, expires_in: expiresIn } = this.#parse(path, answer);
    if (typeof token !== "string" || token === "" || !(Number(expiresIn) > 0)) {
      throw new CredentialsError("Unexpected response from metadata server: it contains no token with an expiry.");
    }
    return { token, expiresInSeconds: Number(expiresIn) };
  }

  /** An ID token of an account. */
  async identityToken(account: string, audience: string, signal: AbortSignal | undefined): Promise<string> {
    const path = `${accountPath(account)}/identity`;
    const query = { audience, format: "full" };
    const answer = await this.#askBound({ path, query, purpose: "auth-request-type/it cred-type/mds", signal });
    const token = expectOk(this.#url(path), answer).text.trim();
    if (token !== "") return token;
    throw new CredentialsError("Unexpected response from metadata server: it contains no ID token.");
  }

  /** The universe that the machine is in. Asked once; if the server knows none, it is Google's default. */
  async universeDomain(signal: AbortSignal | undefined): Promise<string> {
    if (this.#universeDomain !== undefined) return this.#universeDomain;
    const answer = await this.#ask({ path: UNIVERSE_PATH, signal });
    const domain = answer.status === 404 ? "" : expectOk(this.#url(UNIVERSE_PATH), answer).text.trim();
    if (domain !== "" && !isUniverseDomain(domain)) {
      throw new CredentialsError("Unexpected response from metadata server: the universe is not a domain.");
    }
    this.#universeDomain = domain === "" ? DEFAULT_UNIVERSE_DOMAIN : domain;
    return this.#universeDomain;
  }

  /** The project that the machine is in. */
  async projectId(signal: AbortSignal | undefined): Promise<string> {
    const path = "project/project-id";
    return expectOk(this.#url(path), await this.#ask({ path, signal })).text.trim();
  }

  #url(path: string): string {
    return `http://${ownMetadataHost(this.#settings.environment) ?? DEFAULT_HOST}/computeMetadata/v1/${path}`;
  }

  #parse(path: string, answer: HttpAnswer): Readonly<Record<string, unknown>> {
    const url = this.#url(path);
    expectOk(url, answer);
    const mediaType = headerOf(answer, "content-type").split(";")[0]?.trim().toLowerCase();
    const document = mediaType === "application/json" ? parseJsonObject(answer.text) : undefined;
    if (document !== undefined) return document;
    // Not quoted: it may be half a token.
    throw new CredentialsError(`Received invalid JSON from the Google Compute Engine metadata service: ${url}`);
  }

  /** Over mutual TLS when there is material for it; in the clear after that failed, if the mode allows it. */
  async #askOnce(request: SideRequest, tls: MetadataTls | undefined, mayFallBack: boolean): Promise<HttpAnswer> {
    if (tls === undefined) return askAside(this.#http, request);
    const { clock } = this.#settings;
    if (!mayFallBack) return askWithCertificate(request, tls, clock);
    try {
      const answer = await askWithCertificate(request, tls, clock);
      if (answer.status < 400) return answer;
    } catch {
      if (request.signal?.aborted) throw request.signal.reason;
    }
    return askAside(this.#http, request);
  }

  /** Asks for a token, bound to the certificate of the agent identity where there is one: by POST, with the certificate. */
  async #askBound(question: MetadataQuestion): Promise<HttpAnswer> {
    const chain = await this.#agent.certificateChain(question.signal);
    if (chain === undefined) return this.#ask(question);
    const answer = await this.#ask({ ...question, body: JSON.stringify({ certificate_chain: chain }) });
    if (answer.status !== 404 && answer.status !== 405) return answer;
    throw new CredentialsError(
      `${this.#url(question.path)}: this metadata server does not bind tokens; set GOOGLE_API_ENABLE_RUNTIME_BOUND_TOKEN=false for an unbound token`,
    );
  }

  /** An answer of the metadata server, after as many attempts as it takes. @throws CredentialsError without one */
  async #ask(question: MetadataQuestion): Promise<HttpAnswer> {
    const { clock, environment } = this.#settings;
    const query = new URLSearchParams(question.query).toString();
    const url = this.#url(question.path) + (query === "" ? "" : `?${query}`);
    const headers = {
      ...FLAVOR,
      ...(question.body === undefined ? {} : { "content-type": "application/json" }),
      ...(question.purpose === undefined ? {} : { "x-goog-api-client": metadataClientHeader(question.purpose) }),
    };
    const tlsMode = resolveMetadataTlsMode(environment);
    const tls = loadMetadataTls(tlsMode, this.#settings.tlsFolder, ownMetadataHost(environment) !== undefined);
    const { signal } = question;
    const { body } = question;
    const posted = body === undefined ? {} : ({ method: "POST", body } as const);
    const exchange = { url, headers, signal, timeoutMs: metadataTimeoutMs(environment), ...posted };
    let last: unknown;
    for (let attempt = 1, delayMs = FIRST_DELAY_MS; attempt <= MAX_ATTEMPTS; attempt++, delayMs *= 2) {
      try {
        const answer = await this.#askOnce(exchange, tls, tlsMode === "default");
        if (!RETRIED_STATUSES.has(answer.status)) return expectFlavor(url, answer);
        last = new Error(`the response status was ${answer.status}`);
      } catch (error) {
        if (signal?.aborted || error instanceof CredentialsError) throw error;
        last = error;
      }
      const jitter = 0.9 + 0.2 * clock.random();
      if (attempt < MAX_ATTEMPTS) await sleep(clock, delayMs * jitter, [signal]);
    }
    const why = last instanceof Error ? last.message : String(last);
    throw new CredentialsError(
      `Failed to retrieve ${url} from the Google Compute Engine metadata service. Compute Engine Metadata server unavailable. Last exception: ${why}`,
      { cause: last },
    );
  }
}

/** With material read for this one request: the guest agent renews it. */
async function askWithCertificate(
  request: SideRequest,
  { ca, cert, key }: MetadataTls,
  clock: Clock,
): Promise<HttpAnswer> {
  const http = new HttpClient({ clock, rootCertificates: ca, clientCertSource: () => ({ cert, key }) });
  try {
    return await askAside(http, { ...request, url: request.url.replace(/^http:/, "https:") });
  } finally {
    http.close();
  }
}

function accountPath(account: string): string {
  return `instance/service-accounts/${encodeURIComponent(account).replaceAll("%40", "@")}`;
}

function expectOk(url: string, answer: HttpAnswer): HttpAnswer {
  if (answer.status === 200) return answer;
  // Masked before it is cut: half of a secret looks like none.
  const text = maskSecrets(answer.text).slice(0, 200).trim();
  throw new CredentialsError(
    `Failed to retrieve ${url} from the Google Compute Engine metadata service. Status: ${answer.status} Response: ${text}`,
  );
}

/** Whatever answers without this header is not a metadata server, but a proxy or a captive portal. */
export function hasMetadataFlavor(answer: HttpAnswer): boolean {
  return headerOf(answer, "metadata-flavor") === "Google";
}

function expectFlavor(url: string, answer: HttpAnswer): HttpAnswer {
  if (hasMetadataFlavor(answer)) return answer;
  throw new CredentialsError(
    `${url}: the response has no header "Metadata-Flavor: Google", so it is not from a metadata server`,
  );
}
