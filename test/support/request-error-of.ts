// SPDX-License-Identifier: Apache-2.0
// What a check of a request throws, so that a test can look at more than one side of it.

import { RequestError } from "../../src/index.js";

/** The RequestError that something must throw at once. Throws when it does not, or throws anything else. */
export function requestErrorOf(run: () => unknown): RequestError {
  try {
    run();
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

/** The sides of it that a caller acts on. */
export function fieldAndMessage({ field, message }: RequestError): { field: string; message: string } {
  return { field, message };
}
