// SPDX-License-Identifier: Apache-2.0
// A Clock whose time moves by hand and whose chance is scripted. It counts what is still scheduled.

import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../src/index.js";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
  readonly keepsAlive: boolean;
}

/** What a manual clock starts with. */
export interface ManualClockOptions {
  /** What `wallNow()` begins with, in milliseconds. Default: 1,700,000,000,000. */
  readonly wallAt?: number;
  /** The numbers that `random()` gives, in order; the last is given for ever after. Default: 0.5. */
  readonly chances?: readonly number[];
}

/** Time that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #now = 0;
  #wallAhead: number;
  #timers: Timer[] = [];
  readonly #chances: number[];

  constructor({ wallAt = 1_700_000_000_000, chances = [0.5] }: ManualClockOptions = {}) {
    this.#wallAhead = wallAt;
    this.#chances = [...chances];
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.#wallAhead + this.#now;
  }

  random(): number {
    const next = this.#chances.length > 1 ? this.#chances.shift() : this.#chances[0];
    return next ?? 0;
  }

  schedule(ms: number, callback: () => void, keepsAlive = true): () => void {
    const timer = { at: this.#now + Math.max(0, ms), callback, keepsAlive };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** How long it is to each callback that is still scheduled, in milliseconds, in the order in which they are due. */
  get waits(): readonly number[] {
    return this.#timers.map((timer) => timer.at - this.#now).sort((a, b) => a - b);
  }

  /** Whether anything that is still scheduled keeps the process running. */
  get keepsAlive(): boolean {
    return this.#timers.some((timer) => timer.keepsAlive);
  }

  /** Sets the time ahead at one stroke, as for a process that stood still: nothing that is due is called. */
  jump(ms: number): void {
    this.#now += ms;
  }

  /** Sets the wall clock alone, ahead or back. */
  jumpWall(ms: number): void {
    this.#wallAhead += ms;
  }

  /** Lets time pass and calls back whatever comes due, one after another, each at its time. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await turn();
    for (let timer = this.#first(); timer !== undefined && timer.at <= until; timer = this.#first()) {
      await this.#fire(timer);
    }
    this.#now = Math.max(this.#now, until);
    await turn();
  }

  /** Lets time pass until a promise settles. Throws when it waits for something else than time. */
  async drive<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    promise.then(settle, settle);
    for (;;) {
      await turn();
      if (isSettled) return promise;
      const timer = this.#first();
      if (timer === undefined) throw new Error("the promise is pending and nothing is scheduled");
      await this.#fire(timer);
    }
  }

  #first(): Timer | undefined {
    return this.#timers.reduce<Timer | undefined>(
      (first, each) => (first === undefined || each.at < first.at ? each : first),
      undefined,
    );
  }

  async #fire(timer: Timer): Promise<void> {
    this.#timers = this.#timers.filter((each) => each !== timer);
    this.#now = Math.max(this.#now, timer.at);
    timer.callback();
    await turn();
  }
}
