// SPDX-License-Identifier: Apache-2.0
// Impersonated credentials beside google-auth-library's: refreshes, waiting callers, the time of a cached answer, idle memory.

import { runClient } from "../processes.mjs";
import { median } from "../statistics.mjs";
import { table } from "../table.mjs";

/** One record: both play in one process, in turns. */
export async function measure({ credentials }) {
  return [await runClient("credentials", { client: "credentials", ...credentials }, ["--expose-gc"])].map(
    ({ startedAt: _startedAt, ...record }) => record,
  );
}

const middle = (rounds, name) => median(rounds.map((round) => round[name]));
const ratio = (rounds, ours, peer) => median(rounds.map((round) => round[ours] / round[peer]));

/** The tables of the section, by heading. */
export function report([{ storm, near, stale, silent, cached, idle }]) {
  const ns = (name) => middle(cached, name).toFixed(0);
  const rows = [
    ["1,000 callers without a token: requests", storm.ours, storm.peer],
    ["100 callers, 299 s left: refreshes", near.ours.refreshes, near.peer.refreshes],
    ["100 callers, 299 s left: callers who wait", near.ours.waited, near.peer.waited],
    ["100 callers, 200 s left: refreshes", stale.ours.refreshes, stale.peer.refreshes],
    ["100 callers, 200 s left: callers who wait", stale.ours.waited, stale.peer.waited],
    ["a silent source, 100 callers with 50 ms: waiting after 1 s", silent.ours, silent.peer],
    ["getRequestHeaders(), token at hand, ns", ns("ours"), ns("peer")],
    ["getAccessToken(), token at hand, ns", ns("oursToken"), ns("peerToken")],
    ["getRequestMetadata(), token at hand, ns", ns("oursMetadata"), ""],
    ["an idle object with a token, bytes", idle.ours.toFixed(0), idle.peer.toFixed(0)],
    ["timers that keep the process alive", idle.holding, ""],
  ];
  return [["Impersonated credentials", table(["", "ours", "google-auth-library"], rows)]];
}

/** The figures that have goals. */
export function goals([{ storm, near, stale, silent, cached, idle }]) {
  return [
    ["1,000 concurrent callers without a token, RPCs", "1", storm.ours],
    ["cached getRequestHeaders(), ours / google-auth-library", "<= 0.07", ratio(cached, "ours", "peer")],
    ["token 299 s from expiry, 100 callers: refreshes", "<= 1", near.ours.refreshes],
    ["token 299 s (200 s) from expiry: callers who wait", "0", near.ours.waited + stale.ours.waited],
    ["a source that never replies: callers not rejected at their deadline", "0", silent.ours],
    ["10,000 idle credentials: timers that keep the process alive", "0", idle.holding],
    ["10,000 idle credentials: KiB per object", "< 3", idle.ours / 1024],
  ];
}
