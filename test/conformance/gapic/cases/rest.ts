// SPDX-License-Identifier: Apache-2.0
// The same over HTTP, `fallback: true`: requests, answers, errors, time. Comparable as far as the original's REST mode goes.

import { setTimeout as sleep } from "node:timers/promises";
import { OAuth2Client } from "google-auth-library";
import { type CallCase, type Case, plainRequest } from "../case.js";
import type { Answer } from "../peer.js";
import { type GapicClient, type Loose, METHODS, type Method, type Side } from "../side.js";

function token(): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: "of-the-rest-client", expiry_date: 4e12 });
  return client;
}

const restOptions = (side: Side, more: Loose = {}): Loose => ({
  apiEndpoint: "127.0.0.1",
  port: side.peer.ports.http,
  protocol: "http",
  fallback: true,
  authClient: token(),
  ...more,
});

const shared = new WeakMap<Side, GapicClient>();
function sharedClient(side: Side): GapicClient {
  const client = shared.get(side) ?? side.keep(restOptions(side));
  shared.set(side, client);
  return client;
}

function rest(
  title: string,
  { method = "signBlob", form = "promise", request = plainRequest, options, ...parts }: CallCase,
): Case {
  return {
    title: `rest: ${title}`,
    run(side) {
      side.play(parts.script ?? [], parts.last);
      const client =
        parts.client === undefined ? sharedClient(side) : side.construct(restOptions(side, parts.client(side)));
      return side.call(client, method, form, request(), options?.());
    },
  };
}

const FIELDS: Record<Method, Loose> = {
  generateAccessToken: { delegates: ["d"], scope: ["s", "t"], lifetime: { seconds: 60, nanos: 500_000_000 } },
  generateIdToken: { delegates: ["d"], audience: "https://a.example", includeEmail: true },
  signBlob: { delegates: ["d"], payload: Buffer.from([0, 255]) },
  signJwt: { delegates: ["d"], payload: '{"a":"ä"}' },
};

const requests = METHODS.flatMap((method) => [
  rest(`${method}, promise`, { method, request: () => ({ ...plainRequest(), ...FIELDS[method] }) }),
  rest(`${method}, callback`, { method, form: "callback", request: () => ({ ...plainRequest(), ...FIELDS[method] }) }),
  rest(`${method} of its name alone`, { method }),
  rest(`${method} without a name`, { method, request: () => ({}) }),
  rest(`${method} of an odd name`, { method, request: () => ({ name: "projects/-/serviceAccounts/ä b%+?" }) }),
  rest(`${method} of a name that is no path`, { method, request: () => ({ name: "a@b.c" }) }),
]);

const clients = [true, "rest", "proto", "other"].map((fallback) =>
  rest(`fallback ${fallback}`, { client: () => ({ fallback }) }),
);

const calls: Case[] = [
  rest("minifyJson", { client: () => ({ minifyJson: true }) }),
  rest("libName and libVersion", { client: () => ({ libName: "lib", libVersion: "1" }) }),
  rest("a quota project", {
    client: () => {
      const authClient = token();
      authClient.quotaProjectId = "quota-p";
      return { authClient };
    },
  }),
  rest("own headers", { options: () => ({ otherArgs: { headers: { "x-a": "1", "X-B": "2" } } }) }),
  rest("a header with two values", { options: () => ({ otherArgs: { headers: { "x-a": ["1", "2"] } } }) }),
  rest("an unknown field", { request: () => ({ ...plainRequest(), more: 1 }) }),
  rest("a lifetime as text", {
    method: "generateAccessToken",
    request: () => ({ ...plainRequest(), lifetime: "60s" }),
  }),
  rest("a wrong scope", { method: "generateAccessToken", request: () => ({ ...plainRequest(), scope: "s" }) }),
];

const body = (code: number, status: string, details: readonly object[] = []) =>
  JSON.stringify({
    error: { code, message: `the text of ${status}`, status, ...(details.length > 0 ? { details } : {}) },
  });
const info = {
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason: "IAM_PERMISSION_DENIED",
  domain: "iam.googleapis.com",
  metadata: { permission: "p" },
};

const FAILURES: Record<string, Answer> = {
  "400 INVALID_ARGUMENT": { status: 400, body: body(400, "INVALID_ARGUMENT") },
  "401 UNAUTHENTICATED": { status: 401, body: body(401, "UNAUTHENTICATED") },
  "403 with an ErrorInfo": { status: 403, body: body(403, "PERMISSION_DENIED", [info]) },
  "404 NOT_FOUND": { status: 404, body: body(404, "NOT_FOUND") },
  "429 RESOURCE_EXHAUSTED": { status: 429, body: body(429, "RESOURCE_EXHAUSTED") },
  "500 INTERNAL": { status: 500, body: body(500, "INTERNAL") },
  "a page in HTML": { status: 502, body: "<html>bad gateway</html>", type: "text/html" },
  nothing: { status: 403, body: "" },
};

const failures = Object.entries(FAILURES).flatMap(([what, last]) => [
  rest(`refused: ${what}, promise`, { last, options: () => ({ retry: null }) }),
  rest(`refused: ${what}, callback`, { form: "callback", last, options: () => ({ retry: null }) }),
]);

const ANSWERS: Record<string, string> = {
  "no JSON": "{",
  nothing: "",
  "an empty object": "{}",
  "a list": "[]",
  null: "null",
  "unknown fields": '{"keyId":"k","more":{"a":1}}',
  "a wrong type": '{"keyId":{}}',
  "null fields": '{"keyId":null,"signedBlob":null}',
  base64url: '{"signedBlob":"-_8"}',
};

const answers = Object.entries(ANSWERS).map(([what, text]) =>
  rest(`answered: ${what}`, { last: { status: 200, body: text } }),
);

const times: Case[] = [
  rest("503 once", {
    client: () => ({}),
    script: [{ status: 503, body: body(503, "UNAVAILABLE") }],
    options: () => ({ timeout: 3_000 }),
  }),
  rest("504 once", {
    client: () => ({}),
    script: [{ status: 504, body: body(504, "DEADLINE_EXCEEDED") }],
    options: () => ({ timeout: 3_000 }),
  }),
  {
    title: "rest: a call after close()",
    async run(side) {
      const client = side.construct(restOptions(side));
      await client.signBlob(plainRequest());
      await client.close();
      return side.call(client, "signBlob", "promise", plainRequest());
    },
  },
];

/** Those that end at once. */
export const restCases: Case[] = [...requests, ...clients, ...calls, ...failures, ...answers, ...times];
/** Those that wait. */
export const waitingRestCases: Case[] = [
  {
    title: "rest: never answered, timeout 300 without retry",
    async run(side) {
      side.play([], "never");
      const call = side.call(side.construct(restOptions(side)), "signBlob", "promise", plainRequest(), {
        timeout: 300,
        retry: null,
      });
      return Promise.race([call, sleep(2_000, "nothing came of it in 2 s")]);
    },
  },
];
