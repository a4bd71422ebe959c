// SPDX-License-Identifier: Apache-2.0
// The road of a call, the same for every operation of every protocol: identify the caller, let a fault strike, charge the quota,
// run, log, answer. Every refusal comes before the run, so that a refused call changes nothing. Knows no wire.

import { fingerprintOf } from "../../world/faults/attempt-counter.js";
import { ConnectionFaultError, InjectedError } from "../../world/faults/fault.js";
import { projectOf } from "../../world/names/project-ids.js";
import { internalError, ServiceError } from "../../world/refusals/service-error.js";
import type { World } from "../../world/world.js";
import type { CallNotes, Carrier, Delivery, Operation } from "./operation.js";
import { strikeCall, USUAL_DELIVERY } from "./strike.js";

/** What the road needs from the world. */
export type RoadWorld = Pick<World, "attempts" | "calls" | "faults" | "now" | "quotas" | "work">;

// The state of one call.
interface Journey {
  readonly notes: CallNotes;
  delivery: Delivery;
  succeed(): void;
}

async function travel<Call, Caller, Answer>(
  world: RoadWorld,
  operation: Operation<Call, Caller, Answer>,
  { call, carrier, journey }: { call: Call; carrier: Carrier<Answer>; journey: Journey },
): Promise<Answer> {
  const { name, fullName = name, service, isControl = false } = operation;
  const { notes } = journey;
  const caller = operation.identify(call, notes);
  await caller.catch(() => undefined); // a refusal waits until the faults have struck
  const fingerprint = fingerprintOf(fullName, notes.principal, carrier.requestBytes);
  const attempt = isControl ? 1 : world.attempts.arrive(fingerprint);
  if (!isControl) notes.attempt = attempt;
  const target = { methods: [name, fullName], principal: notes.principal, attempt, mustBeNamed: isControl };
  journey.delivery = await strikeCall(world, { target, notes }, carrier.abandoned);
  const identified = await caller;
  world.quotas.charge(service, name, carrier.facts.quotaProject ?? projectOf(notes.principal ?? ""));
  const answer = await operation.run(call, identified, notes);
  journey.succeed = () => world.attempts.succeed(fingerprint);
  return answer;
}

function noteRefusal(notes: CallNotes, refusal: ServiceError, { httpStatusOf }: Carrier<never>): void {
  const { status, message, info } = refusal;
  notes.status = status;
  const reason = refusal instanceof InjectedError ? refusal.reason : info?.reason;
  if (reason !== undefined) notes.reason = reason;
  // A message about a malformed request may repeat part of it.
  if (status !== "INVALID_ARGUMENT") notes.message = message;
  const missing = notes.decision?.find(({ outcome }) => outcome === "denied");
  if (status === "PERMISSION_DENIED" && missing !== undefined) notes.permission = missing.permission;
  const httpStatus = httpStatusOf?.(refusal);
  if (httpStatus !== undefined) notes.httpStatus = httpStatus;
}

function closed(): ServiceError {
  return new ServiceError("UNAVAILABLE", "The emulator was closed.");
}

// Calls under way when the emulator closes are answered as by a restarting service, and end by themselves.
function untilClosing<Answer>({ work }: Pick<RoadWorld, "work">, travelling: Promise<Answer>): Promise<Answer> {
  work.track(travelling);
  return new Promise((resolve, reject) => {
    const forget = work.onClosing(() => reject(closed()));
    travelling.then(resolve, reject).then(forget); // not finally(), which takes twice the turns
  });
}

/**
 * Takes a call along the road: it ends with an answer, a refusal or a struck connection, and is logged. When the emulator
 * closes before that, it ends with UNAVAILABLE. An error in the emulator itself becomes INTERNAL.
 */
export async function runOperation<Call, Caller, Answer>(
  world: RoadWorld,
  operation: Operation<Call, Caller, Answer>,
  call: Call,
  carrier: Carrier<Answer>,
): Promise<void> {
  const at = new Date(world.now());
  const startedAt = performance.now();
  const { quotaProject } = carrier.facts;
  const notes: CallNotes = { delegates: [], ...(quotaProject === undefined ? {} : { quotaProject }) };
  const journey: Journey = { notes, delivery: USUAL_DELIVERY, succeed() {} };
  let deliver: () => void;
  try {
    if (world.work.closing.aborted) throw closed();
    const answer = await untilClosing(world, travel(world, operation, { call, carrier, journey }));
    if (journey.delivery.isTruncated) journey.notes.status = "UNAVAILABLE";
    deliver = () => carrier.answer(answer, journey.delivery);
  } catch (error) {
    const refusal = error instanceof ServiceError ? error : internalError();
    noteRefusal(journey.notes, refusal, carrier);
    deliver = () => {
      if (refusal instanceof ConnectionFaultError) carrier.sever(refusal.connection);
      else carrier.refuse(refusal, journey.delivery);
    };
  }
  const { status = "OK" } = notes;
  if (status === "OK") journey.succeed();
  if (operation.isControl !== true) {
    const durationMs = performance.now() - startedAt;
    const { service, name: method } = operation;
    const ending = { status: carrier.abandonedAs() ?? status, at, durationMs };
    world.calls.add({ service, method, ...notes, ...ending, ...carrier.facts });
  }
  deliver();
}
