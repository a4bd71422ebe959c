// SPDX-License-Identifier: Apache-2.0
// Options of a client: where it connects, how it names itself, what it is configured with, who it is; over plain gRPC and over TLS.

import * as grpc from "@grpc/grpc-js";
import { OAuth2Client } from "google-auth-library";
import * as gax from "google-gax";
import { type Case, plainRequest } from "../case.js";
import type { Answer } from "../peer.js";
import { BOGUS, type Loose, resultOf, type Side } from "../side.js";

const SERVICE = "google.iam.credentials.v1.IAMCredentials";
const down: Answer = { code: 14, details: "down" };

/** A client with options of its own: what it is, and what comes of a call. */
function made(
  title: string,
  make: (side: Side) => Loose | undefined,
  script: readonly Answer[] = [],
  last?: Answer,
): Case {
  return {
    title: `client: ${title}`,
    async run(side) {
      side.play(script, last);
      const options = make(side);
      const { value, threw } = resultOf(() => side.construct(options)) as {
        value?: ReturnType<Side["open"]>;
        threw?: unknown;
      }; // as: its own form
      if (value === undefined) return { threw };
      const { apiEndpoint, universeDomain } = value;
      const outcome = await side.call(value, "signBlob", "promise", plainRequest(), { timeout: 2_000 });
      return { apiEndpoint, universeDomain, outcome, "options after": Object.keys(options ?? {}).sort() };
    },
  };
}

/** Options beside those that lead to the peer. */
const plain = (
  title: string,
  options: Loose | ((side: Side) => Loose),
  script?: readonly Answer[],
  last?: Answer,
): Case =>
  made(title, (side) => side.plainOptions(typeof options === "function" ? options(side) : options), script, last);

const places: Case[] = [
  plain("servicePath beside apiEndpoint", { servicePath: "localhost", apiEndpoint: "wrong.invalid" }),
  plain("servicePath alone", { servicePath: "127.0.0.1", apiEndpoint: undefined }),
  plain("port as text", (side) => ({ port: String(side.peer.ports.plain) })),
  made("frozen options", (side) => Object.freeze(side.plainOptions())),
  plain("fallback false", { fallback: false }),
  plain("fallback an empty text", { fallback: "" }),
  plain("fallback null", { fallback: null }),
  plain("unknown options", { apiVersion: 2, timeout: 5 }),
  plain("email, keyFilename undefined, scopes", { email: "a@b.c", keyFilename: undefined, scopes: ["s"] }),
  plain("projectId", { projectId: "p" }),
  plain("the module of grpc-js", { grpc }),
  plain("numericEnums, minifyJson, httpRules", { numericEnums: false, minifyJson: true, httpRules: [] }),
  plain("gaxServerStreamingRetries", { gaxServerStreamingRetries: true }),
  plain("protocol", { protocol: "http" }),
];

const names: Case[] = [
  plain("libName and libVersion", { libName: "lib", libVersion: "1.2.3" }),
  plain("libName alone", { libName: "lib" }),
  plain("a user agent", { "grpc.primary_user_agent": "mine/1" }),
  plain("a second user agent", { "grpc.secondary_user_agent": "mine/2" }),
  plain("a user agent with grpc twice", { "grpc.grpc.primary_user_agent": "mine/3" }),
  plain("an authority", { "grpc.default_authority": "authority.example" }),
  plain("a limit of what may be received", { "grpc.max_receive_message_length": 3 }),
  plain("a limit of what may be sent", { "grpc.max_send_message_length": 3 }),
  plain("an option of grpc-node", { "grpc-node.max_session_memory": 20 }),
  plain("an interceptor provider", {
    interceptors: [],
    "grpc.enable_retries": 0,
  }),
];

const universes: Case[] = [
  plain("universeDomain googleapis.com", { universeDomain: "googleapis.com" }),
  plain("universe_domain googleapis.com", { universe_domain: "googleapis.com" }),
  plain("both spellings, alike", { universeDomain: "googleapis.com", universe_domain: "googleapis.com" }),
  plain("both spellings, different", { universeDomain: "googleapis.com", universe_domain: "other.example" }),
  plain("both spellings, one of them empty", { universeDomain: "", universe_domain: "googleapis.com" }),
  plain("universeDomain of nobody, credentials of googleapis.com", { credentials: BOGUS, universeDomain: undefined }),
  plain("universeDomain and credentials of another", {
    universeDomain: "other.example",
    credentials: { ...BOGUS, universe_domain: "other.example" },
  }),
];

const methods = (settings: Loose, more: Loose = {}) => ({
  interfaces: { [SERVICE]: { methods: { SignBlob: settings }, ...more } },
});
const params = {
  initial_retry_delay_millis: 1,
  retry_delay_multiplier: 1,
  max_retry_delay_millis: 5,
  initial_rpc_timeout_millis: 4_000,
  rpc_timeout_multiplier: 1,
  max_rpc_timeout_millis: 4_000,
  total_timeout_millis: 9_000,
};

/** A client whose configuration is in force: no timeout of the call's. */
function configured(title: string, clientConfig: unknown, script: readonly Answer[] = []): Case {
  return {
    title: `client: clientConfig: ${title}`,
    async run(side) {
      side.play(script);
      const { value, threw } = resultOf(() => side.open({ clientConfig })) as {
        value?: ReturnType<Side["open"]>;
        threw?: unknown;
      }; // as: its own form
      return value === undefined ? { threw } : side.call(value, "signBlob", "promise", plainRequest());
    },
  };
}

const configurations: Case[] = [
  configured("empty", {}),
  configured("null", null),
  configured("of another service", { interfaces: { "a.b.C": { methods: { SignBlob: { timeout_millis: 5 } } } } }),
  configured("a timeout", methods({ timeout_millis: 7_000 })),
  configured("of another method", { interfaces: { [SERVICE]: { methods: { SignJwt: { timeout_millis: 7_000 } } } } }),
  configured("a method that is null", { interfaces: { [SERVICE]: { methods: { SignBlob: null } } } }),
  configured(
    "codes",
    methods({ retry_codes_name: "mine" }, { retry_codes: { mine: ["RESOURCE_EXHAUSTED"] }, retry_params: {} }),
    [{ code: 8 }],
  ),
  configured(
    "codes and settings",
    methods(
      { timeout_millis: 8_000, retry_codes_name: "mine", retry_params_name: "quick" },
      { retry_codes: { mine: ["INTERNAL"] }, retry_params: { quick: params } },
    ),
    [{ code: 13 }, { code: 13 }],
  ),
  configured(
    "settings, and codes as they were",
    methods({ retry_codes_name: "other", retry_params_name: "quick" }, { retry_params: { quick: params } }),
    [down],
  ),
  configured("codes that are not defined", methods({ retry_codes_name: "none" }), [down]),
];

class BearerAuth {
  readonly universe: string | undefined;
  constructor(universe?: string) {
    this.universe = universe;
  }
  getUniverseDomain(): Promise<string | undefined> {
    return Promise.resolve(this.universe);
  }
  getClient(): Promise<object> {
    return Promise.resolve({
      getRequestHeaders: (url: unknown) =>
        Promise.resolve(new Headers({ authorization: "Bearer own-auth", "x-url": String(url) })),
    });
  }
}

function oauthClient(quotaProjectId?: string): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: "of-an-oauth2-client", expiry_date: 4e12 });
  if (quotaProjectId !== undefined) client.quotaProjectId = quotaProjectId;
  return client;
}

/** Over TLS, where tokens go along. */
const secure = (title: string, options: (side: Side) => Loose): Case =>
  made(`over TLS: ${title}`, (side) => ({ apiEndpoint: "localhost", port: side.peer.ports.tls, ...options(side) }));

const identities: Case[] = [
  secure("authClient", () => ({ authClient: oauthClient() })),
  secure("authClient with a quota project", () => ({ authClient: oauthClient("quota-p") })),
  // as: exactOptionalPropertyTypes is stricter than the library's own classes
  secure("auth", () => ({ auth: new gax.GoogleAuth({ authClient: oauthClient() as never }) })),
  secure("auth of the program's own", () => ({ auth: new BearerAuth() })),
  secure("auth of the program's own, of this universe", () => ({ auth: new BearerAuth("googleapis.com") })),
  secure("sslCreds and authClient: no token goes along", () => ({
    authClient: oauthClient(),
    sslCreds: grpc.credentials.createSsl(),
  })),
  secure("sslCreds that carry a token", () => ({
    credentials: BOGUS,
    sslCreds: grpc.credentials.combineChannelCredentials(
      grpc.credentials.createSsl(),
      grpc.credentials.createFromMetadataGenerator((_options, done) => {
        const metadata = new grpc.Metadata();
        metadata.set("authorization", "Bearer of-call-credentials");
        done(null, metadata);
      }),
    ),
  })),
  secure("an authClient whose token cannot be had", () => {
    const client = oauthClient();
    client.getRequestHeaders = () => Promise.reject(new Error("no token today"));
    return { authClient: client };
  }),
  secure("cert and key without the variable", () => ({ authClient: oauthClient(), cert: "c", key: "k" })),
];

/** A client whose `auth` is assigned, before its first call or after it. */
const assigned = (title: string, { isLate = false, isRest = false }: { isLate?: boolean; isRest?: boolean }): Case => ({
  title: `${isRest ? "rest" : "client: over TLS"}: an auth that is assigned ${title}`,
  async run(side) {
    const { tls, http } = side.peer.ports;
    const place = isRest
      ? { apiEndpoint: "127.0.0.1", port: http, protocol: "http", fallback: true }
      : { apiEndpoint: "localhost", port: tls };
    const client = side.construct({ ...place, authClient: oauthClient() });
    const call = () => side.call(client, "signBlob", "promise", plainRequest());
    const outcomes = isLate ? [await call()] : [];
    const auth = Object.assign(new BearerAuth(), { getProjectId: () => Promise.resolve("of-the-new-auth") });
    client.auth = auth as never; // as: it has the members that are used
    outcomes.push(await call());
    return { outcomes, isKept: client.auth === (auth as never), project: await client.getProjectId() };
  },
});

const assignments: Case[] = [
  assigned("before the first call", {}),
  assigned("before the first call", { isRest: true }),
  assigned("after the first call", { isLate: true }),
  assigned("after the first call", { isLate: true, isRest: true }),
];

const instances: Case[] = [gax, gax.fallback].map((instance, index) => ({
  title: `client: gaxInstance ${index === 0 ? "google-gax" : "its fallback"}`,
  run(side) {
    const options = { apiEndpoint: "127.0.0.1", credentials: BOGUS };
    const { ports } = side.peer;
    const client =
      index === 0
        ? side.construct({ ...options, port: ports.plain, sslCreds: grpc.credentials.createInsecure() }, instance)
        : side.construct(
            {
              ...options,
              credentials: undefined,
              authClient: oauthClient(),
              port: ports.http,
              protocol: "http",
              fallback: true,
            },
            instance,
          );
    return side.call(client, "signBlob", "promise", plainRequest());
  },
}));

/** All of them. */
export const clientOptionCases: Case[] = [
  ...places,
  ...names,
  ...universes,
  ...configurations,
  ...identities,
  ...assignments,
  ...instances,
];
