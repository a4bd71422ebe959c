// SPDX-License-Identifier: Apache-2.0
// What the steps ask with: clients that call as the program does, made when they are needed, and plain HTTP. Knows no step.

import { X509Certificate } from "node:crypto";
import { type Clock, systemClock } from "../../base/clock.js";
import { type Environment, readEnvironment } from "../../base/environment.js";
import type { HttpClient } from "../../base/http/http-client.js";
import type { HttpAnswer } from "../../base/http/http-message.js";
import { askAside, openSideClient } from "../../base/http/side-requests.js";
import type { ClientOptions } from "../../client/client-options.js";
import { ClientSession } from "../../client/client-session.js";
import { type CredentialsExplanation, explainChoice } from "../../client/explain-credentials.js";
import { IAMAsyncClient } from "../../iam-admin/client.js";
import { IAMCredentialsAsyncClient } from "../../iam-credentials/client.js";
import { IAM_CREDENTIALS } from "../../iam-credentials/methods.js";
import { ProjectsAsyncClient } from "../../resource-manager/client.js";
import type { CallOptions } from "../../rpc/call-options.js";
import { ServiceUsageAsyncClient } from "../../service-usage/client.js";
import type { DiagnoseOptions } from "./diagnose-options.js";
import { type SideUrls, sideUrlsOf } from "./side-urls.js";

/** Long enough for a slow proxy and a retry, short enough for somebody waiting at a terminal. */
const DEFAULT_TIMEOUT_MS = 15_000;
/** The metadata server is asked five times, with 15 s of pauses, before it is known why it gives no token. */
const TOKEN_TIMEOUTS = 2;

/** A request over plain HTTP. */
interface PlainRequest {
  readonly url: string;
  /** Default: GET without a body. */
  readonly form?: Readonly<Record<string, string>>;
  /** A token to send. Default: none. */
  readonly token?: string | undefined;
}

/** What the steps ask with. Close it when everything is done. */
export class Means {
  readonly options: ClientOptions;
  readonly clock: Clock;
  readonly environment: Environment;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  #http: HttpClient | undefined;
  readonly #open = new Map<string, { close(options: { gracePeriod: number }): Promise<void> }>();

  constructor({ clientOptions = {}, timeout = DEFAULT_TIMEOUT_MS, signal }: DiagnoseOptions) {
    this.options = clientOptions;
    this.clock = clientOptions.clock ?? systemClock;
    this.environment = { ...readEnvironment() };
    this.timeoutMs = timeout;
    this.signal = signal;
  }

  /** The options of each call. */
  get call(): CallOptions {
    return { timeout: this.timeoutMs, signal: this.signal };
  }

  /** The client of the API that is diagnosed. @throws ConfigurationError */
  get credentials(): IAMCredentialsAsyncClient {
    return this.#keep("credentials", () => new IAMCredentialsAsyncClient(this.options));
  }

  /** The client of the admin API, at the host that goes with it. @throws ConfigurationError */
  get admin(): IAMAsyncClient {
    return this.#keep("admin", () => new IAMAsyncClient(this.optionsFor("iam")));
  }

  /** The options of a client of another Google API: any host that is not the credentials API's own serves all of them. */
  optionsFor(hostPrefix: string): ClientOptions {
    const { apiEndpoint } = this.options;
    return { ...this.options, apiEndpoint: apiEndpoint?.replace(/^iamcredentials(?=[.-])/, hostPrefix) };
  }

  /** Which credentials the client takes. @param probe whether the metadata server may be asked */
  explainCredentials(probe: boolean): Promise<CredentialsExplanation> {
    return explainChoice(IAM_CREDENTIALS, this.options, { probe, signal: this.signal });
  }

  /** A token of the client's credentials; `undefined`: they authorize in another way. @throws CredentialsError; ConfigurationError */
  async token(): Promise<string | undefined> {
    const session = this.#keep("session", () => new ClientSession(IAM_CREDENTIALS, this.options));
    const signals = [
      AbortSignal.timeout(TOKEN_TIMEOUTS * this.timeoutMs),
      ...(this.signal === undefined ? [] : [this.signal]),
    ];
    const metadata = await session.runtime.tokenProvider?.getRequestMetadata({ signal: AbortSignal.any(signals) });
    return /^Bearer (\S+)$/i.exec(metadata?.["authorization"] ?? "")?.[1];
  }

  /** The client of projects, at the host that goes with it. @throws ConfigurationError */
  get projects(): ProjectsAsyncClient {
    return this.#keep("projects", () => new ProjectsAsyncClient(this.optionsFor("cloudresourcemanager")));
  }

  /** Where the client's calls go, for plain HTTP: `https://iamcredentials.googleapis.com`. @throws ConfigurationError */
  get url(): string {
    const { endpoint } = this.#keep("session", () => new ClientSession(IAM_CREDENTIALS, this.options)).runtime;
    return `${endpoint.isInsecure ? "http" : "https"}://${endpoint.target.replace(/:443$/, "")}`;
  }

  /** The client that says whether services are on, at the host that goes with it. @throws ConfigurationError */
  get services(): ServiceUsageAsyncClient {
    return this.#keep("services", () => new ServiceUsageAsyncClient(this.optionsFor("serviceusage")));
  }

  /** Where else plain HTTP goes. @throws ConfigurationError */
  get urls(): SideUrls {
    return sideUrlsOf(this.url);
  }

  /** The certificate that the client presents; `undefined`: none. @throws why there is none although there should be */
  async clientCertificate(): Promise<X509Certificate | undefined> {
    const session = this.#keep("session", () => new ClientSession(IAM_CREDENTIALS, this.options));
    const certificate = await session.runtime.clientCertSource?.();
    return certificate && new X509Certificate(certificate.cert);
  }

  /** One exchange over plain HTTP. @throws why there is no answer; Error when the time is up; the signal's reason */
  http({ url, form, token }: PlainRequest): Promise<HttpAnswer> {
    const { clock, signal, timeoutMs, environment } = this;
    this.#http ??= openSideClient({ clock, environment, rootCertificates: this.options.rootCertificates });
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    if (form === undefined) return askAside(this.#http, { url, headers: authorization, signal, timeoutMs });
    const headers = { "content-type": "application/x-www-form-urlencoded", ...authorization };
    const body = new URLSearchParams(form).toString();
    return askAside(this.#http, { url, method: "POST", headers, body, signal, timeoutMs });
  }

  #keep<Kind extends { close(options: { gracePeriod: number }): Promise<void> }>(name: string, make: () => Kind): Kind {
    const known = this.#open.get(name) ?? make();
    this.#open.set(name, known);
    return known as Kind; // as: each name has one kind
  }

  /** Closes what was opened. */
  async close(): Promise<void> {
    this.#http?.close();
    await Promise.all([...this.#open.values()].map((each) => each.close({ gracePeriod: 0 })));
  }
}
