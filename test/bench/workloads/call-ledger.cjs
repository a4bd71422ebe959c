// SPDX-License-Identifier: Apache-2.0
// Counts, from the emulator's log, how often each attempt arrived and each call was answered. Takes as much memory for the last call as
// for the first, so that it does not show in what is measured.

const MOST_ATTEMPTS_PER_CALL = 20;

/** The headers that name an attempt and its call, in the order of their making. The log keeps both. */
const ATTEMPT_HEADER = "x-goog-soak-attempt";
const CALL_HEADER = "x-goog-soak-call";

class CallLedger {
  #arrivals;
  #answers;
  #last;

  /** @param calls how many calls there will be */
  constructor(calls) {
    this.#arrivals = new Uint8Array(calls * MOST_ATTEMPTS_PER_CALL);
    this.#answers = new Uint8Array(calls);
  }

  /** Takes the log's records as far as they are new. Throws when some were forgotten meanwhile. */
  enter(records) {
    const known = this.#last === undefined ? -1 : records.lastIndexOf(this.#last);
    if (this.#last !== undefined && known < 0) throw new Error("the log has forgotten calls that were not counted");
    this.#last = records.at(-1);
    for (const { metadata = {}, status } of records.slice(known + 1)) {
      if (metadata[ATTEMPT_HEADER] === undefined) continue;
      this.#arrivals[Number(metadata[ATTEMPT_HEADER])]++;
      if (status === "OK") this.#answers[Number(metadata[CALL_HEADER])]++;
    }
  }

  /** `answers` has a byte for each call: how often it was answered. */
  sum() {
    const arrived = this.#arrivals.filter((count) => count > 0).length;
    const twice = this.#arrivals.filter((count) => count > 1).length;
    return { arrived, twice, answers: Buffer.from(this.#answers).toString("base64") };
  }
}

module.exports = { CallLedger, ATTEMPT_HEADER, CALL_HEADER };
