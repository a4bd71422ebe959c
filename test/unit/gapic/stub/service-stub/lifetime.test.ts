// SPDX-License-Identifier: Apache-2.0
// The end of a client of the drop-in, and the end of a call: as the original's own tests have it, and as the server sees it.

import { status } from "@grpc/grpc-js";
import { IAMCredentialsClient } from "../../../../../src/gapic/index.js";
import { type GapicStage, NAME, openGapicStage, UNUSED_KEY } from "../../../../support/gapic-stage.js";
import { never } from "../../../../support/recording-server.js";
import { rejectionOf } from "../../../../support/rejection-of.js";
import { waitUntil } from "../../../../support/wait-until.js";

const METHODS = ["generateAccessToken", "generateIdToken", "signBlob", "signJwt"] as const;

let stage: GapicStage;
beforeEach(async () => {
  stage = await openGapicStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

describe("with closed client", () => {
  test.each(METHODS)("%s is refused with the original's text, though nobody has waited for close()", async (method) => {
    const client = new IAMCredentialsClient({ credentials: UNUSED_KEY, projectId: "bogus" });
    await client.initialize();
    let minted = 0;
    client.auth.getRequestHeaders = async () => {
      minted++;
      return new Headers();
    };
    const closing = client.close();
    const error = await rejectionOf(client[method as "signJwt"]({ name: NAME })); // as: all four are called alike
    await closing;
    expect(error).toMatchObject({ name: "Error", message: "The client has already been closed." });
    expect(minted).toBe(0);
  });

  test("a call that was made before close() in the same turn is answered, and one after it is not", async () => {
    const client = stage.clientWith();
    await client.initialize();
    const before = client.signJwt({ name: NAME, payload: "{}" });
    const closing = client.close();
    const after = rejectionOf(client.signJwt({ name: NAME, payload: "{}" }));
    expect((await before)[0]).toMatchObject({ signedJwt: expect.any(String) });
    expect(await after).toMatchObject({ message: "The client has already been closed." });
    await closing;
    expect(stage.server.calls).toHaveLength(1);
  });
});

describe("cancel()", () => {
  test("ends the call with code 1 and tells the server", async () => {
    stage.server.handler = never;
    const client = stage.clientWith();
    await client.initialize();
    const call = client.innerApiCalls["signJwt"]?.({ name: NAME, payload: "{}" }, {});
    const ended = rejectionOf(call);
    await waitUntil("the server has the call", () => stage.server.calls.length === 1);
    call.cancel();
    expect(await ended).toMatchObject({ code: status.CANCELLED });
    await waitUntil("the server knows", () => stage.server.calls[0]?.isCancelled === true);
    await client.close();
  });
});
