// SPDX-License-Identifier: Apache-2.0
// A process that plays with impersonated credentials, ours and google-auth-library's, started with --expose-gc. Prints one line of
// JSON. The argument is { client: "credentials", turns, callsPerTurn, objects }.
//
// Nothing goes over a wire: ours has a transport that answers, the peer a source client that does, both after the same time. So
// what is counted and timed is the work of the credentials.

const { IAMCredentialsAsyncClient, ImpersonatedCredentials } = require("../../../build/src/index.js");

// Its note about the constructor is not what is measured.
process.removeAllListeners("warning");
console.warn = () => {};
const { Impersonated } = require("google-auth-library");

const TARGET = "robot@my-project.iam.gserviceaccount.com";
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const ANSWER_MS = 20;
const NEVER = new Promise(() => {});
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
// As long as Google's.
const token = (number) => `ya29.c.${String(number).padStart(8, "0")}${"A".repeat(1009)}`;

/** A clock of the machine's that can be set ahead, and counts the timers that keep the process alive. */
function makeClock() {
  let aheadMs = 0;
  let holding = 0;
  return {
    now: () => performance.now() + aheadMs,
    wallNow: () => Date.now() + aheadMs,
    random: Math.random,
    schedule(ms, callback, keepsAlive = true) {
      if (keepsAlive) holding++;
      let isOver = false;
      const end = () => {
        if (keepsAlive && !isOver) holding--;
        isOver = true;
      };
      const timer = setTimeout(() => {
        end();
        callback();
      }, ms);
      timer.unref();
      return () => {
        end();
        clearTimeout(timer);
      };
    },
    setAhead: (ms) => {
      aheadMs += ms;
    },
    holding: () => holding,
  };
}

/** Our client, and how many calls it has made. */
function openOurs(clock, answerAfterMs = ANSWER_MS) {
  const counter = { calls: 0 };
  const transport = {
    kind: "counting",
    host: "nowhere:443",
    close: async () => {},
    async unary() {
      const number = ++counter.calls;
      await (answerAfterMs === Number.POSITIVE_INFINITY ? NEVER : sleep(answerAfterMs));
      const seconds = String(Math.floor(clock.wallNow() / 1000) + 3600);
      return { accessToken: token(number), expireTime: { seconds, nanos: 0 } };
    },
  };
  const credentials = { getRequestMetadata: () => ({ authorization: "Bearer source" }) };
  const client = new IAMCredentialsAsyncClient({ transport: () => transport, credentials, clock });
  const open = () => new ImpersonatedCredentials({ client, targetPrincipal: TARGET, scopes: [SCOPE], clock });
  return { counter, open };
}

/** The peer, and how many requests it has made. */
function openPeer(answerAfterMs = ANSWER_MS) {
  const counter = { calls: 0 };
  const sourceClient = {
    universeDomain: "googleapis.com",
    getAccessToken: async () => ({ token: "source" }),
    async request() {
      const number = ++counter.calls;
      await (answerAfterMs === Number.POSITIVE_INFINITY ? NEVER : sleep(answerAfterMs));
      const expireTime = new Date(Date.now() + 3_600_000).toISOString();
      return { data: { accessToken: token(number), expireTime } };
    },
  };
  const open = () =>
    new Impersonated({ sourceClient, targetPrincipal: TARGET, targetScopes: [SCOPE], delegates: [], lifetime: 3600 });
  return { counter, open };
}

const many = (count, make) => Promise.all(Array.from({ length: count }, make));

async function storm() {
  const ours = openOurs(makeClock());
  const mine = ours.open();
  await many(1000, () => mine.getRequestHeaders());
  const peer = openPeer();
  const theirs = peer.open();
  await many(1000, () => theirs.getRequestHeaders());
  return { ours: ours.counter.calls, peer: peer.counter.calls };
}

/** 100 callers with a token that ends soon: how many refreshes, and how many callers waited for one. */
async function nearExpiry(leftMs) {
  const clock = makeClock();
  const ours = openOurs(clock, 200);
  const mine = ours.open();
  await mine.getRequestHeaders();
  clock.setAhead(3_600_000 - leftMs);
  const peer = openPeer(200);
  const theirs = peer.open();
  await theirs.getRequestHeaders();
  theirs.credentials.expiry_date = Date.now() + leftMs;
  const play = async ({ counter }, credentials) => {
    const before = counter.calls;
    let waited = 100;
    const all = many(100, async () => {
      await credentials.getRequestHeaders();
      waited--;
    });
    await sleep(50);
    const stillWaiting = waited;
    await all;
    return { refreshes: counter.calls - before, waited: stillWaiting };
  };
  return { ours: await play(ours, mine), peer: await play(peer, theirs) };
}

/** 100 callers who give up after 50 ms, and a source that never answers: how many of them are still waiting after a second. */
async function silentSource() {
  const mine = openOurs(makeClock(), Number.POSITIVE_INFINITY).open();
  const theirs = openPeer(Number.POSITIVE_INFINITY).open();
  const stillWaiting = async (call) => {
    let waiting = 100;
    for (let caller = 0; caller < 100; caller++) {
      call(AbortSignal.timeout(50)).catch(() => waiting--);
    }
    await sleep(1000);
    return waiting;
  };
  return {
    ours: await stillWaiting((signal) => mine.getRequestHeaders(undefined, { signal })),
    // It takes no signal.
    peer: await stillWaiting(() => theirs.getRequestHeaders()),
  };
}

/** Nanoseconds of a call with a token at hand, in short turns. */
async function cached({ turns, callsPerTurn }) {
  const clock = { ...makeClock(), now: () => performance.now(), wallNow: () => Date.now() };
  const mine = openOurs(clock).open();
  const theirs = openPeer().open();
  const time = async (call) => {
    const startedAt = process.hrtime.bigint();
    for (let number = 0; number < callsPerTurn; number++) await call();
    return Number(process.hrtime.bigint() - startedAt) / callsPerTurn;
  };
  const signal = new AbortController().signal;
  const calls = {
    ours: () => mine.getRequestHeaders(),
    peer: () => theirs.getRequestHeaders(),
    oursToken: () => mine.getAccessToken(),
    peerToken: () => theirs.getAccessToken(),
    oursMetadata: () => mine.getRequestMetadata({ signal }),
  };
  for (const call of Object.values(calls)) await time(call);
  const rounds = [];
  for (let turn = 0; turn < turns; turn++) {
    const round = {};
    const names = Object.keys(calls);
    const shift = turn % names.length;
    for (const name of [...names.slice(shift), ...names.slice(0, shift)]) round[name] = await time(calls[name]);
    rounds.push(round);
  }
  return rounds;
}

/** Bytes that an object with a token holds, after an hour of idling by the clock; timers that keep the process alive. */
async function idle(objects) {
  const clock = makeClock();
  const weigh = async (open) => {
    global.gc();
    global.gc();
    const before = process.memoryUsage().heapUsed;
    const all = Array.from({ length: objects }, open);
    for (const each of all) await each.getRequestHeaders();
    clock.setAhead(3_600_000);
    await sleep(50);
    global.gc();
    global.gc();
    const bytes = (process.memoryUsage().heapUsed - before) / objects;
    if (all.length !== objects) throw new Error("held until here");
    return bytes;
  };
  const ours = await weigh(openOurs(clock, 0).open);
  const holding = clock.holding();
  return { ours, holding, peer: await weigh(openPeer(0).open) };
}

async function main(job) {
  const result = {
    storm: await storm(),
    near: await nearExpiry(299_000),
    stale: await nearExpiry(200_000),
    silent: await silentSource(),
    cached: await cached(job),
    idle: await idle(job.objects),
  };
  process.stdout.write(JSON.stringify(result));
}

main(JSON.parse(process.argv[2])).then(() => process.exit(0));
