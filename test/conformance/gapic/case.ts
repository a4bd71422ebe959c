// SPDX-License-Identifier: Apache-2.0
// What a case of the differential test is, and how one is run on both sides.

import { setTimeout as sleep } from "node:timers/promises";
import { type Difference, differencesOf, type Observation, observe } from "./observation.js";
import type { Answer } from "./peer.js";
import type { Form, Loose, Method, Side } from "./side.js";

/** One case. */
export interface Case {
  /** Said once, in the table of differences too. */
  readonly title: string;
  /** Runs it on one side; what it returns is observed, and what the peer heard meanwhile. */
  readonly run: (side: Side) => unknown;
}

/** A call as data; each part is made anew for each side, because a side may write to it. */
export interface CallCase {
  readonly method?: Method;
  readonly form?: Form;
  readonly request?: () => unknown;
  readonly options?: () => unknown;
  /** What the attempts are answered. */
  readonly script?: readonly Answer[];
  /** What is answered when the script has ended. Default: a canned answer. */
  readonly last?: Answer;
  /** A client of its own with these options added. Default: the shared one. */
  readonly client?: (side: Side) => Loose;
  /** Whether the client is connected before the call, so that no time of the call's goes by with it. Default: no. */
  readonly isConnected?: boolean;
}

/** A request that every method takes. */
export const plainRequest = (): Loose => ({ name: "projects/-/serviceAccounts/a@b.c" });

/** A case of one call. */
export function callCase(title: string, parts: CallCase): Case {
  const { method = "signBlob", form = "promise", request = plainRequest, options, script = [], last } = parts;
  const { client: make, isConnected = false } = parts;
  return {
    title,
    async run(side) {
      const client = make === undefined ? side.shared : side.open(make(side));
      // By another method: what one method has been told stays with it in the original.
      if (isConnected) await side.call(client, "generateIdToken", "promise", {}, { retry: null });
      side.play(script, last);
      const [given, settings] = [request(), options?.()];
      const outcome = await side.call(client, method, form, given, settings);
      return { outcome, "request after": given, "options after": settings };
    },
  };
}

/** What a case came to. */
export interface Verdict {
  readonly title: string;
  readonly differences: readonly Difference[];
  /** How many lines were compared. */
  readonly lines: number;
  /** How long it took. */
  readonly ms: number;
}

const PATIENCE_MS = 10_000;

async function play(one: Case, side: Side): Promise<Observation> {
  side.play([]);
  let seen: unknown;
  try {
    const patience = new AbortController();
    const late = sleep(PATIENCE_MS, { "the case never ended": true }, { signal: patience.signal });
    seen = await Promise.race([one.run(side), late]);
    late.catch(() => undefined);
    patience.abort();
  } catch (error) {
    seen = { "the case itself failed": error };
  }
  await side.peer.settle();
  const observation = observe(seen, "came of it");
  observe(side.heard, "heard", observation);
  await side.endCase();
  return observation;
}

/** Runs cases one after the other, each on both sides. @param atOnce whether the sides may run side by side */
export async function runCases(cases: readonly Case[], original: Side, ours: Side, atOnce = true): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const one of cases) {
    const startedAt = performance.now();
    const first = play(one, original);
    if (!atOnce) await first;
    const [theirs, mine] = await Promise.all([first, play(one, ours)]);
    const differences = differencesOf(theirs, mine);
    verdicts.push({
      title: one.title,
      differences,
      lines: Object.keys(theirs).length,
      ms: performance.now() - startedAt,
    });
  }
  return verdicts;
}
