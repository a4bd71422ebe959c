// SPDX-License-Identifier: Apache-2.0
// Retries and timeouts: settings of every form against services that fail, recover or never answer. Each case has a client of its own:
// the original's settings of one call stay for the next. The cases are dealt out to lanes, since they wait.

import { type CallCase, type Case, callCase, plainRequest } from "../case.js";
import type { Answer } from "../peer.js";
import type { Loose } from "../side.js";

const down: Answer = { code: 14, details: "down" };
const slow: Answer = { code: 4, details: "too slow" };
/** Backoff settings that wait next to nothing. */
const quick = (more: Loose = {}): Loose => ({
  initialRetryDelayMillis: 1,
  retryDelayMultiplier: 1,
  maxRetryDelayMillis: 5,
  initialRpcTimeoutMillis: 3_000,
  rpcTimeoutMultiplier: 1,
  maxRpcTimeoutMillis: 3_000,
  totalTimeoutMillis: 10_000,
  ...more,
});
const withQuick =
  (more: Loose = {}, settings: Loose = {}) =>
  () => ({
    retry: { retryCodes: [14], backoffSettings: quick(settings), ...more },
  });

const own = () => ({});
const one = (title: string, parts: CallCase): Case => callCase(`retry: ${title}`, { client: own, ...parts });

const recovered: Case[] = [
  one("UNAVAILABLE twice, then an answer", { script: [down, down] }),
  one("UNAVAILABLE twice, then an answer, callback", { form: "callback", script: [down, down] }),
  one("DEADLINE_EXCEEDED of the service once", { script: [slow] }),
  one("UNAVAILABLE, then a status that is not retried", { script: [down, { code: 7, details: "denied" }] }),
  ...[1, 2, 8, 10, 13, 15].map((code) => one(`code ${code} once, as configured`, { script: [{ code }] })),
  one("codes of the call", { options: withQuick({ retryCodes: [8, 13] }), script: [{ code: 8 }, { code: 13 }] }),
  one("codes of the call, without one that is configured", { options: withQuick({ retryCodes: [8] }), script: [down] }),
  one("codes alone", { options: () => ({ retry: { retryCodes: [8] } }), script: [{ code: 8 }] }),
  one("backoff alone", { options: () => ({ retry: { backoffSettings: quick() } }), script: [down, slow] }),
  one("no codes", { options: () => ({ retry: { retryCodes: [] } }), script: [down] }),
  one("no codes, but backoff", { options: withQuick({ retryCodes: [] }), script: [down] }),
  one("null", { options: () => ({ retry: null }), script: [down] }),
  one("null, callback", { form: "callback", options: () => ({ retry: null }), script: [down] }),
  one("undefined", { options: () => ({ retry: undefined }), script: [down] }),
  one("false", { options: () => ({ retry: false }), script: [down] }),
  one("empty", { options: () => ({ retry: {} }), script: [down] }),
  one("unknown keys", { options: () => ({ retry: { maxAttempts: 1 } }), script: [down] }),
  one("codes as text", { options: withQuick({ retryCodes: ["UNAVAILABLE"] }), script: [down] }),
  one("a text for codes", { options: withQuick({ retryCodes: "14" }), script: [down] }),
  one("20 failures, then an answer", { options: withQuick(), script: Array(20).fill(down) }),
  one("pushback of the service", {
    options: withQuick(),
    script: [{ code: 14, metadata: { "grpc-retry-pushback-ms": "-1" } }],
  }),
  one("frozen settings", {
    options: () => Object.freeze({ retry: Object.freeze({ retryCodes: [14], backoffSettings: quick() }) }),
    script: [down],
  }),
  one("a function to decide", { options: withQuick({ shouldRetryFn: () => true }), script: [down] }),
  one("a function to resume", { options: withQuick({ getResumptionRequestFn: () => ({}) }), script: [down] }),
  one("a function to decide, callback", { form: "callback", options: withQuick({ shouldRetryFn: () => true }) }),
  one("a call whose answer comes late, within its time", {
    options: () => ({ timeout: 5_000, retry: null }),
    last: { code: 5, afterMs: 100 },
  }),
];

const exhausted: Case[] = [1, 2, 3].flatMap((maxRetries) =>
  (["promise", "callback"] as const).map((form) =>
    one(`maxRetries ${maxRetries} of a call, used up, ${form}`, {
      form,
      options: () => ({ maxRetries, retry: { retryCodes: [14], backoffSettings: quick() } }),
      last: down,
    }),
  ),
);

const limits: Case[] = [
  one("maxRetries 3 over configured settings, not used up", { options: () => ({ maxRetries: 3 }), script: [down] }),
  one("maxRetries 2 over configured settings, used up", { options: () => ({ maxRetries: 2 }), last: down }),
  one("maxRetries 0", { options: () => ({ maxRetries: 0 }), script: [down] }),
  one("maxRetries undefined", { options: () => ({ maxRetries: undefined }), script: [down] }),
  one("maxRetries null", { options: () => ({ maxRetries: null }), script: [down] }),
  one("maxRetries as text", { options: () => ({ maxRetries: "2", ...withQuick()() }), last: down }),
  one("maxRetries below zero", { options: () => ({ maxRetries: -1, ...withQuick()() }), script: [down] }),
  one("maxRetries with retry null", { options: () => ({ maxRetries: 2, retry: null }), script: [down] }),
  one("maxRetries in the backoff settings, with a total", { options: withQuick({}, { maxRetries: 2 }), last: down }),
  one("maxRetries in the backoff settings, with a total, callback", {
    form: "callback",
    options: withQuick({}, { maxRetries: 2 }),
    last: down,
  }),
  one("maxRetries in the backoff settings, without a total", {
    options: withQuick({}, { maxRetries: 2, totalTimeoutMillis: undefined }),
    last: down,
  }),
  one("maxRetries in the backoff settings, total null", {
    options: withQuick({}, { maxRetries: 3, totalTimeoutMillis: null }),
    last: { code: 14, details: "down", metadata: { "x-a": "b" } },
  }),
  one("maxRetries, and the last error has details", {
    options: () => ({ maxRetries: 1, ...withQuick()() }),
    last: { code: 14, details: "" },
  }),
];

const timeouts: Case[] = [
  // 0 is left out: the original tries without end.
  ...[undefined, "5000", 5_000, 1.5e3, 2 ** 33].map((timeout) =>
    one(`timeout ${JSON.stringify(timeout)}, answered at once`, { options: () => ({ timeout }) }),
  ),
  ...[undefined, null, 0, "5000", 5_000].map((timeout) =>
    one(`timeout ${JSON.stringify(timeout)} without retry, answered at once`, {
      options: () => ({ timeout, retry: null }),
    }),
  ),
  one("timeout 5000 and a total of the call's", { options: () => ({ timeout: 5_000, ...withQuick()() }) }),
  one("the configured timeout", {}),
  one("a total of 4 s and attempts of 2 s", {
    options: withQuick({}, { totalTimeoutMillis: 4_000, initialRpcTimeoutMillis: 2_000, maxRpcTimeoutMillis: 2_000 }),
    script: [down],
  }),
  one("attempts that get longer", {
    options: withQuick(
      {},
      {
        initialRpcTimeoutMillis: 4_000,
        rpcTimeoutMultiplier: 3,
        maxRpcTimeoutMillis: 60_000,
        totalTimeoutMillis: 90_000,
      },
    ),
    script: [down, down],
  }),
  one("backoff without timeouts", {
    options: () => ({
      retry: {
        retryCodes: [14],
        backoffSettings: { initialRetryDelayMillis: 1, retryDelayMultiplier: 1, maxRetryDelayMillis: 5 },
      },
    }),
  }),
  // Not retried: the second attempt of the original would have no time at all.
  one("empty backoff", { options: () => ({ retry: { retryCodes: [14], backoffSettings: {} } }) }),
  one("timeouts of null, as a default of gax has them", {
    options: () => ({
      retry: {
        retryCodes: [14],
        backoffSettings: {
          initialRetryDelayMillis: 1,
          retryDelayMultiplier: 1.3,
          maxRetryDelayMillis: 5,
          initialRpcTimeoutMillis: null,
          rpcTimeoutMultiplier: null,
          maxRpcTimeoutMillis: null,
          totalTimeoutMillis: null,
        },
      },
    }),
  }),
];

/** A case whose time is short. */
const late = (title: string, parts: CallCase): Case => one(title, { isConnected: true, ...parts });

/** These wait some hundred milliseconds each. */
const overdue: Case[] = [
  late("timeout -1", { options: () => ({ timeout: -1 }) }),
  late("timeout -1 without retry", { options: () => ({ timeout: -1, retry: null }) }),
  late("timeout 300, never answered", { options: () => ({ timeout: 300 }), last: "never" }),
  late("timeout 300, never answered, callback", { form: "callback", options: () => ({ timeout: 300 }), last: "never" }),
  late("timeout 300 without retry, never answered", { options: () => ({ timeout: 300, retry: null }), last: "never" }),
  late("timeout 300 without retry, never answered, callback", {
    form: "callback",
    options: () => ({ timeout: 300, retry: null }),
    last: "never",
  }),
  late("timeout 300 without codes, never answered", {
    options: () => ({ timeout: 300, retry: { retryCodes: [] } }),
    last: "never",
  }),
  late("attempts of 500 ms, the first never answered", {
    options: withQuick(
      { retryCodes: [4] },
      { initialRpcTimeoutMillis: 500, maxRpcTimeoutMillis: 2_000, rpcTimeoutMultiplier: 8 },
    ),
    script: ["never"],
  }),
  late("attempts of 500 ms, never answered, maxRetries 2", {
    options: withQuick(
      { retryCodes: [4] },
      { initialRpcTimeoutMillis: 500, maxRpcTimeoutMillis: 500, totalTimeoutMillis: undefined, maxRetries: 2 },
    ),
    last: "never",
  }),
  ...(["promise", "callback"] as const).map((form) =>
    late(`a total of 400 ms, UNAVAILABLE after 700 ms, ${form}`, {
      form,
      options: withQuick({}, { totalTimeoutMillis: 400 }),
      last: { code: 14, details: "down", afterMs: 700 },
    }),
  ),
];

const deferred: Case[] = [
  {
    title: "client: a port in apiEndpoint",
    run(side) {
      const client = side.open({ apiEndpoint: `127.0.0.1:${side.peer.ports.plain}` });
      return side.call(client, "signBlob", "promise", plainRequest(), { retry: null });
    },
  },
  {
    title: "retry: an aborted signal",
    run: (side) => side.call(side.open(), "signBlob", "promise", plainRequest(), { signal: AbortSignal.abort() }),
  },
  {
    title: "retry: a signal that aborts a call that is never answered",
    async run(side) {
      const client = side.open();
      await side.call(client, "generateIdToken", "promise", {}, { retry: null });
      side.play([], "never");
      const signal = AbortSignal.timeout(300);
      return side.call(client, "signBlob", "promise", plainRequest(), { signal, timeout: 1_500, retry: null });
    },
  },
  {
    title: "retry: maxRetries of one call, and a call after it",
    async run(side) {
      const client = side.open();
      const first = await side.call(client, "signBlob", "promise", plainRequest(), { maxRetries: 2 });
      return [first, await side.call(client, "signBlob", "promise", plainRequest())];
    },
  },
  {
    title: "retry: a timeout of one call, and one in the same tick without",
    async run(side) {
      const client = side.open();
      await side.call(client, "generateIdToken", "promise", {}, { retry: null });
      side.play([], { code: 5, afterMs: 900 });
      return Promise.all([
        side.call(client, "signBlob", "promise", plainRequest()),
        side.call(client, "signBlob", "promise", plainRequest(), { timeout: 400 }),
      ]);
    },
  },
];

/** Those that end at once. */
export const retryCases: Case[] = [...recovered, ...exhausted, ...limits, ...timeouts];
/** Those that wait. */
export const waitingCases: Case[] = [...overdue, ...deferred];
