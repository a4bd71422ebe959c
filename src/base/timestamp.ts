// SPDX-License-Identifier: Apache-2.0
// An instant with its nanoseconds, as google.protobuf.Timestamp carries it.

/** An instant to the nanosecond. Source: google/protobuf/timestamp.proto. */
export class Timestamp {
  /** Whole seconds since 1970-01-01T00:00:00Z. */
  readonly seconds: number;
  /** Nanoseconds within the second, 0 to 999,999,999. */
  readonly nanos: number;

  constructor(seconds: number, nanos: number) {
    this.seconds = seconds;
    this.nanos = nanos;
  }

  /** The same instant, truncated to the millisecond, which is all that a Date holds. */
  toDate(): Date {
    return new Date(this.seconds * 1000 + Math.floor(this.nanos / 1e6));
  }
}
