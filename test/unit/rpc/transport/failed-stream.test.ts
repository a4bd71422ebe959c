// SPDX-License-Identifier: Apache-2.0
// The replies of a stream that no transport could open.

import { describe, expect, it } from "@jest/globals";
import { failedStream } from "../../../../src/rpc/transport/failed-stream.js";
import { rejectionOf } from "../../../support/rejection-of.js";

describe("a stream", () => {
  it("that could not be opened throws its error once and is done", async () => {
    const error = new Error("closed");
    const stream = failedStream(error);
    expect(stream[Symbol.asyncIterator]()).toBe(stream);
    expect(await rejectionOf(stream.next())).toBe(error);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });
});
