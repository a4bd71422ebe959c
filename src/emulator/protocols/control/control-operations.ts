// SPDX-License-Identifier: Apache-2.0
// The control API under /emulator/v1/: each endpoint is a method of the emulator's controls. Google has no such API. Decides nothing
// that those methods do not.

import { anyText, oneOf, value } from "../../../base/options/checks.js";
import { declare, required } from "../../../base/options/declaration.js";
import type { EmulatorControls } from "../../controls/emulator-controls.js";
import { ServiceError } from "../../world/refusals/service-error.js";
import { headerOf, type IncomingRequest, jsonAnswer, type OutgoingAnswer } from "../http/http-operation.js";
import type { OperationRow } from "../http/operation-table.js";
import { controlOperation, readBodyFields, readCount, readJsonBody, readQueryFields } from "./control-operation.js";
import type { EventStreams } from "./event-streams.js";

/** What the control API needs. */
export interface ControlParts {
  /** Carries out the requests. Required. */
  readonly controls: EmulatorControls;
  /** Where events are published. Required. */
  readonly streams: EventStreams;
  /** The key that a request must carry; undefined: none. */
  keyOf(): string | undefined;
}

type Run<Answer> = (controls: EmulatorControls, request: IncomingRequest) => Promise<Answer> | Answer;

/** Method, path after `/emulator/v1/`, and the handler, whose result is sent as JSON. */
type Route = readonly [method: string, path: string, run: Run<unknown>];

// A body may have any type: the methods check what they are given, and name what is wrong.
const given = (request: IncomingRequest): never => readJsonBody(request) as never;

const variable = ({ variables }: IncomingRequest, name: string): string => variables.get(name) ?? "";

function checkFound(isFound: boolean, what: string): void {
  if (!isFound) throw new ServiceError("NOT_FOUND", `There is no such ${what}.`);
}

const UNKNOWN = "is not a field of this request";
const MILLISECONDS = value<number>((ms) => typeof ms === "number" && ms >= 0, "a non-negative number of milliseconds");
const OPTIONS = value<object>((options) => typeof options === "object" && options !== null, "an object");
const NOTHING = declare({ unknown: () => "is not a field of this request", fields: {} });
const CLOCK = declare({ unknown: UNKNOWN, fields: { advanceMs: required(MILLISECONDS) } });
const TOKEN = declare({ unknown: UNKNOWN, fields: { token: required(anyText) } });
const MODE = declare({ unknown: UNKNOWN, fields: { enforcement: required(oneOf(["enforce", "observe"])) } });
const FILE = declare({ unknown: UNKNOWN, fields: { kind: required(anyText), options: required(OPTIONS) } });

const ofCalls = {
  info: ["GET", "info", (controls) => controls.info()],
  listCalls: [
    "GET",
    "calls",
    (controls, request) => {
      const query = readQueryFields(request, ["after", "limit"]);
      const after = readCount(query.after, "after");
      const calls = controls.calls({ after, limit: readCount(query.limit, "limit") });
      return { calls, last: calls.at(-1)?.id ?? after ?? 0 };
    },
  ],
  clearCalls: ["DELETE", "calls", (controls) => controls.clearCalls()],
  explainChain: ["POST", "chain:explain", (controls, request) => ({ decision: controls.explainChain(given(request)) })],
} satisfies Readonly<Record<string, Route>>;

const ofAccounts = {
  listAccounts: ["GET", "accounts", (controls) => ({ accounts: controls.accounts() })],
  createAccount: [
    "POST",
    "accounts",
    (controls, request) => {
      const { email, ...texts } = readJsonBody(request);
      return controls.addServiceAccount(email as never, texts); // as: the method says what it may be
    },
  ],
  updateAccount: [
    "PATCH",
    "accounts/{email=*}",
    (controls, request) => controls.updateServiceAccount(variable(request, "email"), given(request)),
  ],
  deleteAccount: [
    "DELETE",
    "accounts/{email=*}",
    (controls, request) => controls.deleteServiceAccount(variable(request, "email")),
  ],
  listKeys: [
    "GET",
    "accounts/{email=*}/keys",
    async (controls, request) => ({ keys: await controls.serviceAccountKeys(variable(request, "email")) }),
  ],
  createKey: [
    "POST",
    "accounts/{email=*}/keys",
    async (controls, request) => {
      readBodyFields(request, NOTHING);
      const email = variable(request, "email");
      const credentialsFile = await controls.createServiceAccountKey(email);
      const keys = await controls.serviceAccountKeys(email);
      return { key: keys.find(({ id }) => id === credentialsFile.private_key_id), credentialsFile };
    },
  ],
  updateKey: [
    "PATCH",
    "accounts/{email=*}/keys/{id=*}",
    (controls, request) =>
      controls.updateServiceAccountKey(variable(request, "email"), variable(request, "id"), given(request)),
  ],
  deleteKey: [
    "DELETE",
    "accounts/{email=*}/keys/{id=*}",
    (controls, request) => controls.deleteServiceAccountKey(variable(request, "email"), variable(request, "id")),
  ],
  createCredentialsFile: [
    "POST",
    "credentials",
    (controls, request) => {
      const { kind, options } = readBodyFields(request, FILE);
      return controls.credentialsFile(kind as never, options as never); // as: the method says what they may be
    },
  ],
} satisfies Readonly<Record<string, Route>>;

const ofPolicies = {
  getAccountPolicy: [
    "GET",
    "accounts/{email=*}/policy",
    (controls, request) => controls.policy({ serviceAccount: variable(request, "email") }),
  ],
  getProjectPolicy: [
    "GET",
    "projects/{project=*}/policy",
    (controls, request) => controls.policy({ project: variable(request, "project") }),
  ],
  addGrant: [
    "POST",
    "grants",
    (controls, request) => {
      const { propagate, ...grant } = readJsonBody(request);
      const { id } = controls.addGrant(grant as never, { propagate } as never); // as: the method says what they may be
      return { id };
    },
  ],
  removeGrant: [
    "DELETE",
    "grants/{id=*}",
    (controls, request) => {
      const { propagate } = readQueryFields(request, ["propagate"]);
      const timing = { propagate: propagate === "true" || (propagate === "false" ? false : propagate) };
      const id = readCount(variable(request, "id"), "id") ?? 0;
      checkFound(controls.removeGrant(id, timing as never), "grant"); // as: the method says what it may be
    },
  ],
  setEnforcement: [
    "PUT",
    "enforcement",
    (controls, request) => {
      const { enforcement } = readBodyFields(request, MODE);
      controls.setEnforcement(enforcement);
      return { enforcement };
    },
  ],
} satisfies Readonly<Record<string, Route>>;

const ofTokens = {
  createToken: ["POST", "tokens", (controls, request) => controls.createToken(given(request))],
  inspectToken: [
    "POST",
    "tokens:inspect",
    (controls, request) => controls.inspectToken(readBodyFields(request, TOKEN).token),
  ],
  revokeToken: [
    "POST",
    "tokens:revoke",
    (controls, request) => controls.revokeToken(readBodyFields(request, TOKEN).token),
  ],
} satisfies Readonly<Record<string, Route>>;

const ofStage = {
  addFault: ["POST", "faults", (controls, request) => ({ id: controls.addFault(given(request)).id })],
  listFaults: ["GET", "faults", (controls) => ({ faults: controls.faults() })],
  clearFaults: ["DELETE", "faults", (controls) => controls.clearFaults()],
  removeFault: [
    "DELETE",
    "faults/{id=*}",
    (controls, request) => checkFound(controls.removeFault(Number(variable(request, "id"))), "fault"),
  ],
  advanceClock: [
    "POST",
    "clock",
    (controls, request) => {
      controls.advanceClock(readBodyFields(request, CLOCK).advanceMs);
      return { now: controls.info().now };
    },
  ],
  reset: [
    "POST",
    "reset",
    (controls, request) => {
      readBodyFields(request, NOTHING);
      controls.reset();
    },
  ],
  exportState: ["GET", "state", (controls) => controls.exportState()],
  importState: ["PUT", "state", (controls, request) => controls.importState(given(request))],
} satisfies Readonly<Record<string, Route>>;

// What programs have used from the first version on, from other containers, too: they know no key.
const withoutKey: ReadonlySet<string> = new Set([
  "addFault",
  "listFaults",
  "clearFaults",
  "removeFault",
  "advanceClock",
  "reset",
  "listCalls",
  "exportState",
]);

const headers = { "cache-control": "no-store" } as const;

function describeGrants(controls: EmulatorControls, request: IncomingRequest): OutgoingAnswer {
  const { format } = readQueryFields(request, ["format"]);
  const grants = controls.neededGrants(format as "json" | undefined); // as: the method says what it may be
  if (typeof grants !== "string") return jsonAnswer(200, { grants }, headers);
  return { code: 200, contentType: "text/plain; charset=utf-8", body: grants, headers };
}

function openEvents({ streams }: ControlParts, request: IncomingRequest): OutgoingAnswer {
  readQueryFields(request, []);
  return streams.open(readCount(headerOf(request, "last-event-id"), "last-event-id"));
}

/** The endpoints of the control API. */
export function controlRows(parts: ControlParts): OperationRow[] {
  const { controls, keyOf } = parts;
  const row = (
    method: string,
    path: string,
    name: string,
    run: (request: IncomingRequest) => Promise<OutgoingAnswer>,
  ) => {
    const operation = controlOperation(withoutKey.has(name) ? { name, run } : { name, run, keyOf });
    return [method, `/emulator/v1/${path}`, operation] as const;
  };
  const routes: Readonly<Record<string, Route>> = {
    ...ofCalls,
    ...ofAccounts,
    ...ofPolicies,
    ...ofTokens,
    ...ofStage,
  };
  return [
    row("GET", "events", "events", async (request) => openEvents(parts, request)),
    row("GET", "needed-grants", "neededGrants", async (request) => describeGrants(controls, request)),
    ...Object.entries(routes).map(([name, [method, path, run]]) =>
      row(method, path, name, async (request) => jsonAnswer(200, (await run(controls, request)) ?? {}, headers)),
    ),
  ];
}
