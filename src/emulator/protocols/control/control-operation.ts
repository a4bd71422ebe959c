// SPDX-License-Identifier: Apache-2.0
// What an endpoint under /emulator/v1/ is: who may use it, how it reads a request, and how it rejects a wrong one. Does nothing by
// itself.

import { timingSafeEqual } from "node:crypto";
import { type Declaration, type Fields, type SettledOf, settle } from "../../../base/options/declaration.js";
import { parseJsonObject } from "../../world/keys/signed-jwt.js";
import { MissingError, refuseOption } from "../../world/refusals/refuse-option.js";
import { ServiceError } from "../../world/refusals/service-error.js";
import {
  type HttpOperation,
  headerOf,
  httpOperation,
  type IncomingRequest,
  jsonAnswer,
  type OutgoingAnswer,
} from "../http/http-operation.js";
import { httpStatusOf } from "../http/http-status.js";

/** The header in which the console sends its key. */
const KEY_HEADER = "x-emulator-key";

/** A request that is malformed. */
function invalidRequest(message: string): ServiceError {
  return new ServiceError("INVALID_ARGUMENT", message);
}

/**
 * Reads a body that is a JSON object.
 *
 * @throws ServiceError INVALID_ARGUMENT when it is anything else. The content type is required so that no page in a browser can send
 * this without a preflight request (CORS)
 */
export function readJsonBody(request: IncomingRequest): Record<string, unknown> {
  const mediaType = headerOf(request, "content-type")?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") throw invalidRequest("The content type must be application/json.");
  const document = parseJsonObject(request.body.toString("utf8"));
  if (document === undefined) throw invalidRequest("The body must be a JSON object.");
  return document;
}

/** The same, with the declared fields. @throws ServiceError INVALID_ARGUMENT naming the field that is wrong */
export function readBodyFields<Declared extends Fields>(
  request: IncomingRequest,
  declaration: Declaration<Declared>,
): SettledOf<Declared> {
  return settle(declaration, readJsonBody(request), { refuse: refuseOption });
}

/**
 * Reads the parameters of a query.
 *
 * @param known their names
 * @throws ServiceError INVALID_ARGUMENT when there is an unknown one, or one twice
 */
export function readQueryFields<Name extends string>(
  { query }: IncomingRequest,
  known: readonly Name[],
): Partial<Record<Name, string>> {
  for (const name of query.keys()) {
    const isKnown = name === "key" || known.some((each) => each === name);
    if (!isKnown)
      throw invalidRequest(
        `${name} is not a parameter of this endpoint; valid names are ${known.join(", ") || "none"}`,
      );
    if (query.getAll(name).length > 1) throw invalidRequest(`${name} must be given once`);
  }
  const given = known.flatMap((name) => (query.has(name) ? [[name, query.get(name)] as const] : []));
  return Object.fromEntries(given) as Partial<Record<Name, string>>; // as: only known names
}

/** A number in a query; undefined when absent. @throws ServiceError INVALID_ARGUMENT when it is not a number */
export function readCount(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-9]{1,15}$/.test(text)) throw invalidRequest(`${name} must be an integer, not ${JSON.stringify(text)}`);
  return Number(text);
}

function isSame(given: string, key: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(key)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function checkKey(request: IncomingRequest, key: string | undefined): void {
  const given = headerOf(request, KEY_HEADER) ?? request.query.get("key") ?? "";
  if (key === undefined || isSame(given, key)) return;
  throw new ServiceError(
    "UNAUTHENTICATED",
    "The emulator listens where other machines can reach it, so this endpoint requires the key of its console, in the header " +
      `${KEY_HEADER} or the parameter key. The console URL that the emulator printed contains it.`,
  );
}

// The emulator's methods refuse with a TypeError that names the field.
function refusalOf(error: unknown): unknown {
  if (error instanceof MissingError) return new ServiceError("NOT_FOUND", error.message);
  return error instanceof TypeError ? invalidRequest(error.message) : error;
}

/** What an endpoint is made of. */
interface ControlOperationParts {
  /** Its name in faults, after `emulator.`. Required. */
  readonly name: string;
  /** The key that a request must carry; undefined: none. Default: none. */
  keyOf?(): string | undefined;
  /** Answers. */
  run(request: IncomingRequest): Promise<OutgoingAnswer>;
}

/** An endpoint of the emulator itself: what tests do is not logged as a call. */
export function controlOperation({ name, keyOf, run }: ControlOperationParts): HttpOperation {
  return httpOperation({
    name: `emulator.${name}`,
    service: "emulator",
    isControl: true,
    async identify(request) {
      checkKey(request, keyOf?.());
    },
    async run(request) {
      try {
        return await run(request);
      } catch (error) {
        throw refusalOf(error);
      }
    },
    refuse(refusal) {
      const { message, status } = refusal;
      const code = httpStatusOf(refusal);
      return jsonAnswer(code, { error: { code, message, status } });
    },
  });
}
