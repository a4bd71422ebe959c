// SPDX-License-Identifier: Apache-2.0
// The emulator's own endpoints under /emulator/v1/: faults, clock, reset, calls, state, and the identity provider that the
// emulator is. Google has none of them. Decides nothing that the emulator's methods do not.

import { exportState } from "../../seed/export-state.js";
import { type EmulatorFault, requireFault } from "../../world/faults/fault.js";
import { formatPublishedKeys } from "../../world/keys/keys.js";
import { parseJsonObject, signCompactJws } from "../../world/keys/signed-jwt.js";
import { providerName } from "../../world/logins/login-options.js";
import type { EmulatorState } from "../../world/world.js";
import {
  type HttpAnswer,
  type HttpOperation,
  type HttpRequest,
  headerOf,
  jsonAnswer,
  pageAnswer,
} from "../http/exchange.js";
import { ownIssuer } from "../oauth/token-exchange.js";

const PREFIX = "/emulator/v1/";
const SUBJECT_TOKEN_SECONDS = 3600;

/** A request that one of these endpoints can't take. */
class BadRequestError extends Error {
  override readonly name = "BadRequestError";
}

type Answerer = (state: EmulatorState, request: HttpRequest, rest: string) => Promise<HttpAnswer> | HttpAnswer;

// The content type is asked for so that no page in a browser can send this without asking first (CORS).
function readJson(request: HttpRequest): Record<string, unknown> {
  const mediaType = headerOf(request, "content-type")?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") throw new BadRequestError("The content type must be application/json.");
  const document = parseJsonObject(request.body.toString("utf8"));
  if (document === undefined) throw new BadRequestError("The body must be a JSON object.");
  return document;
}

const addFault: Answerer = (state, request) => {
  const fault = requireFault(readJson(request) as EmulatorFault, "fault"); // as requireFault is about to say
  return jsonAnswer(200, { id: state.faults.add(fault) });
};

const removeFault: Answerer = (state, _, id) =>
  state.faults.remove(Number(id)) ? jsonAnswer(200, {}) : pageAnswer(404, "Not Found", "There is no such fault.");

const listFaults: Answerer = (state) => {
  const faults = state.faults.list().map(({ id, fault, remaining }) => {
    return { id, fault, ...(Number.isFinite(remaining) ? { remaining } : {}) };
  });
  return jsonAnswer(200, { faults });
};

const clearFaults: Answerer = (state) => {
  state.faults.clear();
  return jsonAnswer(200, {});
};

const advanceClock: Answerer = (state, request) => {
  const { advanceMs } = readJson(request);
  state.clock.advance(advanceMs as number); // as advance() is about to say
  return jsonAnswer(200, { now: new Date(state.now()).toISOString() });
};

const reset: Answerer = (state, request) => {
  readJson(request);
  state.reset();
  return jsonAnswer(200, {});
};

const listCalls: Answerer = (state) => jsonAnswer(200, { calls: state.calls.list() });

const exportSeed: Answerer = (state) => jsonAnswer(200, exportState(state));

const describeIssuer: Answerer = (state) => {
  const issuer = ownIssuer(state);
  return jsonAnswer(200, {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  });
};

const publishKeys: Answerer = async (state) =>
  jsonAnswer(200, formatPublishedKeys("jwk", await state.oauth.idpKeys.publishedKeys()));

// Where a URL-sourced external account gets its subject token.
const signSubjectToken: Answerer = async (state, { query }) => {
  const audience = query.get("audience") ?? "";
  const subject = query.get("subject") ?? "";
  const provider = state.oauth.findProvider(audience.replace(/^https:/, ""));
  if (provider === undefined || provider.jwks !== undefined) {
    throw new BadRequestError("audience must be the name of a provider whose tokens are the emulator's.");
  }
  if (!/^[\x21-\x7e]{1,127}$/.test(subject)) throw new BadRequestError("subject must be 1 to 127 characters.");
  const iat = Math.floor(state.now() / 1000);
  const aud = provider.allowedAudiences?.[0] ?? `https:${providerName(provider)}`;
  const claims = { iss: ownIssuer(state), sub: subject, aud, iat, exp: iat + SUBJECT_TOKEN_SECONDS };
  const token = await signCompactJws(JSON.stringify(claims), await state.oauth.idpKeys.signingKey());
  return jsonAnswer(200, { token }, { "cache-control": "no-store" });
};

const routes: readonly (readonly [method: string, path: RegExp, answer: Answerer])[] = [
  ["POST", /^faults$/, addFault],
  ["GET", /^faults$/, listFaults],
  ["DELETE", /^faults$/, clearFaults],
  ["DELETE", /^faults\/([0-9]{1,15})$/, removeFault],
  ["POST", /^clock$/, advanceClock],
  ["POST", /^reset$/, reset],
  ["GET", /^calls$/, listCalls],
  ["GET", /^state$/, exportSeed],
  ["GET", /^identity-provider\/\.well-known\/openid-configuration$/, describeIssuer],
  ["GET", /^identity-provider\/jwks$/, publishKeys],
  ["GET", /^identity-provider\/token$/, signSubjectToken],
];

async function answer(state: EmulatorState, request: HttpRequest): Promise<HttpAnswer> {
  const path = request.path.slice(PREFIX.length);
  const atPath = routes.filter(([, pattern]) => pattern.test(path));
  const route = atPath.find(([method]) => method === request.method);
  if (atPath.length === 0)
    return pageAnswer(404, "Not Found", `The requested URL ${request.path} was not found on this server.`);
  if (route === undefined)
    return pageAnswer(405, "Method Not Allowed", `The request method ${request.method} is inappropriate for the URL.`);
  const [, pattern, run] = route;
  try {
    return await run(state, request, pattern.exec(path)?.[1] ?? "");
  } catch (error) {
    if (!(error instanceof BadRequestError || error instanceof TypeError)) throw error;
    return jsonAnswer(400, { error: { code: 400, message: error.message, status: "INVALID_ARGUMENT" } });
  }
}

/** The operation of the emulator's own endpoints at a path; undefined when the path is none of theirs. */
export function findControlOperation(state: EmulatorState, path: string): HttpOperation | undefined {
  if (!path.startsWith(PREFIX)) return undefined;
  return {
    name: undefined, // what tests do is no call
    service: "emulator",
    refuse: (code, status, message) => jsonAnswer(code, { error: { code, message, status } }),
    run: (request) => answer(state, request),
  };
}
