// SPDX-License-Identifier: Apache-2.0
// Row 1: is this machine sane? Its clock against the server's, its Node, and variables that contradict each other.

import { EMULATOR_VARIABLE as EMULATOR } from "../../base/environment.js";
import { headerOf } from "../../base/http/http-message.js";
import type { Facts } from "../facts/facts.js";
import { messageOf } from "../facts/facts.js";
import { findCause, findOk, findUnknown, type StepFinding } from "../facts/finding.js";
import type { Means } from "../facts/means.js";
import type { Step } from "../facts/step.js";

/** Google takes a signature whose times are off by a few minutes at most; a whole minute is no accident. */
const WRONG_MS = 60_000;
/** The header has whole seconds, and an answer takes time. */
const ODD_MS = 10_000;
/** What a date without its fraction lacks on average. */
const HALF_A_SECOND_MS = 500;
const OLDEST_NODE = 20;
/** Variables that Google's serverless platforms set: that is production. */
const PLATFORM = ["K_SERVICE", "CLOUD_RUN_JOB", "FUNCTION_TARGET", "GAE_SERVICE"];

/** Row 1. */
export const machine: Step = {
  id: "machine",
  question: "Is this machine set up correctly?",
  needs: [],
  isOffline: true,
  async run(facts, means) {
    const clock = facts.isMachineTaken ? undefined : await judgeClock(facts, means);
    const wrong = [...judgeNode(), ...judgeVariables(means)];
    const shown = clock?.state === "cause" ? undefined : facts.findShown(["clock-wrong"]);
    const found = [clock, shown, ...wrong].filter((each) => each !== undefined);
    return found.length > 0
      ? found
      : [findOk("Node.js and environment variables are as they should be", { source: "the process" })];
  },
};

async function judgeClock(facts: Facts, means: Means): Promise<StepFinding | undefined> {
  const source = "the Date of an HTTP response";
  try {
    const sentAt = means.clock.wallNow();
    const answer = await means.http({ url: `${means.url}/` });
    const localAt = (sentAt + means.clock.wallNow()) / 2;
    const serverAt = Date.parse(headerOf(answer, "date"));
    if (Number.isNaN(serverAt)) return findUnknown("the server's response has no Date", { source });
    const offMs = localAt - serverAt - HALF_A_SECOND_MS;
    const off = `${Math.round(Math.abs(offMs) / 1000)} s ${offMs < 0 ? "behind" : "ahead of"} the server's`;
    if (Math.abs(offMs) <= ODD_MS) return findOk("the clock agrees with the server's", { source, evidence: [off] });
    return findCause("clock-wrong", { detail: off }, { source, evidence: [off] }, Math.abs(offMs) > WRONG_MS);
  } catch (error) {
    facts.options.signal?.throwIfAborted();
    return findUnknown("the clock could not be compared", { source, evidence: [messageOf(error)] });
  }
}

function judgeNode(): StepFinding[] {
  const version = process.versions.node;
  if (Number(version.split(".")[0]) >= OLDEST_NODE) return [];
  return [findCause("node-too-old", { detail: version }, { source: "the process" })];
}

function judgeVariables({ environment }: Means): StepFinding[] {
  const isSet = (name: string): boolean => Boolean(environment[name]);
  const source = "the environment";
  const platform = PLATFORM.find(isSet);
  const contradictions: [detail: string, toUnset: string][] = [];
  if (isSet(EMULATOR) && platform !== undefined) {
    contradictions.push([`${EMULATOR} points at an emulator, but ${platform} is set by Google's platform`, EMULATOR]);
  }
  const isOff = environment["NO_GCE_CHECK"] === "true" || environment["METADATA_SERVER_DETECTION"] === "none";
  const host = ["GCE_METADATA_HOST", "GCE_METADATA_IP", "GCE_METADATA_ROOT"].find(isSet);
  if (host !== undefined && isOff) {
    const off = environment["NO_GCE_CHECK"] === "true" ? "NO_GCE_CHECK" : "METADATA_SERVER_DETECTION";
    contradictions.push([`${host} names a metadata server, but ${off} says that there is none`, off]);
  }
  return contradictions.map(([detail, variable]) =>
    findCause("environment-contradictory", { detail, role: variable }, { source, evidence: [detail] }),
  );
}
