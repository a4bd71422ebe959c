// SPDX-License-Identifier: Apache-2.0
// A program with a thousand calls in flight on one signal, some waiting for a token, some for an answer, some for a delay.

import { IAMCredentialsAsyncClient, type TokenProvider, type Transport } from "../../../../src/index.js";
import { refuse, ScriptedTransport } from "../../../support/scripted-transport.js";

const CALLS = 1000;
const silent: Transport = {
  kind: "silent",
  host: "silent.test:443",
  unary: ({ signal }) =>
    new Promise((_resolve, reject) => {
      const end = () => reject(signal?.reason);
      if (signal?.aborted) end();
      else signal?.addEventListener("abort", end);
    }),
  close: async () => undefined,
};
const ready: TokenProvider = { getRequestMetadata: () => ({ authorization: "Bearer token" }) };
const slow: TokenProvider = { getRequestMetadata: () => new Promise(() => undefined) };
const refusing = new ScriptedTransport(refuse("UNAVAILABLE"));
refusing.tokenProvider = ready;
const retry = { initialDelay: 30_000 };
const clients = [
  new IAMCredentialsAsyncClient({ transport: { ...silent, tokenProvider: ready } }),
  new IAMCredentialsAsyncClient({ transport: { ...silent, tokenProvider: slow } }),
  new IAMCredentialsAsyncClient({ transport: refusing }),
];

async function main(): Promise<void> {
  const controller = new AbortController();
  const calls = Array.from({ length: CALLS }, (_, index) =>
    clients[index % clients.length]?.signBlob(
      { name: "1234567890", payload: Buffer.from("x") },
      { signal: controller.signal, retry },
    ),
  );
  const ends = Promise.allSettled(calls);
  await new Promise((resolve) => setTimeout(resolve, 50));
  controller.abort("enough");
  const reasons = (await ends).map((end) => (end.status === "rejected" ? end.reason : "an answer"));
  const ended = reasons.filter((reason) => reason === "enough").length;
  process.stdout.write(`${ended} calls ended with the signal's reason\n`);
}

void main();
