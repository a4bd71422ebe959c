// SPDX-License-Identifier: Apache-2.0
// The same calls and the same scripted failures down both transports: what arrives, what comes back and every field of every
// error is the same.

import { generateKeyPairSync } from "node:crypto";
import {
  type AttemptReport,
  type CallOptions,
  type ClientOptions,
  IAMCredentialsAsyncClient,
  RpcError,
} from "../../src/index.js";
import { rejectionOf } from "../support/rejection-of.js";
import {
  type Outcome,
  type ScriptedDetail,
  startTwoFacedServer,
  type TwoFacedServer,
} from "../support/two-faced-server.js";
import { waitUntil } from "../support/wait-until.js";

const FACES = ["grpc", "rest"] as const;
const NAME = "projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com";
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
const credentials = { getRequestMetadata: () => ({ authorization: "Bearer x", "x-goog-user-project": "theirs" }) };

/** How a call ended, without what may differ: the transport's name, the stack, the trailers. */
interface Ending {
  readonly result?: unknown;
  readonly error?: unknown;
  readonly reports: readonly (readonly [attempt: number, status: unknown, isLast: boolean])[];
}

type Call = (client: IAMCredentialsAsyncClient, options: CallOptions) => Promise<unknown>;

const signJwt: Call = (client, options) => client.signJwt({ name: NAME, payload: { sub: "a" } }, options);

function describeError(error: unknown): unknown {
  if (!(error instanceof RpcError)) return error;
  const { name, message, code, status, method, attempts, details, reason, domain, errorMetadata } = error;
  return { name, message, code, status, method, attempts, details, reason, domain, errorMetadata };
}

describe("both transports", () => {
  let server: TwoFacedServer;
  const clients: IAMCredentialsAsyncClient[] = [];

  beforeAll(async () => {
    server = await startTwoFacedServer(() => ({ reply: {} }));
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close({ gracePeriod: 0 })));
  });

  afterAll(() => server[Symbol.asyncDispose]());

  function open(face: "grpc" | "rest", options: ClientOptions = {}): IAMCredentialsAsyncClient {
    const apiEndpoint = server.host(face);
    const client = new IAMCredentialsAsyncClient({
      apiEndpoint,
      insecure: true,
      transport: face,
      credentials,
      ...options,
    });
    clients.push(client);
    return client;
  }

  async function run(face: "grpc" | "rest", call: Call, options: CallOptions = {}): Promise<Ending> {
    const reports: AttemptReport[] = [];
    const settled = call(open(face), { ...options, onAttempt: (report) => reports.push(report) });
    const told = (): Ending["reports"] =>
      reports.map(({ attempt, error, nextDelayMs }) => [attempt, Object(error).status, nextDelayMs === undefined]);
    try {
      const result = await settled;
      return { result, reports: told() };
    } catch (error) {
      expect(error instanceof RpcError ? error.transport : face).toBe(face);
      return { error: describeError(error), reports: told() };
    }
  }

  /** Makes a call on both and demands the same ending. */
  async function agree(outcomes: readonly Outcome[] | Outcome, call: Call, options?: CallOptions): Promise<Ending> {
    const list: readonly Outcome[] = Array.isArray(outcomes) ? outcomes : [outcomes];
    server.reset(({ number }) => list[Math.min(number, list.length) - 1] ?? "silence");
    const [overGrpc, overRest] = [await run("grpc", call, options), await run("rest", call, options)];
    expect(overRest).toEqual(overGrpc);
    expect(server.calls.rest.map(({ method, request }) => [method, request])).toEqual(
      server.calls.grpc.map(({ method, request }) => [method, request]),
    );
    return overGrpc;
  }

  const quick = { retry: { initialDelay: 1, maxDelay: 1 } };

  test.each<[string, Call, Record<string, unknown>]>([
    [
      "GenerateAccessToken, to the nanosecond",
      (client, options) =>
        client.generateAccessToken(
          { name: NAME, delegates: ["d@p.iam.gserviceaccount.com"], scope: ["s:1", "é"], lifetime: "1.000000001s" },
          options,
        ),
      { accessToken: "t", expireTime: { seconds: "1412262083", nanos: 45_123_456 } },
    ],
    [
      "GenerateAccessToken, with no time set in the reply",
      (client, options) => client.generateAccessToken({ name: NAME, scope: ["s"] }, options),
      { accessToken: "t", expireTime: undefined },
    ],
    [
      "GenerateIdToken",
      (client, options) =>
        client.generateIdToken({ name: NAME, audience: "https://a.example/?b=c&d", includeEmail: true }, options),
      { token: "e.y.J" },
    ],
    [
      "SignBlob, all bytes",
      (client, options) => client.signBlob({ name: NAME, payload: BYTES }, options),
      { keyId: "k", signedBlob: BYTES },
    ],
    [
      "SignJwt, any text",
      (client, options) => client.signJwt({ name: NAME, payload: '{"sub":"\\u0000é😀\\"/"}' }, options),
      { keyId: "k", signedJwt: "😀" },
    ],
  ])("agree on %s", async (_, call, reply) => {
    const { result } = await agree({ reply }, call);
    expect(result).toBeDefined();
    expect(server.calls.rest).toHaveLength(1);
  });

  it("send the same metadata; only the transport's own token differs", async () => {
    const metadata = { "x-own": "a b", "x-bytes-bin": Buffer.from([0xfb, 0xff, 0]), "x-goog-api-client": "mine/1" };
    await agree({ reply: { keyId: "k", signedJwt: "j" } }, signJwt, { metadata });
    const [overGrpc, overRest] = FACES.map((face) => server.calls[face][0]?.headers);
    for (const key of ["authorization", "x-goog-request-params", "x-goog-user-project", "x-own", "x-bytes-bin"]) {
      expect([key, overRest?.[key]]).toEqual([key, overGrpc?.[key]]);
      expect(overRest?.[key]).toBeDefined();
    }
    expect(overRest?.["x-goog-api-client"]).toMatch(/^gl-node\/\S+ rest\/\S+ gax\/\S+ gapic\/\S+ mine\/1$/);
    expect(overGrpc?.["x-goog-api-client"]?.replace(/grpc\/\S+/, "")).toBe(
      overRest?.["x-goog-api-client"]?.replace(/rest\/\S+/, ""),
    );
    expect(overRest?.["content-type"]).toBe("application/json");
  });

  it("honor quota project and scopes alike", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = String(privateKey.export({ type: "pkcs8", format: "pem" }));
    const info = { client_email: "me@p.iam.gserviceaccount.com", private_key: key };
    server.reset(() => ({ reply: { keyId: "k", signedJwt: "j" } }));
    for (const face of FACES) {
      await signJwt(open(face, { credentials: info, scopes: ["scope-1"], quotaProjectId: "ours" }), {});
    }
    const facts = FACES.map((face) => {
      const { authorization = "", "x-goog-user-project": project } = server.calls[face][0]?.headers ?? {};
      const claims = JSON.parse(Buffer.from(authorization.split(".")[1] ?? "", "base64url").toString());
      return [project, claims.scope, claims.iss];
    });
    expect(facts).toEqual([
      ["ours", "scope-1", info.client_email],
      ["ours", "scope-1", info.client_email],
    ]);
  });

  test.each(Array.from({ length: 16 }, (_, index) => index + 1))(
    "agree on status %i with an ErrorInfo",
    async (code) => {
      const details: ScriptedDetail[] = [
        ["ErrorInfo", { reason: "R", domain: "iam.googleapis.com", metadata: { permission: "p", __proto__x: "y" } }],
      ];
      const outcome = { code, message: `Text ${code}: "é" 😀 %41 <b>`, details };
      const { error } = await agree(outcome, signJwt, { retry: { ...quick.retry, maxAttempts: 2 } });
      expect(error).toMatchObject({
        code,
        reason: "R",
        domain: "iam.googleapis.com",
        attempts: code === 4 || code === 14 ? 2 : 1,
      });
    },
  );

  it("agree on every kind of detail, several at once, the last ErrorInfo winning", async () => {
    const details: ScriptedDetail[] = [
      ["ErrorInfo", { reason: "FIRST" }],
      ["RetryInfo", { retryDelay: { seconds: 1, nanos: 340_012 } }],
      ["DebugInfo", { stackEntries: ["a", "b"], detail: "d" }],
      [
        "QuotaFailure",
        { violations: [{ subject: "s", quotaDimensions: { a: "b" }, quotaValue: 5, futureQuotaValue: 0 }] },
      ],
      ["PreconditionFailure", { violations: [{ type: "TOS", subject: "s", description: "d" }] }],
      ["BadRequest", { fieldViolations: [{ field: "f", localizedMessage: { locale: "de", message: "ö" } }] }],
      ["RequestInfo", { requestId: "r" }],
      ["ResourceInfo", { resourceType: "t", resourceName: "n", owner: "o", description: "d" }],
      ["Help", { links: [{ description: "d", url: "u" }] }],
      ["LocalizedMessage", { locale: "de", message: "nein" }],
      ["ErrorInfo", { reason: "LAST", domain: "d", metadata: {} }],
    ];
    const { error } = await agree({ code: 7, message: "no", details }, signJwt);
    expect(error).toMatchObject({ reason: "LAST", errorMetadata: {} });
    expect((error as { details: unknown[] }).details).toHaveLength(details.length);
  });

  it("agree on an error without text or details", async () => {
    const { error } = await agree({ code: 5, message: "" }, signJwt);
    expect(error).toMatchObject({ message: "IAMCredentials.SignJwt: NOT_FOUND: ", details: [], reason: undefined });
  });

  test.each([
    ["UNAVAILABLE", 14],
    ["DEADLINE_EXCEEDED", 4],
  ])("repeat %s, and tell of the same attempts", async (status, code) => {
    const failure = { code, message: "not now" };
    const { result, reports } = await agree(
      [failure, failure, { reply: { keyId: "k", signedJwt: "j" } }],
      signJwt,
      quick,
    );
    expect(result).toEqual({ keyId: "k", signedJwt: "j" });
    expect(reports).toEqual([
      [1, status, false],
      [2, status, false],
      [3, undefined, true],
    ]);
  });

  it("repeat nothing when told not to", async () => {
    const { error } = await agree({ code: 14, message: "not now" }, signJwt, { retry: false });
    expect(error).toMatchObject({ status: "UNAVAILABLE", attempts: 1 });
  });

  it("repeat an attempt that was cut", async () => {
    const options = { retry: { ...quick.retry, attemptTimeout: 1_000 } };
    const { result } = await agree(["silence", { reply: { keyId: "k", signedJwt: "j" } }], signJwt, options);
    expect(result).toEqual({ keyId: "k", signedJwt: "j" });
  });

  it("end at the total deadline, with the last real status", async () => {
    const failure = { code: 14, message: "not now" };
    const { error } = await agree([failure, "silence"], signJwt, { ...quick, timeout: 1_500 });
    expect(error).toMatchObject({
      message:
        "IAMCredentials.SignJwt: DEADLINE_EXCEEDED: the deadline of 1500 ms passed after 2 attempts; the last status was UNAVAILABLE: not now",
      attempts: 2,
    });
  });

  it("reject with the signal's own reason, before, during and between attempts", async () => {
    const reason = new Error("enough");
    await agree("silence", signJwt, { signal: AbortSignal.abort(reason) });
    expect(server.calls.rest).toHaveLength(0);
    for (const outcome of ["silence", { code: 14, message: "not now" }] as const) {
      for (const face of FACES) {
        server.reset(() => outcome);
        const controller = new AbortController();
        const options = { signal: controller.signal, retry: { initialDelay: 60_000, maxDelay: 60_000 } };
        const rejection = rejectionOf(signJwt(open(face, { clock: slowest() }), options));
        await waitUntil("the call arrives", () => server.calls[face].length === 1);
        controller.abort(reason);
        expect(await rejection).toBe(reason);
      }
    }
  });

  it("end calls that outstay the client with the same error", async () => {
    server.reset(() => "silence");
    for (const face of FACES) {
      const client = open(face);
      const rejection = rejectionOf(signJwt(client, {}));
      await waitUntil("the call arrives", () => server.calls[face].length === 1);
      await client.close({ gracePeriod: 0 });
      expect(await rejection).toMatchObject({
        name: "ClientClosedError",
        message: "IAMCredentials: the client was closed while the call was in flight",
      });
    }
  });
});

/** Draws the longest delays, so that an abort finds a call between attempts. */
function slowest() {
  return {
    now: () => performance.now(),
    wallNow: () => Date.now(),
    random: () => 0.99,
    schedule: (ms: number, callback: () => void, keepsAlive = true) => {
      const timer = setTimeout(callback, Math.min(ms, 2 ** 31 - 1));
      if (!keepsAlive) timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
