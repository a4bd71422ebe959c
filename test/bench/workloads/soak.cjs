// SPDX-License-Identifier: Apache-2.0
// The client of a soak: keeps 256 calls in flight over one connection that faults end again and again. Each call has a payload of its
// own, and each answer is held against it. For each line { from, to } of standard input it makes those calls and answers with a line.
// What it notes takes as much memory for the last call as for the first, so that only the client's own shows in what it weighs.
// The argument is { address, calls, inFlight, severEvery }.

const { createVerify } = require("node:crypto");
const http = require("node:http");
const https = require("node:https");
const { createInterface } = require("node:readline");
const { getTransportClass, IAMCredentialsAsyncClient, RpcError } = require("iam-credentials-client");
const { ATTEMPT_HEADER, CALL_HEADER } = require("./call-ledger.cjs");
const { callerOf, REFUSAL } = require("./soak-plan.cjs");
const { weigh } = require("./weigh.cjs");

const SIGN_EVERY = 10;
const ASK_EVERY = 100; // of how many access tokens one is shown to the tokeninfo endpoint
const OPTIONS = {
  timeout: 120_000,
  // What becomes of a call whose connection ends in the middle depends on where it was.
  retry: {
    codes: ["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "CANCELLED"],
    initialDelay: 10,
    maxDelay: 250,
    attemptTimeout: 2_000,
  },
};
const SCOPE = "https://www.googleapis.com/auth/soak";
const ANSWERED = 1;
const REFUSED = 2;

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

/** A transport that gives each attempt a number, around ours. */
function numberAttempts(settings) {
  const inner = new (getTransportClass("grpc"))(settings);
  let attempts = 0;
  return {
    kind: inner.kind,
    host: inner.host,
    get attempts() {
      return attempts;
    },
    unary(call) {
      return inner.unary({ ...call, metadata: [...call.metadata, [ATTEMPT_HEADER, String(attempts++)]] });
    },
    close: (gracePeriodMs) => inner.close(gracePeriodMs),
  };
}

// Over a connection of its own: one that is kept could be closed by the server in the moment of its use.
function getJson(url, ca) {
  const { get } = url.startsWith("https:") ? https : http;
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, ca }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(JSON.parse(text)));
    });
    request.on("error", reject);
  });
}

/** The tails of tokens by 64 of their bits, at half load. */
class TokensSeen {
  #slots;

  constructor(calls) {
    this.#slots = new BigUint64Array(2 * calls + 1);
  }

  /** Whether it is there already. */
  add(token) {
    const bits = Buffer.from(token.slice(-12), "base64url").readBigUInt64LE() | 1n;
    let slot = Number(bits % BigInt(this.#slots.length));
    while (this.#slots[slot] !== 0n) {
      if (this.#slots[slot] === bits) return true;
      slot = (slot + 1) % this.#slots.length;
    }
    this.#slots[slot] = bits;
    return false;
  }
}

class Soak {
  constructor({ address, calls, severEvery }) {
    this.address = address;
    this.severEvery = severEvery;
    this.client = new IAMCredentialsAsyncClient({
      apiEndpoint: address.host,
      rootCertificates: address.ca,
      credentials: { getRequestMetadata: () => ({}) }, // each call brings its own
      transport: (settings) => {
        this.transport = numberAttempts(settings);
        return this.transport;
      },
    });
    this.name = `projects/-/serviceAccounts/${address.account}`;
    this.seen = new TokensSeen(calls);
    this.outcomes = new Uint8Array(calls);
    this.counts = { answered: 0, refused: 0, failed: 0, wrong: 0, twice: 0, asked: 0 };
    this.failures = {};
  }

  async open() {
    const keys = await getJson(
      `${this.address.url}/service_accounts/v1/metadata/x509/${this.address.account}`,
      this.address.ca,
    );
    this.keys = new Map(Object.entries(keys));
  }

  optionsFor(index, caller) {
    const authorization = `Bearer ${this.address.tokens[caller]}`;
    return { ...OPTIONS, metadata: { authorization, [CALL_HEADER]: String(index) } };
  }

  /** Whether the signature is one of this call's payload. */
  async sign(index, caller) {
    const payload = Buffer.from(`the payload of call ${index}`);
    const { keyId, signedBlob } = await this.client.signBlob(
      { name: this.name, payload },
      this.optionsFor(index, caller),
    );
    return createVerify("sha256").update(payload).verify(this.keys.get(keyId), signedBlob);
  }

  /** Whether the token is new, lives as long as this call asked, and, as far as it is asked, has the scope of this call. */
  async mint(index, caller, slot) {
    const lifetime = 200 + 13 * slot; // so that no two calls in flight ask for the same
    const scope = [`${SCOPE}/${index}`];
    const earliest = Math.floor(Date.now() / 1000) + lifetime;
    const reply = await this.client.generateAccessToken(
      { name: this.name, scope, lifetime: { seconds: lifetime } },
      this.optionsFor(index, caller),
    );
    const latest = Math.floor(Date.now() / 1000) + lifetime;
    const expires = Math.floor(new Date(reply.expireTime).getTime() / 1000);
    if (this.seen.add(reply.accessToken)) this.counts.twice++;
    if (expires < earliest || expires > latest) return false;
    if (index % ASK_EVERY !== 0) return true;
    this.counts.asked++;
    const facts = await getJson(`${this.address.url}/tokeninfo?access_token=${reply.accessToken}`, this.address.ca);
    return facts.scope === scope[0];
  }

  async call(index, slot) {
    const caller = callerOf(index, this.severEvery);
    try {
      const isRight = await (index % SIGN_EVERY === 9 ? this.sign(index, caller) : this.mint(index, caller, slot));
      this.counts[isRight && caller !== "denied" ? "answered" : "wrong"]++;
      this.outcomes[index] = ANSWERED;
    } catch (error) {
      const isRefusal = caller === "denied" && error instanceof RpcError && error.message.endsWith(REFUSAL.message);
      if (isRefusal && error.status === REFUSAL.code) {
        this.counts.refused++;
        this.outcomes[index] = REFUSED;
        return;
      }
      this.counts.failed++;
      this.failures[error.message] = (this.failures[error.message] ?? 0) + 1;
    }
  }

  async run({ from, to }, inFlight) {
    let next = from;
    const streams = Array.from({ length: inFlight }, async (_, slot) => {
      while (next < to) await this.call(next++, slot);
    });
    const startedAt = performance.now();
    await Promise.all(streams);
    const seconds = (performance.now() - startedAt) / 1000;
    return { seconds, ...this.counts, attempts: this.transport.attempts, memory: weigh() };
  }

  async close() {
    await this.client.close();
    await this.transport.close(0);
  }
}

async function main(job) {
  const soak = new Soak(job);
  await soak.open();
  for await (const line of createInterface({ input: process.stdin }))
    say(await soak.run(JSON.parse(line), job.inFlight));
  await soak.close();
  const { counts, failures, outcomes, transport } = soak;
  say({ ...counts, failures, attempts: transport.attempts, outcomes: Buffer.from(outcomes).toString("base64") });
}

main(JSON.parse(process.argv[2]));
