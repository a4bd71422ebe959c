// SPDX-License-Identifier: Apache-2.0
// The errors of the drop-in: the original's code, details, metadata and note.

import { Metadata, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { runProgram } from "../../../support/child-program.js";
import { type GapicStage, NAME, openGapicStage } from "../../../support/gapic-stage.js";
import { rejectionOf } from "../../../support/rejection-of.js";

let stage: GapicStage;
beforeEach(async () => {
  stage = await openGapicStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

describe("an error", () => {
  const request = { name: NAME, payload: "{}" };

  test("of the service has code, details, metadata and a note, and is no Error of a class of ours", async () => {
    const metadata = new Metadata();
    metadata.set("x-own", "1");
    stage.refuse(1, { code: status.PERMISSION_DENIED, details: "no", metadata });
    const error = await rejectionOf(stage.client.signJwt(request));
    expect(Object.keys(Object(error))).toEqual(["code", "details", "metadata", "note"]);
    expect(error).toMatchObject({
      message: "7 PERMISSION_DENIED: no",
      code: 7,
      details: "no",
      note: "Exception occurred in retry method that was not classified as transient",
    });
    expect(Object(error).metadata).toBeInstanceOf(Metadata);
    expect(Object(error).metadata.get("x-own")).toEqual(["1"]);
    expect(Object(error).constructor).toBe(Error);
  });

  test("without retries has no note", async () => {
    stage.refuse();
    const error = await rejectionOf(stage.client.signJwt(request, { retry: null }));
    expect(Object.keys(Object(error))).toEqual(["code", "details", "metadata"]);
    expect(error).toMatchObject({ message: "14 UNAVAILABLE: try again", code: 14 });
  });

  test("of a request that has no form has code 13 and never leaves", async () => {
    const error = await rejectionOf(stage.client.generateAccessToken({ scope: "s" } as object));
    expect(error).toMatchObject({
      code: 13,
      message:
        "13 INTERNAL: Request message serialization failure: .google.iam.credentials.v1.GenerateAccessTokenRequest.scope: array expected",
    });
    expect(stage.server.calls).toEqual([]);
  });

  test("of retries that are used up counts the failures, with the own keys of a GoogleError", async () => {
    stage.refuse();
    const error = await rejectionOf(stage.client.signJwt(request, { maxRetries: 2 }));
    expect(Object.keys(Object(error))).toEqual([
      "code",
      "note",
      "metadata",
      "statusDetails",
      "reason",
      "domain",
      "errorInfoMetadata",
    ]);
    const each = "{message: 14 UNAVAILABLE: try again, code: 14, details: , note: }";
    expect(error).toMatchObject({
      code: 4,
      message: `Exceeded maximum number of retries retrying error Error: 14 UNAVAILABLE: try again before any response was received : Previous errors : [${each},${each}]`,
    });
    expect(stage.server.calls).toHaveLength(2);
  });

  test("is of the GoogleError of the module that the client was given", async () => {
    class GoogleError extends Error {
      code?: number;
    }
    stage.refuse();
    const own = stage.clientWith({}, { GoogleError });
    expect(await rejectionOf(own.signJwt(request, { maxRetries: 1 }))).toBeInstanceOf(GoogleError);
    await own.close();
  });

  test("is of google-gax's GoogleError once the program has loaded google-gax, which is never loaded for that", async () => {
    const { stdout, stderr } = await runProgram("test/integration/programs/gapic-google-error.ts");
    expect([stdout, stderr]).toEqual(["[false,false,true]", ""]);
  });

  test("of both limits is told at once", async () => {
    const backoffSettings = {
      initialRetryDelayMillis: 1,
      retryDelayMultiplier: 1,
      maxRetryDelayMillis: 1,
      totalTimeoutMillis: 5,
      maxRetries: 2,
    };
    expect(await rejectionOf(stage.client.signJwt(request, { retry: { backoffSettings } }))).toMatchObject({
      code: 3,
      message: "Cannot set both totalTimeoutMillis and maxRetries in backoffSettings.",
    });
  });
});
