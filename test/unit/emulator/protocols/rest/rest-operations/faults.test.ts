// SPDX-License-Identifier: Apache-2.0
// Faults on the REST face: the same rules, in HTTP's words.

import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { settle, waitUntil } from "../../../../../support/wait-until.js";
import { nameOf, openStage, type Stage, TARGET } from "../../../stage.js";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
afterEach(() => stage.emulator.reset());

async function sign(signal?: AbortSignal) {
  const response = await fetch(`${stage.emulator.url}/v1/${nameOf(TARGET)}:signBlob`, {
    method: "POST",
    body: JSON.stringify({ payload: "AQ==" }),
    headers: { authorization: "Bearer owner", "content-type": "application/json" },
    ...(signal === undefined ? {} : { signal }),
  });
  return { code: response.status, type: response.headers.get("content-type"), body: await response.json() };
}

test("a refusal has its details in the body, and the attempts are counted", async () => {
  const detail = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "2s" };
  const status = { code: "UNAVAILABLE", message: "Busy.", details: [detail] } as const;
  stage.emulator.addFault({ method: "SignBlob", attempt: 1, status });
  const error = { code: 503, message: "Busy.", status: "UNAVAILABLE", details: [detail] };
  expect(await sign()).toMatchObject({ code: 503, body: { error } });
  expect((await sign()).code).toBe(200);
  expect(stage.emulator.calls().map(({ attempt, status, transport }) => [attempt, status, transport])).toEqual([
    [1, "UNAVAILABLE", "rest"],
    [2, "OK", "rest"],
  ]);
});

test("a content type is that of the answer", async () => {
  stage.emulator.addFault({ contentType: "text/html" });
  expect(await sign()).toMatchObject({ code: 200, type: "text/html" });
});

test.each(["reset", "half-close", "goaway", "garbage", "truncate"] as const)(
  "%s ends the connection",
  async (connection) => {
    stage.emulator.addFault({ connection, times: 1 });
    await expect(sign()).rejects.toThrow();
    expect((await sign()).code).toBe(200);
  },
);

test("a hang lasts until the caller is gone", async () => {
  stage.emulator.addFault({ connection: "hang", times: 1 });
  const controller = new AbortController();
  const hanging = expect(sign(controller.signal)).rejects.toThrow(/abort/i);
  const faults = async () => (await fetch(`${stage.emulator.url}/emulator/v1/faults`)).json();
  // It is gone from the list as soon as it has struck.
  while (JSON.stringify(await faults()) !== '{"faults":[]}') await settle(1);
  controller.abort();
  await hanging;
  await waitUntil("the struck call is told", () => stage.emulator.calls().length === 1);
  expect((await sign()).code).toBe(200);
  expect(stage.emulator.calls().map(({ status }) => status)).toEqual(["CANCELLED", "OK"]);
});
