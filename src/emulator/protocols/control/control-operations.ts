// SPDX-License-Identifier: Apache-2.0
// The emulator's own endpoints under /emulator/v1/: faults, clock, reset, calls, state, and the identity provider that the
// emulator is. Google has none of them. Decides nothing that the emulator's methods do not.

import { object } from "../../../base/options/checks.js";
import { exportState } from "../../seed/export-state.js";
import { FAULT } from "../../world/faults/fault.js";
import { formatPublishedKeys } from "../../world/keys/keys.js";
import { parseJsonObject, signCompactJws } from "../../world/keys/signed-jwt.js";
import { ownIssuer, providerName } from "../../world/logins/login-options.js";
import { readOption } from "../../world/refusals/refuse-option.js";
import { ServiceError } from "../../world/refusals/service-error.js";
import type { World } from "../../world/world.js";
import {
  type HttpAnswer,
  type HttpRequest,
  headerOf,
  httpOperation,
  identifyNobody,
  jsonAnswer,
} from "../http/http-operation.js";
import { httpStatusOf } from "../http/http-status.js";
import type { OperationRow } from "../http/operation-table.js";
import { pageAnswer } from "../http/page.js";

/** What the emulator's own endpoints take of the world. */
export interface ControlWorld extends World {
  /** Puts the emulator back to what it started with. Required. */
  readonly reset: () => void;
}

const SUBJECT_TOKEN_SECONDS = 3600;

type Answerer = (world: ControlWorld, request: HttpRequest) => Promise<HttpAnswer> | HttpAnswer;

function invalid(message: string): ServiceError {
  return new ServiceError("INVALID_ARGUMENT", message);
}

// The content type is asked for so that no page in a browser can send this without asking first (CORS).
function readJson(request: HttpRequest): Record<string, unknown> {
  const mediaType = headerOf(request, "content-type")?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") throw invalid("The content type must be application/json.");
  const document = parseJsonObject(request.body.toString("utf8"));
  if (document === undefined) throw invalid("The body must be a JSON object.");
  return document;
}

const addFault: Answerer = (world, request) => {
  const fault = readOption(object(FAULT), readJson(request), "fault");
  return jsonAnswer(200, { id: world.faults.add(fault) });
};

const removeFault: Answerer = (world, { variables }) =>
  world.faults.remove(Number(variables.get("id")))
    ? jsonAnswer(200, {})
    : pageAnswer(404, "Not Found", "There is no such fault.");

const listFaults: Answerer = (world) => {
  const faults = world.faults.list().map(({ id, fault, remaining }) => {
    return { id, fault, ...(Number.isFinite(remaining) ? { remaining } : {}) };
  });
  return jsonAnswer(200, { faults });
};

const clearFaults: Answerer = (world) => {
  world.faults.clear();
  return jsonAnswer(200, {});
};

const advanceClock: Answerer = (world, request) => {
  const { advanceMs } = readJson(request);
  world.clock.advance(advanceMs as number); // as advance() is about to say
  return jsonAnswer(200, { now: new Date(world.now()).toISOString() });
};

const reset: Answerer = (world, request) => {
  readJson(request);
  world.reset();
  return jsonAnswer(200, {});
};

const listCalls: Answerer = (world) => jsonAnswer(200, { calls: world.calls.list() });

const exportSeed: Answerer = (world) => jsonAnswer(200, exportState(world));

const describeIssuer: Answerer = (world) => {
  const issuer = ownIssuer(world.url());
  return jsonAnswer(200, {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  });
};

const publishKeys: Answerer = async (world) =>
  jsonAnswer(200, formatPublishedKeys("jwk", await world.logins.idpKeys.publishedKeys()));

// Where a URL-sourced external account gets its subject token.
const signSubjectToken: Answerer = async (world, { query }) => {
  const audience = query.get("audience") ?? "";
  const subject = query.get("subject") ?? "";
  const provider = world.logins.findProvider(audience.replace(/^https:/, ""));
  if (provider === undefined || provider.jwks !== undefined) {
    throw invalid("audience must be the name of a provider whose tokens are the emulator's.");
  }
  if (!/^[\x21-\x7e]{1,127}$/.test(subject)) throw invalid("subject must be 1 to 127 characters.");
  const iat = Math.floor(world.now() / 1000);
  const aud = provider.allowedAudiences?.[0] ?? `https:${providerName(provider)}`;
  const claims = { iss: ownIssuer(world.url()), sub: subject, aud, iat, exp: iat + SUBJECT_TOKEN_SECONDS };
  const token = await signCompactJws(JSON.stringify(claims), await world.logins.idpKeys.signingKey());
  return jsonAnswer(200, { token }, { "cache-control": "no-store" });
};

// What the emulator's methods refuse is a TypeError that names the field.
async function answer(world: ControlWorld, run: Answerer, request: HttpRequest): Promise<HttpAnswer> {
  try {
    return await run(world, request);
  } catch (error) {
    throw error instanceof TypeError ? invalid(error.message) : error;
  }
}

/** The emulator's own endpoints. */
export function controlRows(world: ControlWorld): OperationRow[] {
  const row = (method: string, path: string, name: string, run: Answerer): OperationRow => {
    const operation = httpOperation({
      name: `emulator.${name}`,
      service: "emulator",
      isControl: true, // what tests do is no call
      identify: identifyNobody,
      run: (request) => answer(world, run, request),
      refuse(refusal) {
        const { message, status } = refusal;
        const code = httpStatusOf(refusal);
        return jsonAnswer(code, { error: { code, message, status } });
      },
    });
    return [method, `/emulator/v1/${path}`, operation];
  };
  return [
    row("POST", "faults", "addFault", addFault),
    row("GET", "faults", "listFaults", listFaults),
    row("DELETE", "faults", "clearFaults", clearFaults),
    row("DELETE", "faults/{id=*}", "removeFault", removeFault),
    row("POST", "clock", "advanceClock", advanceClock),
    row("POST", "reset", "reset", reset),
    row("GET", "calls", "listCalls", listCalls),
    row("GET", "state", "exportState", exportSeed),
    row("GET", "identity-provider/.well-known/openid-configuration", "describeIssuer", describeIssuer),
    row("GET", "identity-provider/jwks", "publishKeys", publishKeys),
    row("GET", "identity-provider/token", "signSubjectToken", signSubjectToken),
  ];
}
