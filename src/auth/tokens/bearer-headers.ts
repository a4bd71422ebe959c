// SPDX-License-Identifier: Apache-2.0
// A token as it is sent: the headers that it makes with a quota project and allowed locations, made once per token. Does not know where
// the token comes from, nor when it ends.

import { ConfigurationError } from "../../base/errors.js";
import type { RequestMetadata } from "../../base/token-provider.js";
import type { RegionalAccessBoundary } from "./regional-access-boundary.js";
import type { IssuedToken } from "./token-cache.js";

const BEARER = "Bearer ";
const PROJECT_HEADER = "x-goog-user-project";
const LOCATIONS_HEADER = "x-allowed-locations";

/** A token in the form in which it is usually sent. Only that is kept: the bare token is a slice of it and shares its characters. */
export class BearerToken implements IssuedToken {
  /** `Bearer` and the token. A secret. */
  readonly authorization: string;
  /** {@link IssuedToken.lifetimeMs} */
  readonly lifetimeMs: number;
  /** {@link IssuedToken.expiresAt} */
  readonly expiresAt: number;

  constructor({ value, lifetimeMs, expiresAt }: IssuedToken) {
    // join, because the result of a template refers to its parts until it is first read.
    this.authorization = [BEARER, value].join("");
    this.lifetimeMs = lifetimeMs;
    this.expiresAt = expiresAt;
  }

  /** The token alone. A secret. */
  get value(): string {
    return this.authorization.slice(BEARER.length);
  }
}

/** The token in an `authorization` header; empty: there is none. */
export function bearerOf(headers: Headers): string {
  return (headers.get("authorization") ?? "").slice(BEARER.length);
}

interface PreparedHeaders {
  readonly token: BearerToken;
  readonly allowedLocations: string | undefined;
  readonly metadata: RequestMetadata & { readonly authorization: string };
  /** Made when they are first asked for. */
  headers: Headers | undefined;
  /** Whether there is more than the authorization. */
  readonly hasMore: boolean;
}

/** The headers of one pair of credentials. */
export class BearerHeaders {
  readonly #boundary: RegionalAccessBoundary | undefined;
  #quotaProjectId: string | undefined;
  #prepared: PreparedHeaders | undefined;

  /** @throws ConfigurationError when the quota project is not valid */
  constructor(quotaProjectId: string | undefined, boundary: RegionalAccessBoundary | undefined) {
    this.#quotaProjectId = normalizeProject(quotaProjectId);
    this.#boundary = boundary;
  }

  /** The project that is charged for quota. */
  get quotaProjectId(): string | undefined {
    return this.#quotaProjectId;
  }

  /** Charges another project from now on. */
  set quotaProjectId(project: string | undefined) {
    this.#quotaProjectId = project;
    this.#prepared = undefined;
  }

  /** What a token is sent with, by our clients. */
  metadataFor(token: BearerToken): RequestMetadata {
    return this.#prepare(token).metadata;
  }

  /** The metadata of a token that is not the one at hand. */
  metadataOf(token: string): RequestMetadata {
    const project = this.#quotaProjectId;
    return { authorization: `${BEARER}${token}`, ...(project === undefined ? {} : { [PROJECT_HEADER]: project }) };
  }

  /**
   * Headers for the caller to keep, whose pairs are own enumerable properties, too. Copying prepared ones costs a fraction of building
   * them, which looks at every character of the token; a plain assignment costs half as much as Object.assign.
   */
  copyFor(token: BearerToken): Headers {
    const prepared = this.#prepare(token);
    prepared.headers ??= new Headers(prepared.metadata);
    const copy: Headers & { authorization?: string } = new Headers(prepared.headers);
    if (prepared.hasMore) return Object.assign(copy, prepared.metadata);
    copy.authorization = prepared.metadata.authorization;
    return copy;
  }

  #prepare(token: BearerToken): PreparedHeaders {
    const allowedLocations = this.#boundary?.headerFor(token);
    const known = this.#prepared;
    if (known !== undefined && known.token === token && known.allowedLocations === allowedLocations) return known;
    const project = this.#quotaProjectId;
    const metadata = Object.freeze({
      authorization: token.authorization,
      ...(project === undefined ? {} : { [PROJECT_HEADER]: project }),
      ...(allowedLocations === undefined ? {} : { [LOCATIONS_HEADER]: allowedLocations }),
    });
    const hasMore = project !== undefined || allowedLocations !== undefined;
    const prepared: PreparedHeaders = { token, allowedLocations, metadata, headers: undefined, hasMore };
    this.#prepared = prepared;
    return prepared;
  }
}

/** A project that no header can carry would make every request fail without saying why. */
function normalizeProject(project: string | undefined): string | undefined {
  if (project === undefined || (typeof project === "string" && /^[\x21-\x7e]+$/.test(project))) return project;
  throw new ConfigurationError("quotaProjectId: must be a project ID");
}
