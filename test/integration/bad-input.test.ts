// SPDX-License-Identifier: Apache-2.0
// Every wrong value of every option of a client and of a call, and of every variable: an error that names it, before anything is
// sent. An option or variable without a row here fails the test.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  type CallOptions,
  type ClientOptions,
  ConfigurationError,
  explainEndpoint,
  IAMCredentialsAsyncClient,
  MutualTlsChannelError,
} from "../../src/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { rejectionOf } from "../support/rejection-of.js";
import { ScriptedTransport } from "../support/scripted-transport.js";
import { withEnvironment } from "../support/with-environment.js";

const folder = mkdtempSync(join(tmpdir(), "bad-input-"));
afterAll(() => rmSync(folder, { recursive: true }));
const noJson = join(folder, "no.json");
writeFileSync(noJson, "no JSON");
const aList = join(folder, "list.json");
writeFileSync(aList, "[]");

let restore: () => void;
beforeEach(() => {
  restore = setEnvironment();
});
afterEach(() => restore());

const REQUEST = { name: "robot@some-project.iam.gserviceaccount.com", payload: Buffer.from("x") };
const own = { getRequestMetadata: () => ({ authorization: "Bearer some-token" }) };
/** What a program without types may give. */
const NO_TEXTS = [0, true, null, {}, [], () => "x", Symbol("x"), 7n];
const NO_FLAGS = [0, 1, null, "true", "", {}, []];
const NO_OBJECTS = [0, true, null, "x"];
const NO_FUNCTIONS = [0, true, null, "x", {}];

/** Wrong values by option, each set with how its error begins. */
const CLIENT_OPTIONS: Readonly<Record<string, readonly [message: string, wrong: readonly unknown[]][]>> = {
  credentials: [
    [
      "credentials: must be a TokenProvider, a client of google-auth-library, or the contents of a credentials file",
      [...NO_OBJECTS, {}, [], { getRequestMetadata: "x" }, { getRequestHeaders: 7 }, { client_email: "a" }],
    ],
    ["credentials.private_key: must be an RSA key in PEM form", [{ client_email: "a@b", private_key: "no key" }]],
    ["credentials.client_email: is missing", [{ client_email: "", private_key: "x" }]],
    ["credentials.private_key: is missing", [{ client_email: "a@b", private_key: 7 }]],
  ],
  credentialsFile: [
    ["credentialsFile: must be the path to a JSON credentials file", [...NO_TEXTS, ""]],
    ["credentialsFile: cannot read /nowhere-that-exists/key.json", ["/nowhere-that-exists/key.json"]],
    [`credentialsFile: ${noJson} does not contain a JSON object`, [noJson]],
    [`credentialsFile: ${aList} does not contain a JSON object`, [aList]],
  ],
  apiKey: [["apiKey: must be an API key", [...NO_TEXTS, "", "   ", "two\nlines", "ümlaut"]]],
  scopes: [
    [
      "scopes: must be an OAuth scope, or an array of at least one",
      [0, true, null, "", {}, [], [""], [7], ["a", null]],
    ],
  ],
  apiAudience: [["apiAudience: must be an audience such as https://iamcredentials.googleapis.com/", [...NO_TEXTS, ""]]],
  transport: [
    [
      'transport: must be a label such as "grpc", a Transport, or a class or function that makes one',
      [0, true, null, "", {}, []],
    ],
    ['transport: "pigeon" is not a known label; valid labels are "grpc", "grpc_asyncio"', ["pigeon"]],
    ['transport: "GRPC" is not a known label; valid labels are "grpc", "grpc_asyncio"', ["GRPC"]],
    [
      "transport: the function must return a Transport, with unary and close",
      [() => undefined, () => ({ unary: own })],
    ],
  ],
  apiEndpoint: [
    ["apiEndpoint: must be host or host:port", [...NO_TEXTS, ""]],
    [
      "apiEndpoint: must be host or host:port, without a scheme or path, not ",
      [
        "https://a.example",
        "a.example/v1",
        "a.example:",
        "a.example:0",
        "a.example:65536",
        "a b",
        "::1",
        ":443",
        " a.example",
      ],
    ],
  ],
  clientCertSource: [["clientCertSource: must be a function that returns { cert, key }", NO_FUNCTIONS]],
  universeDomain: [
    ["universeDomain: must be a domain such as googleapis.com", [...NO_TEXTS, ""]],
    [
      "universeDomain: must be a domain such as googleapis.com, not ",
      [" ", "com", "https://googleapis.com", "a..b", ".com"],
    ],
  ],
  checkUniverseDomain: [["checkUniverseDomain: must be a boolean", NO_FLAGS]],
  quotaProjectId: [["quotaProjectId: must be a project ID", [...NO_TEXTS, "", "a\nb", "ümlaut"]]],
  clientInfo: [
    [
      "clientInfo: must be an object with userAgent or clientLibraryVersion in printable ASCII, or false",
      [0, true, null, "x", { userAgent: 7 }, { userAgent: "a\nb" }, { clientLibraryVersion: "" }, { version: "1" }],
    ],
  ],
  channel: [["channel: must be a grpc-js channel", [...NO_OBJECTS, {}, []]]],
  channelOptions: [
    [
      "channelOptions: must be an object of grpc-js channel options, each a string or a number",
      [...NO_OBJECTS, { "grpc.a": true }, { "grpc.a": null }, { "grpc.a": Number.NaN }, { "grpc.a": {} }, ["x"]],
    ],
  ],
  rootCertificates: [
    ["rootCertificates: must be certificates in PEM form", [...NO_TEXTS, "", "no PEM", Buffer.from("x")]],
  ],
  maxReplyBytes: [["maxReplyBytes: must be a positive number of bytes", [0, -1, 1.5, "1", null]]],
  keepalive: [
    [
      "keepalive: must be { intervalMs, timeoutMs, withoutCalls } with an intervalMs of at least 10,000",
      [
        null,
        60_000,
        {},
        { intervalMs: 9_999 },
        { intervalMs: 1e5, timeoutMs: 0 },
        { intervalMs: 1e5, withoutCalls: 1 },
        { intervalMs: 1e5, time: 1 },
      ],
    ],
  ],
  insecure: [["insecure: must be a boolean", NO_FLAGS]],
  allowInsecureToken: [["allowInsecureToken: must be a boolean", NO_FLAGS]],
  sharedChannels: [["sharedChannels: must be a boolean", NO_FLAGS]],
  callDefaults: [
    ["callDefaults: must be an object of call options", NO_OBJECTS],
    ["callDefaults.timeout: must be a positive number of milliseconds", [{ timeout: 0 }]],
    ["callDefaults.retry.codes: must be an array of status names", [{ retry: { codes: ["NOPE"] } }]],
    ["callDefaults.projectId: no such call option", [{ projectId: "x" }]],
    ["callDefaults.signal: is for one call, not for all", [{ signal: new AbortController().signal }]],
  ],
  logger: [
    [
      "logger: must be an object with debug, info, warn, error, or false",
      [...NO_OBJECTS, {}, { debug: () => undefined }],
    ],
  ],
  tracerProvider: [
    ["tracerProvider: must be a TracerProvider of OpenTelemetry", [...NO_OBJECTS, {}, { getTracer: 7 }]],
  ],
  meterProvider: [["meterProvider: must be a MeterProvider of OpenTelemetry", [...NO_OBJECTS, {}, { getMeter: 7 }]]],
  clock: [["clock: must be a Clock", [...NO_OBJECTS, {}, []]]],
};

const CALL_OPTIONS: Readonly<Record<string, readonly [message: string, wrong: readonly unknown[]][]>> = {
  timeout: [
    [
      "timeout: must be a positive number of milliseconds, or Infinity for none",
      [0, -1, Number.NaN, "5", null, {}, true],
    ],
  ],
  retry: [
    ["retry: must be false or an object with ", [0, true, null, "x"]],
    [
      "retry.initialDelay: must be a non-negative number of milliseconds",
      [{ initialDelay: -1 }, { initialDelay: "1" }],
    ],
    ["retry.maxDelay: must be a non-negative number of milliseconds", [{ maxDelay: Number.POSITIVE_INFINITY }]],
    ["retry.multiplier: must be a number of at least 1", [{ multiplier: 0.9 }, { multiplier: null }]],
    ["retry.codes: must be an array of status names", [{ codes: "UNAVAILABLE" }, { codes: [14] }, { codes: ["OK"] }]],
    ["retry.maxAttempts: must be a positive integer", [{ maxAttempts: 0 }, { maxAttempts: 1.5 }]],
    ["retry.attemptTimeout: must be a positive number of milliseconds, or Infinity", [{ attemptTimeout: 0 }]],
    ["retry.retries: no such key", [{ retries: 3 }]],
  ],
  metadata: [
    ["metadata: must be an object of keys and values, or an array of [key, value]", [0, true, null, "x", () => []]],
    ["metadata: must contain pairs of [key, value]", [[["a"]], [["a", "b", "c"]]]],
    ['metadata: the key "a b" must consist of', [{ "a b": "x" }]],
    ['metadata: the key "grpc-timeout" is reserved for the channel', [{ "grpc-timeout": "1S" }]],
    ['metadata: the value of "a" must be a string of printable ASCII', [{ a: "x\ny" }, { a: 7 }, { a: null }]],
    ['metadata: the value of "a-bin" must be bytes', [{ "a-bin": "x" }]],
  ],
  signal: [["signal: must be an AbortSignal", [0, true, null, {}, "x"]]],
  onAttempt: [["onAttempt: must be a function", NO_FUNCTIONS]],
};

/** Wrong values by variable, with how the error begins; none: there is no wrong value, and the last column says why. */
const VARIABLES: Readonly<
  Record<string, { readonly message?: string; readonly wrong?: readonly string[]; readonly why?: string }>
> = {
  IAM_CREDENTIALS_EMULATOR_HOST: {
    message: "IAM_CREDENTIALS_EMULATOR_HOST: must be host:port, without a scheme or path, not ",
    wrong: ["127.0.0.1", "http://127.0.0.1:80", "127.0.0.1:0", "127.0.0.1:99999", " ", "a:b"],
  },
  GOOGLE_CLOUD_UNIVERSE_DOMAIN: {
    message: "GOOGLE_CLOUD_UNIVERSE_DOMAIN: must be a domain such as googleapis.com, not ",
    wrong: ["", " ", "com", "https://googleapis.com", "a..b"],
  },
  GOOGLE_API_USE_MTLS_ENDPOINT: {
    message: 'GOOGLE_API_USE_MTLS_ENDPOINT: must be "never", "auto" or "always", not ',
    wrong: ["", " auto", "true", "sometimes"],
  },
  GOOGLE_API_USE_CLIENT_CERTIFICATE: { why: 'anything but "true" is off, as in Python' },
  CLOUDSDK_CONTEXT_AWARE_USE_CLIENT_CERTIFICATE: { why: 'anything but "true" is off, as in Python' },
  GOOGLE_API_CERTIFICATE_CONFIG: { why: "a file that is not there means no certificate, as in Python" },
  CLOUDSDK_CONTEXT_AWARE_CERTIFICATE_CONFIG_FILE_PATH: { why: "a file that is not there means no certificate" },
  GOOGLE_CLOUD_QUOTA_PROJECT: {
    message: "GOOGLE_CLOUD_QUOTA_PROJECT: must be a project ID, not ",
    wrong: ["a b", "a\nb", "ümlaut"],
  },
  GOOGLE_SDK_NODE_LOGGING: {
    message:
      'GOOGLE_SDK_NODE_LOGGING: the level after "iam-credentials:" must be one of debug, info, warn, error, not ',
    wrong: ["iam-credentials:loud", "pubsub,iam-credentials:"],
  },
};

type Row = [name: string, wrong: unknown, message: string];
const rowsOf = (table: typeof CLIENT_OPTIONS): Row[] =>
  Object.entries(table).flatMap(([name, sets]) =>
    sets.flatMap(([message, wrong]) => wrong.map((value): Row => [name, value, message])),
  );

/** The keys that an error lists. */
function listedBy(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    return String(error)
      .replace(/^.*valid names are /, "")
      .split(", ");
  }
  return [];
}

describe("a client option", () => {
  test.each(rowsOf(CLIENT_OPTIONS))("%s of %p throws at construction, by name", (name, value, message) => {
    const base = ["credentialsFile", "apiKey"].includes(name) ? {} : { credentials: own };
    // as: wrong on purpose
    const make = () => new IAMCredentialsAsyncClient({ ...base, [name]: value } as ClientOptions);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(message);
  });

  test("is in the table, each of them", () => {
    // as: there is no such option
    const options = listedBy(() => new IAMCredentialsAsyncClient({ nosuch: 1 } as ClientOptions));
    expect(Object.keys(CLIENT_OPTIONS).sort()).toEqual(options.sort());
  });
});

describe("a call option", () => {
  test.each(rowsOf(CALL_OPTIONS))(
    "%s of %p rejects the call by name, and nothing is sent",
    async (name, value, message) => {
      const transport = new ScriptedTransport();
      const client = new IAMCredentialsAsyncClient({ transport });
      // as: wrong on purpose
      const error = await rejectionOf(client.signBlob(REQUEST, { [name]: value } as CallOptions));
      expect(error).toBeInstanceOf(ConfigurationError);
      expect((error as Error).message).toContain(message);
      expect(transport.calls).toHaveLength(0);
    },
  );

  test("is in the table, each of them", async () => {
    const client = new IAMCredentialsAsyncClient({ transport: new ScriptedTransport() });
    const error = await rejectionOf(client.signBlob(REQUEST, { nosuch: 1 } as CallOptions)); // as: there is no such option
    const options = listedBy(() => {
      throw error;
    });
    expect(Object.keys(CALL_OPTIONS).sort()).toEqual(options.sort());
  });
});

describe("a variable", () => {
  const rows = Object.entries(VARIABLES).flatMap(([name, { message = "", wrong = [] }]) =>
    wrong.map((value): [string, string, string] => [name, value, message]),
  );
  test.each(rows)("%s of %j throws at construction, with its name and value", (name, value, message) => {
    const make = () => withEnvironment({ [name]: value }, () => new IAMCredentialsAsyncClient());
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(message);
    if (name === "GOOGLE_API_USE_MTLS_ENDPOINT") expect(make).toThrow(MutualTlsChannelError);
  });

  const harmless = Object.entries(VARIABLES).flatMap(([name, { why }]) => (why === undefined ? [] : [[name, why]]));
  test.each(harmless)("%s has no wrong value: %s", async (name) => {
    for (const value of ["", " ", "garbage", "/nowhere-that-exists", "TRUE "]) {
      await withEnvironment({ [name ?? ""]: value }, () => new IAMCredentialsAsyncClient({ credentials: own })).close();
    }
  });

  test("that decides about the endpoint is in the table, each of them", () => {
    const variables = explainEndpoint()
      .inputs.filter(({ kind }) => kind === "variable")
      .map(({ name }) => name);
    expect(Object.keys(VARIABLES)).toEqual(expect.arrayContaining(variables));
  });
});
