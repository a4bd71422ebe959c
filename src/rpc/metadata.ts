// SPDX-License-Identifier: Apache-2.0
// The metadata of an attempt: client header, routing, project, authorization and the caller's own. Sends nothing.

import { memoize } from "../base/collections/memo.js";
import { ConfigurationError } from "../base/errors.js";
import { percentEncode } from "../base/http/percent-encode.js";
import { maskSecrets } from "../base/secrets/secret-text.js";
import type { RequestMetadata } from "../base/token-provider.js";
import { VERSION } from "../base/version.js";
import type { MetadataPairs } from "./transport/transport.js";

/**
 * The caller's own metadata, by key or as pairs (for keys that repeat). Keys are case-insensitive; a key that ends in `-bin`
 * takes bytes, any other takes text of printable ASCII. `x-goog-api-client` is merged into ours; `authorization` replaces
 * the credentials.
 */
export type CallMetadata =
  | Readonly<Record<string, string | Uint8Array | undefined>>
  | Iterable<readonly [key: string, value: string | Uint8Array]>;

/** What the program says about itself in `x-goog-api-client`. Source: Python's google.api_core.client_info. */
export interface ClientInfo {
  /** Put in front of all other tokens: `"my-service/1.2"`. Default: nothing. */
  readonly userAgent?: string | undefined;
  /** Version of a hand-written layer over this client, sent as `gccl/…`. Default: nothing. */
  readonly clientLibraryVersion?: string | undefined;
}

const CLIENT_HEADER = "x-goog-api-client";
const ROUTING_HEADER = "x-goog-request-params";
const PROJECT_HEADER = "x-goog-user-project";
const AUTHORIZATION = "authorization";

/** The tokens of `x-goog-api-client` for one client, in the order of the Google client libraries. */
export function buildClientTokens(transportToken: string | undefined, info: ClientInfo | false): readonly string[] {
  if (info === false) return [];
  return [
    ...splitTokens(info.userAgent ?? ""),
    `gl-node/${process.versions.node}`,
    ...(transportToken === undefined ? [] : [transportToken]),
    `gax/${VERSION}`,
    `gapic/${VERSION}`,
    ...(info.clientLibraryVersion === undefined ? [] : [`gccl/${info.clientLibraryVersion}`]),
  ];
}

/** The parts of an attempt's metadata, each from its own source. */
export interface MetadataParts {
  /** From {@link buildClientTokens}. */
  readonly clientTokens: readonly string[];
  /** The same, joined. */
  readonly clientHeader: string;
  /** From {@link formatRoutingHeader}; empty: none. */
  readonly routingHeader: string;
  /** The project to charge, from the option; it overrides that of the credentials. */
  readonly quotaProjectId: string | undefined;
  /** From the credentials. */
  readonly authorization: RequestMetadata | undefined;
  /** The caller's own, already normalized. */
  readonly own: MetadataPairs;
}

const clientPair = memoize((header) => Object.freeze([CLIENT_HEADER, header] as const));

/** Puts the parts together: client header, the caller's own pairs, routing, project, authorization. */
export function buildMetadata(parts: MetadataParts): MetadataPairs {
  return usualMetadata(parts) ?? collectMetadata(parts);
}

/** The three pairs of most calls. An array that grows would take six times the space. */
function usualMetadata(parts: MetadataParts): MetadataPairs | undefined {
  const { clientHeader, routingHeader, quotaProjectId, authorization, own } = parts;
  if (own.length > 0 || clientHeader === "" || routingHeader === "" || quotaProjectId !== undefined) return undefined;
  const value = authorization?.[AUTHORIZATION];
  if (value === undefined || !isAuthorizationAlone(authorization)) return undefined;
  return [clientPair(clientHeader), [ROUTING_HEADER, routingHeader], [AUTHORIZATION, value]];
}

/** Whether credentials add nothing but an authorization. */
export function isAuthorizationAlone(metadata: RequestMetadata | undefined): boolean {
  // Own keys alone: what else there is was not checked, and a program may have extended Object.prototype.
  for (const key in metadata) if (key !== AUTHORIZATION && Object.hasOwn(metadata, key)) return false;
  return true;
}

function collectMetadata(parts: MetadataParts): MetadataPairs {
  const pairs: (readonly [string, string | Uint8Array])[] = [];
  const clientHeader = parts.own.length === 0 ? parts.clientHeader : mergedClientHeader(parts);
  if (clientHeader !== "") pairs.push(clientPair(clientHeader));
  let ownProject = false;
  for (const pair of parts.own) {
    if (pair[0] === CLIENT_HEADER) continue;
    if (pair[0] === PROJECT_HEADER) ownProject = true;
    pairs.push(pair);
  }
  if (parts.routingHeader !== "") pairs.push([ROUTING_HEADER, parts.routingHeader]);
  const { quotaProjectId } = parts;
  if (quotaProjectId !== undefined && !ownProject) pairs.push([PROJECT_HEADER, quotaProjectId]);
  for (const [key, value] of Object.entries(parts.authorization ?? {})) {
    if (key === PROJECT_HEADER && (ownProject || quotaProjectId !== undefined)) continue;
    pairs.push([key, value]);
  }
  return pairs;
}

/**
 * What is wrong with what the credentials returned, without quoting its values; `undefined` if it can be sent. A channel that
 * discovers the problem itself quotes the token in its error, and a token read from a file often ends in a newline.
 */
export function authorizationProblem(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null) return 'no metadata, such as { authorization: "Bearer …" }';
  for (const [key, value] of Object.entries(answer)) {
    if (!METADATA_KEY.test(key))
      return `the key ${JSON.stringify(maskSecrets(key))}, which is not a lowercase metadata key`;
    if (typeof value !== "string" || !PRINTABLE.test(value)) return `a value of "${key}" that is not printable ASCII`;
    // What a response without a token turns into.
    if (key === AUTHORIZATION && /^Bearer( (undefined|null)?)?$/i.test(value))
      return "an authorization without a token";
  }
  return undefined;
}

/** Whether the caller authorizes the call with metadata of their own, so that the credentials are not asked. */
export function hasOwnAuthorization(own: MetadataPairs): boolean {
  return own.some(([key]) => key === AUTHORIZATION);
}

function mergedClientHeader({ clientTokens, clientHeader, own }: MetadataParts): string {
  if (!own.some(([key]) => key === CLIENT_HEADER)) return clientHeader;
  const theirs = own.flatMap(([key, value]) => (key === CLIENT_HEADER ? splitTokens(String(value)) : []));
  return theirs.length === 0 ? clientHeader : [...new Set([...clientTokens, ...theirs])].join(" ");
}

function splitTokens(text: string): string[] {
  return text.split(" ").filter((token) => token !== "");
}

/**
 * The value of `x-goog-request-params`: pairs in query form, percent-encoded as by Python's `urlencode` with `/` kept:
 * `name=projects/-/serviceAccounts/a%40b.iam.gserviceaccount.com`. An empty value is sent as `name=`.
 *
 * Source: AIP-4222.
 */
export function formatRoutingHeader(pairs: readonly (readonly [field: string, value: string])[]): string {
  const [only, second] = pairs;
  if (only !== undefined && second === undefined) return formatPair(only);
  return pairs.map(formatPair).join("&");
}

function formatPair([field, value]: readonly [field: string, value: string]): string {
  return `${encodeRoutingValue(field)}=${encodeRoutingValue(value)}`;
}

const encodeRoutingValue = memoize((text) => text.replace(/[^A-Za-z0-9_.~/-]+/g, encodeReserved));

function encodeReserved(text: string): string {
  return percentEncode(text).replaceAll("%20", "+");
}

const METADATA_KEY = /^[0-9a-z_.-]+$/;
const PRINTABLE = /^[\x20-\x7e]*$/;
const RESERVED = /^(:|grpc-|te$|content-type$|content-length$|host$|connection$|user-agent$)/;

/**
 * The caller's metadata as pairs with lower-case keys.
 *
 * @throws ConfigurationError naming the key (never the value) when a key or value cannot be sent
 */
export function normalizeMetadata(metadata: CallMetadata | undefined): MetadataPairs {
  if (metadata === undefined) return [];
  if (typeof metadata !== "object" || metadata === null) {
    throw new ConfigurationError("metadata: must be an object of keys and values, or an array of [key, value]");
  }
  // as: anything that is not a pair is refused below
  const pairs: Iterable<readonly [string, string | Uint8Array | undefined]> =
    Symbol.iterator in metadata ? (metadata as Iterable<readonly [string, string]>) : Object.entries(metadata);
  const normalized: (readonly [string, string | Uint8Array])[] = [];
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new ConfigurationError("metadata: must contain pairs of [key, value]");
    const [key, value] = pair;
    if (value === undefined) continue;
    normalized.push([normalizeKey(key), normalizeValue(key, value)]);
  }
  return normalized;
}

function normalizeKey(key: unknown): string {
  if (typeof key !== "string" || !/^[0-9A-Za-z_.-]+$/.test(key)) {
    throw new ConfigurationError(
      `metadata: the key ${JSON.stringify(String(key))} must consist of letters, digits, "-", "_" and "."`,
    );
  }
  const lower = key.toLowerCase();
  if (RESERVED.test(lower)) throw new ConfigurationError(`metadata: the key "${lower}" is reserved for the channel`);
  return lower;
}

function normalizeValue(key: string, value: unknown): string | Uint8Array {
  if (key.toLowerCase().endsWith("-bin")) {
    if (value instanceof Uint8Array) return value;
    throw new ConfigurationError(`metadata: the value of "${key}" must be bytes, since its key ends in -bin`);
  }
  if (typeof value === "string" && PRINTABLE.test(value)) return value;
  throw new ConfigurationError(
    `metadata: the value of "${key}" must be a string of printable ASCII; use a key that ends in -bin for bytes`,
  );
}
