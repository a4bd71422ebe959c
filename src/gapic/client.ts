// SPDX-License-Identifier: Apache-2.0
// The drop-in's client: the members that `@google-cloud/iam-credentials` 4.2.2 has. What a call does is in api-call.ts.

import { Status } from "../base/causes/status.js";
import { readEnvironment } from "../base/environment.js";
import { CLOUD_PLATFORM_SCOPE } from "../base/options/google-names.js";
import type { ApiCall, ApiCallback, ApiCallHost, ApiMethod } from "./call/api-call.js";
import { createApiMethod } from "./call/api-call.js";
import type { CallOptions } from "./call/gax-call-options.js";
import { formatRouting, withRoutingHeader } from "./call/headers.js";
import { buildStub, type Stub } from "./call/raw-stub.js";
import type * as protos from "./protos.js";
import { METHOD_NAMES, type MethodName, ROWS } from "./rows/rows.js";
import type { GoogleAuth } from "./stub/auth-library.js";
import { newMetadata } from "./stub/channel-library.js";
import { methodDefaults } from "./stub/client-config.js";
import { askAuth, buildAuth, checkPaths } from "./stub/credentials-option.js";
import { type ClientOptions, DEFAULT_PORT, type SettledOptions, settleOptions } from "./stub/gax-client-options.js";
import type { KeyCredentials } from "./stub/key-credentials.js";
import { type OpenService, openService } from "./stub/service-stub.js";
import { warn } from "./warn-once.js";

/** The arguments of a callback: an error, or the answer. */
export type Callback<Response, Request, RawResponse> = (
  error: Error | null | undefined,
  value?: Response | null,
  nextRequest?: Request,
  rawResponse?: RawResponse,
) => void;

/** What google-gax knows of methods that are not plain; here there are none. */
export interface Descriptors {
  /** Of methods that list in pages. */
  page: { [name: string]: object };
  /** Of methods that stream. */
  stream: { [name: string]: object };
  /** Of methods that start operations. */
  longrunning: { [name: string]: object };
  /** Of methods that are bundled. */
  batching?: { [name: string]: object };
}

const DEFAULT_HOST = "iamcredentials.googleapis.com";
const SCOPES = [CLOUD_PLATFORM_SCOPE];

/**
 * The client of `@google-cloud/iam-credentials` with the same members, on this package's road of a call. Make one and keep it.
 *
 * @example
 * const client = new IAMCredentialsClient();
 * const [response] = await client.signBlob({ name: "projects/-/serviceAccounts/robot@my-project.iam.gserviceaccount.com", payload });
 */
export class IAMCredentialsClient {
  /** Who calls; made when it is first read. Assigned before the first call, it authorizes the calls, like the option `auth`. */
  declare auth: GoogleAuth;
  /** Nothing: all methods are plain. */
  descriptors: Descriptors = { page: {}, stream: {}, longrunning: {}, batching: {} };
  /** Emits a process warning, each code once. */
  warn: (code: string, message: string, warnType?: string) => void;
  /** The inner methods, looked up on each call; empty until `initialize()`. */
  // biome-ignore lint/complexity/noBannedTypes: the type that the original declares.
  innerApiCalls: { [name: string]: Function } = {};
  /** What `initialize()` has started. Default: not started. */
  // biome-ignore lint/complexity/noBannedTypes: the type that the original declares.
  iAMCredentialsStub?: Promise<{ [name: string]: Function }>;
  #options: SettledOptions;
  readonly #gax: unknown;
  readonly #scopes: readonly string[];
  #auth: GoogleAuth | undefined;
  /** What authorizes calls, if it is a key alone. */
  #key: KeyCredentials | undefined;
  readonly #methods: { [name in MethodName]?: ApiMethod } = {};
  /** A promise until it is open. */
  #service: OpenService | Promise<OpenService> | undefined;
  #isClosed = false;

  /**
   * @param opts default: application default credentials, Google's endpoint, gRPC
   * @param gaxInstance accepted for compatibility: of it, only `GoogleError` and `warn` are used
   * @throws Error when two options contradict each other
   */
  constructor(opts?: ClientOptions, gaxInstance?: object) {
    const statics = this.constructor as typeof IAMCredentialsClient; // as: a subclass may have its own
    this.#options = settleOptions({ port: statics.port, ...opts }, readEnvironment());
    this.#scopes = statics.scopes;
    this.#gax = gaxInstance;
    const given: unknown = Object(gaxInstance).warn;
    this.warn = typeof given === "function" ? (given as typeof warn) : warn; // as: google-gax's has this form
    // An own property, as there, but lazy: most programs never read it.
    Object.defineProperty(this, "auth", {
      configurable: true,
      enumerable: true,
      get: () => this.#ensureAuth(),
      set: (auth: GoogleAuth) => {
        // Like the option of that name. Once calls have begun, they go on with what they have, as there.
        this.#options = { ...this.#options, given: { ...this.#options.given, auth } };
        this.#auth = this.iAMCredentialsStub === undefined ? undefined : auth;
      },
    });
    // What was given is set up at once, so contradictions throw at once.
    const { auth, authClient, apiKey, credentials } = this.#options.given;
    if (auth || authClient || (apiKey && credentials)) this.#ensureAuth();
  }

  #ensureAuth(): GoogleAuth {
    if (this.#auth === undefined) {
      this.#auth = buildAuth(this.#options, this.#scopes);
      this.#key?.moveTo(this.#auth);
    }
    return this.#auth;
  }

  /**
   * Prepares calls: finds credentials and endpoint. The methods do it themselves; a second call gives the same promise, unless the
   * first has failed.
   */
  initialize(): Promise<Stub> {
    if (this.iAMCredentialsStub) return this.iAMCredentialsStub;
    const isFirst = this.#service === undefined;
    const service = openService({
      options: this.#options,
      environment: readEnvironment(),
      auth: () => this.#ensureAuth(),
      isAuthUsed: this.#auth !== undefined,
      onKey: (key) => {
        this.#key = key;
      },
      scopes: this.#scopes,
    });
    const host = this.#host();
    const stub = service.then((opened) => {
      if (this.#service === service) this.#service = opened;
      return buildStub(host, opened.close);
    });
    this.#service = service;
    this.iAMCredentialsStub = stub;
    stub.catch(() => {
      // Credentials that were not there yet may be there at the next call.
      if (this.iAMCredentialsStub === stub) delete this.iAMCredentialsStub;
    });
    for (const name of isFirst ? METHOD_NAMES : []) {
      const method = this.#apiMethod(host, name);
      this.#methods[name] = method;
      this.innerApiCalls[name] = method.inner;
    }
    return stub;
  }

  #apiMethod(host: ApiCallHost, name: MethodName): ApiMethod {
    const rpc = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const codeOf = (status: string): number => Number(Reflect.get(Status, status));
    return createApiMethod(host, ROWS[name], methodDefaults(rpc, this.#options.given.clientConfig, codeOf));
  }

  #host(): ApiCallHost {
    return {
      service: () => {
        if (this.iAMCredentialsStub === undefined) void this.initialize();
        return this.#service as OpenService | Promise<OpenService>; // as: initialize() has just set it
      },
      isClosed: () => this.#isClosed,
      newMetadata: () => newMetadata(this.#options.given.grpc),
      gax: this.#gax,
    };
  }

  /** The host in Google's default universe. Deprecated: each read emits a warning. */
  static get servicePath(): string {
    return warnOfStatic("servicePath");
  }

  /** The host in Google's default universe. Deprecated: each read emits a warning. */
  static get apiEndpoint(): string {
    return warnOfStatic("apiEndpoint");
  }

  /** The service's host in the client's universe, whatever the option of that name says. */
  get apiEndpoint(): string {
    return this.#options.defaultServicePath;
  }

  /** The universe. */
  get universeDomain(): string {
    return this.#options.universeDomain;
  }

  /** The default port: 443. */
  static get port(): number {
    return DEFAULT_PORT;
  }

  /** The default OAuth scopes. */
  static get scopes(): string[] {
    return [...SCOPES];
  }

  /** The project of the credentials. */
  getProjectId(): Promise<string>;
  /** The same with a callback. */
  getProjectId(callback: Callback<string, undefined, undefined>): void;
  /** The implementation of both forms. */
  getProjectId(callback?: Callback<string, undefined, undefined>): Promise<string> | undefined {
    if (!callback) return this.#askProjectId();
    this.#askProjectId().then((projectId) => callback(null, projectId), callback);
    return undefined;
  }

  async #askProjectId(): Promise<string> {
    checkPaths(this.#options, readEnvironment());
    const { auth } = this;
    return askAuth(auth, () => auth.getProjectId());
  }

  /** Mints an OAuth 2.0 access token for a service account. */
  generateAccessToken(
    request?: protos.google.iam.credentials.v1.IGenerateAccessTokenRequest,
    options?: CallOptions,
  ): MethodResult<
    protos.google.iam.credentials.v1.IGenerateAccessTokenRequest,
    protos.google.iam.credentials.v1.IGenerateAccessTokenResponse
  >;
  /** The same with options and a callback. */
  generateAccessToken(
    request: protos.google.iam.credentials.v1.IGenerateAccessTokenRequest,
    options: CallOptions,
    callback: MethodCallback<
      protos.google.iam.credentials.v1.IGenerateAccessTokenRequest,
      protos.google.iam.credentials.v1.IGenerateAccessTokenResponse
    >,
  ): void;
  /** The same with a callback. */
  generateAccessToken(
    request: protos.google.iam.credentials.v1.IGenerateAccessTokenRequest,
    callback: MethodCallback<
      protos.google.iam.credentials.v1.IGenerateAccessTokenRequest,
      protos.google.iam.credentials.v1.IGenerateAccessTokenResponse
    >,
  ): void;
  /** The implementation of all forms. */
  generateAccessToken(request?: unknown, optionsOrCallback?: unknown, callback?: unknown): never {
    return this.#call("generateAccessToken", request, optionsOrCallback, callback);
  }

  /** Mints an OpenID Connect ID token for a service account. */
  generateIdToken(
    request?: protos.google.iam.credentials.v1.IGenerateIdTokenRequest,
    options?: CallOptions,
  ): MethodResult<
    protos.google.iam.credentials.v1.IGenerateIdTokenRequest,
    protos.google.iam.credentials.v1.IGenerateIdTokenResponse
  >;
  /** The same with options and a callback. */
  generateIdToken(
    request: protos.google.iam.credentials.v1.IGenerateIdTokenRequest,
    options: CallOptions,
    callback: MethodCallback<
      protos.google.iam.credentials.v1.IGenerateIdTokenRequest,
      protos.google.iam.credentials.v1.IGenerateIdTokenResponse
    >,
  ): void;
  /** The same with a callback. */
  generateIdToken(
    request: protos.google.iam.credentials.v1.IGenerateIdTokenRequest,
    callback: MethodCallback<
      protos.google.iam.credentials.v1.IGenerateIdTokenRequest,
      protos.google.iam.credentials.v1.IGenerateIdTokenResponse
    >,
  ): void;
  /** The implementation of all forms. */
  generateIdToken(request?: unknown, optionsOrCallback?: unknown, callback?: unknown): never {
    return this.#call("generateIdToken", request, optionsOrCallback, callback);
  }

  /** Signs bytes with a service account's system-managed key. */
  signBlob(
    request?: protos.google.iam.credentials.v1.ISignBlobRequest,
    options?: CallOptions,
  ): MethodResult<
    protos.google.iam.credentials.v1.ISignBlobRequest,
    protos.google.iam.credentials.v1.ISignBlobResponse
  >;
  /** The same with options and a callback. */
  signBlob(
    request: protos.google.iam.credentials.v1.ISignBlobRequest,
    options: CallOptions,
    callback: MethodCallback<
      protos.google.iam.credentials.v1.ISignBlobRequest,
      protos.google.iam.credentials.v1.ISignBlobResponse
    >,
  ): void;
  /** The same with a callback. */
  signBlob(
    request: protos.google.iam.credentials.v1.ISignBlobRequest,
    callback: MethodCallback<
      protos.google.iam.credentials.v1.ISignBlobRequest,
      protos.google.iam.credentials.v1.ISignBlobResponse
    >,
  ): void;
  /** The implementation of all forms. */
  signBlob(request?: unknown, optionsOrCallback?: unknown, callback?: unknown): never {
    return this.#call("signBlob", request, optionsOrCallback, callback);
  }

  /** Signs a claims set with a service account's system-managed key. */
  signJwt(
    request?: protos.google.iam.credentials.v1.ISignJwtRequest,
    options?: CallOptions,
  ): MethodResult<protos.google.iam.credentials.v1.ISignJwtRequest, protos.google.iam.credentials.v1.ISignJwtResponse>;
  /** The same with options and a callback. */
  signJwt(
    request: protos.google.iam.credentials.v1.ISignJwtRequest,
    options: CallOptions,
    callback: MethodCallback<
      protos.google.iam.credentials.v1.ISignJwtRequest,
      protos.google.iam.credentials.v1.ISignJwtResponse
    >,
  ): void;
  /** The same with a callback. */
  signJwt(
    request: protos.google.iam.credentials.v1.ISignJwtRequest,
    callback: MethodCallback<
      protos.google.iam.credentials.v1.ISignJwtRequest,
      protos.google.iam.credentials.v1.ISignJwtResponse
    >,
  ): void;
  /** The implementation of all forms. */
  signJwt(request?: unknown, optionsOrCallback?: unknown, callback?: unknown): never {
    return this.#call("signJwt", request, optionsOrCallback, callback);
  }

  /** Closes the client: calls in flight may finish, later ones are refused. Does nothing before the first call. */
  close(): Promise<void> {
    if (this.iAMCredentialsStub === undefined || this.#isClosed) return Promise.resolve();
    // At once: a call that comes after it is refused, whether or not somebody waits for the end.
    this.#isClosed = true;
    return this.iAMCredentialsStub.then((stub) => void stub["close"]?.());
  }

  /** What all methods do: overloads, routing header, and whatever `innerApiCalls` holds under the name. */
  #call(name: MethodName, given: unknown, optionsOrCallback: unknown, last: unknown): never {
    const request: object = given || {};
    const isShort = typeof optionsOrCallback === "function" && last === undefined;
    const callback = (isShort ? optionsOrCallback : last) as ApiCallback | undefined; // as: the overloads say so
    const options = (isShort ? undefined : optionsOrCallback) as CallOptions | undefined; // as: likewise
    const routing = formatRouting(Reflect.get(Object(request), "name") ?? "");
    const opening = this.initialize();
    // The call reports a failure; here nobody would handle it. The client's own promise is handled already.
    if (opening !== this.iAMCredentialsStub) opening.catch(() => undefined);
    // Four arguments, however many a stand-in for the inner call passes.
    const wrapped: ApiCallback | undefined =
      callback && ((error, response, next, raw) => callback(error, response, next, raw));
    const { [name]: innerCall } = this.innerApiCalls as { [name: string]: ApiCall }; // as: so it is, or a test's stand-in
    const method = this.#methods[name];
    const result =
      method !== undefined && method.inner === innerCall
        ? method.call(request, Object(options ?? {}), routing, wrapped)
        : callStandIn(innerCall as ApiCall, request, withRouting(options, routing), wrapped); // as: whoever removed it gets the TypeError
    return result as never; // as: each overload says what of it
  }
}

/** Calls what somebody has put in place of an inner call. */
function callStandIn(innerCall: ApiCall, request: object, options: CallOptions, callback: ApiCallback | undefined) {
  return innerCall(request, options, callback)?.then(([response, next, raw]) => [response, next, raw]);
}

type MethodResult<Request, Response> = Promise<
  // biome-ignore lint/complexity/noBannedTypes: the type that the original declares.
  [response: Response, request: Request | undefined, rawResponse: {} | undefined]
>;

type MethodCallback<Request, Response> = Callback<
  Response,
  Request | null | undefined,
  // biome-ignore lint/complexity/noBannedTypes: the type that the original declares.
  {} | null | undefined
>;

function withRouting(options: CallOptions | undefined, routing: string): CallOptions {
  const { otherArgs } = options ?? {};
  return { ...options, otherArgs: { ...otherArgs, headers: withRoutingHeader(otherArgs?.["headers"], routing) } };
}

function warnOfStatic(member: string): string {
  const text = `Static ${member} is deprecated, please use the instance method instead.`;
  process.emitWarning(text, "DeprecationWarning");
  return DEFAULT_HOST;
}
