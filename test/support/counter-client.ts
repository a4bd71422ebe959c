// SPDX-License-Identifier: Apache-2.0
// A client of the streaming test service, made as any team would make its own.

import { type ClientOptions, createServiceClient, rowFromStub, type ServiceDescription } from "../../src/index.js";
import { CounterServiceService as stubs } from "../streaming/generated/streaming/v1/counter.js";
import { transportOfTurn } from "./transport-of-turn.js";

/** The service, for the runtime. */
export const COUNTER: ServiceDescription = {
  name: "CounterService",
  hostPrefix: "counter",
  scopes: ["https://www.googleapis.com/auth/cloud-platform"],
  emulatorVariable: "COUNTER_EMULATOR_HOST",
};

const retry = { initialDelay: 1, maxDelay: 1 };

/** Its methods. */
export const counterRows = {
  double: rowFromStub(stubs.double, { normalize: (number: number) => ({ number }), respond: ({ number }) => number }),
  count: rowFromStub(stubs.count, { retry, routing: ({ to }) => [["to", String(to)]] }),
  sum: rowFromStub(stubs.sum, { retry }),
  doubleEach: rowFromStub(stubs.doubleEach, { retry }),
};

/** Of a request that nobody measures. */
export const PADDING = Buffer.alloc(0);

/** A client of a server on loopback. */
export function openCounterClient(host: string, options: ClientOptions = {}) {
  const credentials = { getRequestMetadata: () => ({ authorization: "Bearer x" }) };
  return createServiceClient(COUNTER, counterRows, {
    apiEndpoint: host,
    insecure: true,
    credentials,
    transport: transportOfTurn(),
    ...options,
  });
}

/** All that an iterable gives. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The whole numbers from 1. */
export function numbersTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

/** Requests of a stream. */
export async function* requestsOf(numbers: Iterable<number>, paddingBytes = 0) {
  for (const number of numbers) yield { number, padding: Buffer.alloc(paddingBytes) };
}

/** The numbers of the replies. */
export async function numbersOf(replies: AsyncIterable<{ number: number }>): Promise<number[]> {
  return (await collect(replies)).map(({ number }) => number);
}
