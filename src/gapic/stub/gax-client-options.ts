// SPDX-License-Identifier: Apache-2.0
// What a client of the drop-in can be given: the names and meanings of google-gax's ClientOptions. Settles what needs neither
// credentials nor a connection.

import type { Environment } from "../../base/environment.js";
import { DEFAULT_UNIVERSE_DOMAIN } from "../../base/options/google-names.js";
import { UNIVERSE_VARIABLE } from "../../client/endpoint/resolve-endpoint.js";
import type { GoogleAuth, GoogleAuthOptions } from "./auth-library.js";
import type { ChannelCredentials, GrpcModule } from "./channel-library.js";
import type { ClientConfig } from "./client-config.js";

/** All that a client can be given. The object is not written to. Who calls: see GoogleAuthOptions. */
export interface ClientOptions extends GoogleAuthOptions {
  /** Who calls. Default: what the other options of google-auth-library make, else application default credentials. */
  auth?: GoogleAuth;
  /** The host to call. Default: `iamcredentials.` in the universe. */
  apiEndpoint?: string;
  /** The same, by its old name; takes precedence over `apiEndpoint`. Default: none. */
  servicePath?: string;
  /** The port. Default: 443. */
  port?: number;
  /** `http` or `https`, over REST only. Default: `https`. */
  protocol?: string;
  /** Channel credentials of grpc-js. With them no token is fetched or sent. Default: TLS, and the caller's token. */
  sslCreds?: ChannelCredentials;
  /** A client certificate in PEM form, used while `GOOGLE_API_USE_CLIENT_CERTIFICATE` is `true`. Default: the machine's. */
  cert?: string;
  /** Its key. Default: the machine's. */
  key?: string;
  /** The universe. Default: `GOOGLE_CLOUD_UNIVERSE_DOMAIN`, else `googleapis.com`. */
  universeDomain?: string;
  /** The same, by another name. Default: none. */
  universe_domain?: string;
  /** With `libVersion`: appended to the other tokens of `x-goog-api-client`. Default: nothing. */
  libName?: string;
  /** See `libName`. Default: nothing. */
  libVersion?: string;
  /** Overrides of the methods' retry settings. Default: none. */
  clientConfig?: ClientConfig;
  /** Whether to call over REST; any truthy value does. Default: false. */
  fallback?: boolean | "rest" | "proto";
  /** The copy of grpc-js whose channels and metadata are used. Default: this package's. */
  grpc?: GrpcModule;
  /** Without effect: answers are not for people. Default: none. */
  minifyJson?: boolean;
  /** Without effect: REST asks for numbers in any case. Default: true. */
  numericEnums?: boolean;
  /** Without effect: this service has no mixins. Default: none. */
  httpRules?: object[];
  /** Without effect: no method here streams. Default: none. */
  gaxServerStreamingRetries?: boolean;
  /** Options of the channel, whose names begin with `grpc.` or `grpc-node.`. Default: those of this package. */
  // biome-ignore lint/complexity/noBannedTypes: what google-gax declares.
  [index: string]: string | number | undefined | {};
}

/** The options, as far as they can be settled at once. */
export interface SettledOptions {
  readonly given: ClientOptions;
  readonly universeDomain: string;
  /** The service's host in the universe, whatever the options say. */
  readonly defaultServicePath: string;
  readonly servicePath: string;
  readonly port: number;
  readonly isRest: boolean;
}

/** The port of Google's services. */
export const DEFAULT_PORT = 443;

/**
 * Settles universe and host.
 *
 * @throws Error when both spellings of the universe are given and differ
 */
export function settleOptions(given: ClientOptions, environment: Environment): SettledOptions {
  const { universeDomain, universe_domain: snakeCased } = given;
  if (universeDomain && snakeCased && universeDomain !== snakeCased) {
    throw new Error("Please set either universe_domain or universeDomain, but not both.");
  }
  const universe = universeDomain ?? snakeCased ?? environment[UNIVERSE_VARIABLE] ?? DEFAULT_UNIVERSE_DOMAIN;
  const defaultServicePath = `iamcredentials.${universe}`;
  return {
    given,
    universeDomain: universe,
    defaultServicePath,
    servicePath: given.servicePath || given.apiEndpoint || defaultServicePath,
    port: given.port || DEFAULT_PORT,
    isRest: Boolean(given.fallback),
  };
}

/** The options that the channel takes. */
export function channelOptionsOf(given: ClientOptions): Record<string, string | number> {
  const options: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(given)) {
    const name = key.replace(/^grpc\.grpc\./, "grpc.");
    if (name.startsWith("grpc.") || name.startsWith("grpc-node.")) options[name] = value as string; // as: the channel's to judge
  }
  return options;
}
