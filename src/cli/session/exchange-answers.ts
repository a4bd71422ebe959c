// SPDX-License-Identifier: Apache-2.0
// From a session file to a token: what libraries request from an external account's URLs, each step guarded by a secret of the
// session. Opens no port. Sources: RFC 8693, AIP-4117.

import { randomBytes, timingSafeEqual } from "node:crypto";
import { formatInstant } from "../print/plain-json.js";
import { CLOUD_PLATFORM } from "../source/own-token.js";
import type { Answer } from "./metadata-answers.js";
import { failureOf } from "./metadata-answers.js";
import type { Minter } from "./minter.js";

/** The header with the file's secret. */
const HEADER = "x-iamcreds-session";

/** The request. */
interface ExchangeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

function json(code: number, document: object): Answer {
  return {
    code,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
    body: JSON.stringify(document),
  };
}

const refused = (message: string) => json(401, { error: "invalid_grant", error_description: message });

function isSame(given: unknown, secret: string): boolean {
  if (typeof given !== "string") return false;
  const [one, other] = [Buffer.from(given), Buffer.from(secret)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function parseScopes(body: string): string[] | undefined {
  try {
    const { scope } = Object(JSON.parse(body)) as { scope?: unknown }; // as: it is looked at below
    const scopes = Array.isArray(scope) ? scope.filter((each): each is string => typeof each === "string") : [];
    return scopes.length === 0 ? undefined : scopes;
  } catch {
    return undefined;
  }
}

/** The secrets of a session, and what they open. */
export class TokenExchange {
  readonly #minter: Minter;
  readonly #fileSecret = randomBytes(32).toString("base64url");
  readonly #subjectToken = randomBytes(32).toString("base64url");
  readonly #exchanged = randomBytes(32).toString("base64url");

  constructor(minter: Minter) {
    this.#minter = minter;
  }

  /**
   * The contents of the session file: an external account whose URLs all belong to the session.
   *
   * @param url the session's URL, without a trailing slash
   */
  document(
    url: string,
    { quotaProjectId, universeDomain }: { quotaProjectId: string | undefined; universeDomain: string },
  ): object {
    return {
      type: "external_account",
      audience: "//iam.googleapis.com/projects/0/locations/global/workloadIdentityPools/iamcreds/providers/session",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: `${url}/v1/token`,
      service_account_impersonation_url: `${url}${this.#impersonationPath}`,
      credential_source: {
        url: `${url}/v1/subject-token`,
        headers: { [HEADER]: this.#fileSecret },
        format: { type: "text" },
      },
      ...(quotaProjectId === undefined ? {} : { quota_project_id: quotaProjectId }),
      universe_domain: universeDomain,
    };
  }

  get #impersonationPath(): string {
    return `/v1/projects/-/serviceAccounts/${this.#minter.account}:generateAccessToken`;
  }

  /** Answers a request; undefined: the path is not one of these. */
  async answer(request: ExchangeRequest): Promise<Answer | undefined> {
    const { method, path, headers, body } = request;
    if (path === "/v1/subject-token" && method === "GET") {
      if (!isSame(headers[HEADER], this.#fileSecret)) return refused("the session's secret is missing or wrong");
      return {
        code: 200,
        headers: { "content-type": "text/plain", "cache-control": "no-store" },
        body: this.#subjectToken,
      };
    }
    if (path === "/v1/token" && method === "POST") {
      if (!isSame(new URLSearchParams(body).get("subject_token"), this.#subjectToken)) {
        return refused("the subject token is not from this session");
      }
      return json(200, {
        access_token: this.#exchanged,
        issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
        token_type: "Bearer",
        expires_in: 3600,
        scope: CLOUD_PLATFORM,
      });
    }
    if (decodeURIComponent(path) === this.#impersonationPath && method === "POST") return this.#generate(request);
    return undefined;
  }

  async #generate({ headers, body, signal }: ExchangeRequest): Promise<Answer> {
    if (!isSame(headers["authorization"], `Bearer ${this.#exchanged}`))
      return refused("the token is not from this session");
    try {
      const { value, expiresAt } = await this.#minter.accessToken(parseScopes(body), signal);
      return json(200, { accessToken: value, expireTime: formatInstant(new Date(expiresAt)) });
    } catch (error) {
      const { code, message } = failureOf(error);
      return json(code, { error: { code, message } });
    }
  }
}
