// SPDX-License-Identifier: Apache-2.0
// Whatever is sent to the emulator, it goes on serving: a thousand malformed inputs over every protocol, and 100,000 of them with
// SOAK_SHARE=1 (`npm run soak`).

import { type ClientHttp2Session, connect as connectHttp2, type OutgoingHttpHeaders } from "node:http2";
import { connect, type Socket } from "node:net";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { fc } from "../support/property.js";

const ROBOT = "robot@demo-project.iam.gserviceaccount.com";
const NAME = `projects/-/serviceAccounts/${ROBOT}`;
const SHARE = Number(process.env["SOAK_SHARE"] ?? 0.01);
const TIMEOUT_MS = SHARE > 0.01 ? 1_800_000 : 240_000; // a tenth of it is usual

let emulator: Emulator;
let client: Client;
let jwt: string;
beforeAll(async () => {
  emulator = await startEmulator({ serviceAccounts: [ROBOT] });
  client = new Client(emulator.host, credentials.createInsecure());
  const response = await post(`/v1/${NAME}:signJwt`, JSON.stringify({ payload: "{}" }), "application/json");
  jwt = ((await response.json()) as { signedJwt: string }).signedJwt;
});
afterAll(async () => {
  client.close();
  await emulator.close();
});

const post = (path: string, body: string | Uint8Array<ArrayBuffer>, type: string, token = "owner") =>
  fetch(emulator.url + path, {
    method: "POST",
    body,
    headers: { "content-type": type, authorization: `Bearer ${token}` },
  });

// The emulator may refuse anything and may not break: never a code of 5xx, and afterwards it serves.
async function expectRefusalOrAnswer(response: Response): Promise<void> {
  await response.arrayBuffer();
  // Not by expect(), which costs more than the request.
  if (response.status >= 500) throw new Error(`the emulator answered with ${response.status}`);
}

async function expectAlive(): Promise<void> {
  const response = await post(`/v1/${NAME}:signBlob`, JSON.stringify({ payload: "AQ==" }), "application/json");
  expect(response.status).toBe(200);
}

const pathArbitrary = fc.constantFrom(
  `/v1/${NAME}:signBlob`,
  `/v1/${NAME}:signJwt`,
  `/v1/${NAME}:generateAccessToken`,
  `/v1/${NAME}:generateIdToken`,
  `/v1/projects/demo-project/serviceAccounts`,
  `/v1/projects/demo-project/serviceAccounts/${ROBOT}:setIamPolicy`,
  "/token",
  "/v1/token",
  "/tokeninfo",
  "/revoke",
  "/batch",
);

const fieldNames = ["payload", "delegates", "scope", "lifetime", "audience", "includeEmail", "policy", "accountId"];
const grantNames = ["grant_type", "assertion", "subject_token", "audience", "scope", "token", "client_id"];

const jsonArbitrary = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.dictionary(fc.constantFrom(...fieldNames), fc.jsonValue({ maxDepth: 3 })).map((value) => JSON.stringify(value)),
  fc.string({ unit: "binary", maxLength: 200 }),
);

// A good token with characters changed, parts dropped or doubled, and any text beside.
const jwtArbitrary = fc.oneof(
  fc.string({ maxLength: 100 }),
  fc
    .tuple(fc.nat(), fc.string({ minLength: 1, maxLength: 4 }))
    .map(([at, text]) => jwt.slice(0, at % jwt.length) + text + jwt.slice((at % jwt.length) + 1)),
  fc
    .array(
      fc.string({ maxLength: 20 }).map((text) => Buffer.from(text).toString("base64url")),
      { maxLength: 5 },
    )
    .map((parts) => parts.join(".")),
  fc
    .tuple(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 }))
    .map(([header, claims]) =>
      [{ alg: "RS256", kid: "x", ...Object(header) }, claims, 0]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join("."),
    ),
);

async function inParallel(cases: readonly (() => Promise<void>)[]): Promise<void> {
  await Promise.all(cases.map((run) => run()));
}

// Cases run some at a time: one after the other they would mostly wait.
function check<Case>(arbitrary: fc.Arbitrary<Case>, all: number, run: (each: Case) => Promise<void>): Promise<void> {
  const WIDTH = 25;
  const count = Math.ceil((all * SHARE) / WIDTH) * WIDTH;
  const batches = fc.array(arbitrary, { minLength: WIDTH, maxLength: WIDTH });
  return fc.assert(
    fc.asyncProperty(batches, (cases) => inParallel(cases.map((each) => () => run(each)))),
    { numRuns: count / WIDTH, interruptAfterTimeLimit: TIMEOUT_MS - 5_000, markInterruptAsFailure: true },
  );
}

describe("malformed input leaves the emulator serving:", () => {
  test(
    "JSON bodies at the API and the OAuth endpoints",
    async () => {
      await check(fc.tuple(pathArbitrary, jsonArbitrary), 20_000, async ([path, body]) => {
        await expectRefusalOrAnswer(await post(path, body, "application/json"));
      });
      await expectAlive();
    },
    TIMEOUT_MS,
  );

  test(
    "forms at the OAuth endpoints",
    async () => {
      const paths = fc.constantFrom(
        "/token",
        "/v1/token",
        "/v1/oauthtoken",
        "/tokeninfo",
        "/revoke",
        "/oauth2/v4/token",
      );
      const grants = fc.constantFrom(
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "refresh_token",
      );
      const fields = fc.dictionary(fc.constantFrom(...grantNames), fc.oneof(fc.string(), jwtArbitrary));
      await check(fc.tuple(paths, fields, fc.option(grants)), 15_000, async ([path, form, grant]) => {
        const body = new URLSearchParams({ ...form, ...(grant === null ? {} : { grant_type: grant }) }).toString();
        await expectRefusalOrAnswer(await post(path, body, "application/x-www-form-urlencoded"));
      });
      await expectAlive();
    },
    TIMEOUT_MS,
  );

  test(
    "JWTs as bearers and assertions",
    async () => {
      await check(fc.tuple(jwtArbitrary, fc.boolean()), 15_000, async ([token, isBearer]) => {
        if (isBearer) {
          const bearer = token.replace(/[^\x21-\x7e]/g, "x");
          await expectRefusalOrAnswer(await post(`/v1/${NAME}:signBlob`, '{"payload":""}', "application/json", bearer));
          return;
        }
        const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        const form = new URLSearchParams({ grant_type, assertion: token }).toString();
        await expectRefusalOrAnswer(await post("/token", form, "application/x-www-form-urlencoded"));
      });
      await expectAlive();
    },
    TIMEOUT_MS,
  );

  test(
    "targets, queries and headers, of the metadata server too",
    async () => {
      const prefixes = fc.constantFrom(
        "/",
        "/computeMetadata/v1/",
        "/computeMetadata/v1/instance/",
        "/emulator/v1/",
        "/v1/",
        "/robot/v1/metadata/x509/",
      );
      const texts = fc.string({ unit: "binary", maxLength: 40 }).map((text) => text.replace(/[^\x21-\x7e]|#/g, "%"));
      const target = fc.tuple(prefixes, texts, texts).map(([prefix, path, query]) => `${prefix}${path}?${query}`);
      await check(fc.tuple(target, fc.boolean()), 15_000, async ([path, isMetadata]) => {
        const headers: Record<string, string> = isMetadata ? { "metadata-flavor": "Google" } : {};
        const url = `${emulator.url}${path}`;
        if (!URL.canParse(url)) return;
        await expectRefusalOrAnswer(await fetch(url, { headers, redirect: "manual" }));
      });
      await expectAlive();
    },
    TIMEOUT_MS,
  );

  test(
    "connections of bytes that are no HTTP",
    async () => {
      const heads = fc.constantFrom(
        "",
        "GET / HTTP/1.1\r\n",
        "POST /token HTTP/1.1\r\ncontent-length: 9\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\x16\x03\x01",
      );
      const bytes = fc
        .tuple(heads, fc.uint8Array({ maxLength: 200 }))
        .map(([head, tail]) => Buffer.concat([Buffer.from(head, "latin1"), tail]));
      await check(bytes, 10_000, sendBytes);
      await expectAlive();
    },
    TIMEOUT_MS,
  );

  test(
    "messages of gRPC that are no protobuf, or another one",
    async () => {
      const credentialsMethods = ["SignBlob", "SignJwt", "GenerateAccessToken", "GenerateIdToken"];
      const adminMethods = [
        "SetIamPolicy",
        "PatchServiceAccount",
        "UploadServiceAccountKey",
        "UpdateRole",
        "LintPolicy",
      ];
      const methods = fc.constantFrom(
        ...credentialsMethods.map((name) => `/google.iam.credentials.v1.IAMCredentials/${name}`),
        ...adminMethods.map((name) => `/google.iam.admin.v1.IAM/${name}`),
      );
      await check(fc.tuple(methods, fc.uint8Array({ maxLength: 200 })), 10_000, ([path, bytes]) =>
        callWith(path, bytes),
      );
      await expectAlive();
    },
    TIMEOUT_MS,
  );

  test(
    "policies and conditions",
    async () => {
      const text = fc.oneof(
        fc.string({ maxLength: 60 }),
        fc.constantFrom("roles/viewer", "allUsers", "user:a@b.example", "deleted:serviceAccount:a@b.example?uid=1"),
      );
      const symbols = "resource.name request.time == && ( ) [ ] \" ' .all( 1 . ? : { } ! - r timestamp( x,";
      const words = fc.constantFrom(...symbols.split(" "));
      const expression = fc.oneof(
        text,
        fc.array(words, { maxLength: 60 }).map((list) => list.join("")),
      );
      const binding = fc.record(
        { role: text, members: fc.array(text, { maxLength: 3 }), condition: fc.record({ expression, title: text }) },
        { requiredKeys: [] },
      );
      const policy = fc.record(
        { version: fc.constantFrom(0, 1, 2, 3), etag: text, bindings: fc.array(binding, { maxLength: 3 }) },
        { requiredKeys: [] },
      );
      const path = `/v1/projects/demo-project/serviceAccounts/${ROBOT}:setIamPolicy`;
      await check(policy, 5_000, async (each) => {
        await expectRefusalOrAnswer(await post(path, JSON.stringify({ policy: each }), "application/json"));
      });
      await expectAlive();
    },
    TIMEOUT_MS,
  );

  test(
    "batches",
    async () => {
      const words = fc.constantFrom(
        "--b",
        "--b--",
        "\r\n",
        "\n",
        "content-type: application/http",
        "content-id: <a + 1>",
        "content-length: 5",
        `POST /v1/${NAME}:signBlob HTTP/1.1`,
        "GET /v1/roles?pageSize=1 HTTP/1.1",
        "GET /v1/%zz",
        '{"payload":"AQ=="}',
        "\0",
      );
      const text = fc
        .array(fc.oneof(words, fc.string({ maxLength: 20 })), { maxLength: 40 })
        .map((list) => list.join(""));
      await check(text, 2_500, async (body) => {
        await expectRefusalOrAnswer(await post("/batch", body, "multipart/mixed; boundary=b"));
        await expectRefusalOrAnswer(await post("/batch", `--b\r\n${body}\r\n--b--`, "multipart/mixed; boundary=b"));
      });
      await expectAlive();
    },
    TIMEOUT_MS,
  );

  test(
    "requests of REST over HTTP/2",
    async () => {
      const session = connectHttp2(emulator.url);
      const headers = fc.dictionary(
        fc.constantFrom("content-type", "content-encoding", "x-http-method-override", "origin", "accept-encoding"),
        fc.constantFrom(
          "gzip",
          "GET",
          "DELETE",
          "application/json",
          "null",
          "http://localhost",
          "identity, br",
          "application/grpc-web",
        ),
      );
      const method = fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS");
      await check(fc.tuple(method, pathArbitrary, headers, jsonArbitrary), 5_000, ([verb, path, more, body]) =>
        askOverHttp2(session, { ":method": verb, ":path": path, authorization: "Bearer owner", ...more }, body),
      );
      session.destroy();
      await expectAlive();
    },
    TIMEOUT_MS,
  );

  test(
    "seeds",
    async () => {
      const value = fc.jsonValue({ maxDepth: 3 });
      const fields = [
        "version",
        "serviceAccounts",
        "roles",
        "grants",
        "refreshTokens",
        "metadataServer",
        "identityProviders",
      ];
      const seed = fc.oneof(
        value,
        fc.dictionary(fc.constantFrom(...fields), value).map((each) => ({ version: 1, ...each })),
      );
      // One after the other: a seed that is right opens a port.
      const run = async (given: unknown) => {
        const started = await startEmulator({ seed: given as never }).catch((error: unknown) => error);
        if (started instanceof TypeError) return;
        if (started instanceof Error) throw started;
        await (started as Emulator).close();
      };
      await check(seed, 2_500, run);
      await expectAlive();
    },
    TIMEOUT_MS,
  );
});

function askOverHttp2(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: false });
    let code = 0;
    stream.once("response", (head) => {
      code = Number(head[":status"]);
    });
    stream.on("error", () => {}).resume();
    stream.once("close", () => (code >= 500 ? reject(new Error(`the emulator answered with ${code}`)) : resolve()));
    stream.end(body);
  });
}

function sendBytes(bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const [hostname = "", port = ""] = emulator.host.split(":");
    const socket: Socket = connect(Number(port), hostname, () => socket.end(bytes));
    const timer = setTimeout(() => socket.destroy(), 100); // it may go on waiting for the rest
    socket.on("error", () => {}).on("data", () => {});
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function callWith(path: string, bytes: Uint8Array): Promise<void> {
  const metadata = new Metadata();
  metadata.set("authorization", "Bearer owner");
  return new Promise((resolve, reject) => {
    const serialize = () => Buffer.from(bytes);
    const options = { deadline: Date.now() + 30_000 };
    client.makeUnaryRequest(
      path,
      serialize,
      (answer: Buffer) => answer,
      null,
      metadata,
      options,
      (error) => {
        const code = error?.code ?? 0;
        // INVALID_ARGUMENT, NOT_FOUND and, of a missing account, PERMISSION_DENIED are answers of the services; nothing else is.
        if ([0, 3, 5, 7].includes(code)) resolve();
        else reject(new Error(`${path} ended with ${code}: ${error?.details}`));
      },
    );
  });
}
