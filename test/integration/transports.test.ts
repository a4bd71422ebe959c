// SPDX-License-Identifier: Apache-2.0
// Labels, classes, instances and functions as transports, what a given transport excludes, and channels that clients share.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  type ClientOptions,
  ConfigurationError,
  getTransportClass,
  IAMCredentialsAsyncClient,
  RpcError,
  registerTransport,
  type Transport,
  type TransportSettings,
} from "../../src/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { openCounterClient } from "../support/counter-client.js";
import { startCounterServer } from "../support/counter-server.js";
import { never, type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { rejectionOf } from "../support/rejection-of.js";
import { reply, ScriptedTransport } from "../support/scripted-transport.js";
import { waitUntil } from "../support/wait-until.js";

const credentials = { getRequestMetadata: () => ({ authorization: "Bearer some-token" }) };
const REQUEST = { name: "robot@some-project.iam.gserviceaccount.com", payload: Buffer.from("x") };
const SIGNED = { keyId: "key-1", signedBlob: Buffer.from("signature") };

let restore: () => void;
beforeEach(() => {
  restore = setEnvironment();
});
afterEach(() => restore());

/** A transport as a program would write one. */
class OwnTransport extends ScriptedTransport {
  readonly settings: TransportSettings;
  readonly closedAfterMs: number[] = [];

  constructor(settings: TransportSettings) {
    super(reply(SIGNED));
    this.settings = settings;
  }

  override async close(gracePeriodMs = -1): Promise<void> {
    this.closedAfterMs.push(gracePeriodMs);
  }
}

describe("getTransportClass", () => {
  test("gives the gRPC transport for no label, for grpc and for its alias grpc_asyncio, and REST's for rest", () => {
    const Default = IAMCredentialsAsyncClient.getTransportClass();
    expect(getTransportClass("grpc")).toBe(Default);
    expect(getTransportClass("grpc_asyncio")).toBe(Default);
    expect(new (getTransportClass("rest"))({ target: "127.0.0.1:1", isInsecure: true }).kind).toBe("rest");
    const transport = new Default({ target: "127.0.0.1:1", isInsecure: true });
    expect([transport.kind, transport.host]).toEqual(["grpc", "127.0.0.1:1"]);
  });

  test("throws for an unknown label, and lists those that there are", () => {
    const ask = () => getTransportClass("pigeon");
    expect(ask).toThrow(ConfigurationError);
    expect(ask).toThrow(/^transport: "pigeon" is not a known label; valid labels are "grpc", "grpc_asyncio"/);
    expect(() => new IAMCredentialsAsyncClient({ transport: "pigeon", credentials })).toThrow(
      /^transport: "pigeon" is not a known label/,
    );
  });
});

describe("registerTransport", () => {
  test("puts a class under a label that the option transport takes, until it is taken away", async () => {
    const unregister = registerTransport("own", OwnTransport);
    try {
      expect(IAMCredentialsAsyncClient.getTransportClass("own")).toBe(OwnTransport);
      await using client = new IAMCredentialsAsyncClient({ transport: "own", apiEndpoint: "own.test", credentials });
      expect(await client.signBlob(REQUEST)).toEqual(SIGNED);
      const { settings } = client.transport as OwnTransport; // as: it has just been registered
      expect([settings.target, settings.isInsecure]).toEqual(["own.test:443", false]);
    } finally {
      unregister();
    }
    expect(() => getTransportClass("own")).toThrow(ConfigurationError);
  });

  test.each([
    { label: "grpc", transportClass: OwnTransport, text: 'label: "grpc" is already registered' },
    { label: "", transportClass: OwnTransport, text: "label: must be a non-empty string" },
    { label: "own", transportClass: () => undefined, text: "transportClass: must be a class" },
  ])("throws ConfigurationError: $text", ({ label, transportClass, text }) => {
    const register = () => registerTransport(label, transportClass as typeof OwnTransport); // as: a program without types
    expect(register).toThrow(ConfigurationError);
    expect(register).toThrow(text);
  });
});

describe("the option transport", () => {
  const made: OwnTransport[] = [];
  function makeOwn(settings: TransportSettings): Transport {
    made.push(new OwnTransport(settings));
    return made.at(-1) ?? new OwnTransport(settings);
  }

  test.each([
    { what: "a class", transport: OwnTransport },
    { what: "an arrow function", transport: (settings: TransportSettings) => new OwnTransport(settings) },
    { what: "a function", transport: makeOwn },
  ])("takes $what, and what it makes closes with the client", async ({ transport }) => {
    const client = new IAMCredentialsAsyncClient({ transport, credentials });
    const own = client.transport as OwnTransport; // as: of that class each
    expect(await client.signBlob(REQUEST)).toEqual(SIGNED);
    await client.close();
    expect(own.closedAfterMs).toEqual([0]);
  });

  test("refuses a function that makes no transport", () => {
    const transport = (() => ({})) as unknown as () => Transport; // as: a program without types
    expect(() => new IAMCredentialsAsyncClient({ transport, credentials })).toThrow(
      "transport: the function must return a Transport, with unary and close",
    );
  });

  test("takes an instance, which authorizes with its own tokenProvider and is not closed with the client", async () => {
    await using server = await startRecordingServer({});
    const GrpcTransport = getTransportClass();
    const transport = new GrpcTransport({ target: server.host, isInsecure: true, tokenProvider: credentials });
    for (const _client of [1, 2]) {
      await using client = new IAMCredentialsAsyncClient({ transport });
      await client.signBlob(REQUEST);
    }
    expect(server.calls.map(({ metadata }) => metadata.get("authorization"))).toEqual([
      ["Bearer some-token"],
      ["Bearer some-token"],
    ]);
    expect(server.peers).toHaveLength(1);
    await transport.close(0);
  });

  test("takes an instance without a tokenProvider, and then sends no authorization", async () => {
    const transport = new ScriptedTransport(reply(SIGNED));
    await using client = new IAMCredentialsAsyncClient({ transport });
    await client.signBlob(REQUEST);
    expect(transport.calls[0]?.metadata.map(([key]) => key)).toEqual(["x-goog-api-client", "x-goog-request-params"]);
  });

  test.each<[ClientOptions, string]>([
    [{ credentials }, "transport and credentials: a transport instance brings its own credentials (tokenProvider)"],
    [{ credentialsFile: "key.json" }, "transport and credentialsFile: a transport instance brings its own credentials"],
    [{ apiKey: "some-key" }, "transport and apiKey: a transport instance brings its own credentials"],
    [{ scopes: ["a"] }, "transport and scopes: a transport instance brings its own credentials, with their scopes"],
    [{ sharedChannels: true }, "transport and sharedChannels: a transport instance has its own channel"],
  ])("as an instance excludes %j", (options, text) => {
    const make = () => new IAMCredentialsAsyncClient({ transport: new ScriptedTransport(), ...options });
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(text);
  });
});

describe("sharedChannels", () => {
  let server: RecordingServer;
  beforeEach(async () => {
    server = await startRecordingServer({});
  });
  afterEach(() => server[Symbol.asyncDispose]());
  const clientOf = (options: ClientOptions = {}) =>
    new IAMCredentialsAsyncClient({
      apiEndpoint: server.host,
      insecure: true,
      credentials,
      sharedChannels: true,
      ...options,
    });

  test("lets clients with the same endpoint and credentials call over one connection", async () => {
    const clients = [clientOf(), clientOf(), clientOf()];
    for (const client of clients) await client.signBlob(REQUEST);
    expect(server.peers).toHaveLength(1);
    for (const client of clients) await client.close();
  });

  test("closes the connection with the last of them, and a later client opens another", async () => {
    const [first, second] = [clientOf(), clientOf()];
    await first.signBlob(REQUEST);
    await first.close();
    await first.close();
    await second.signBlob(REQUEST);
    expect(server.peers).toHaveLength(1);
    await second.close();
    await using third = clientOf();
    await third.signBlob(REQUEST);
    expect(server.peers).toHaveLength(2);
  });

  test("ends with close() the calls of that client and of no other", async () => {
    const [first, second] = [clientOf(), clientOf()];
    server.handler = () => never();
    const ended = rejectionOf(first.signBlob(REQUEST));
    await waitUntil("the first call has arrived", () => server.calls.length === 1);
    let release = (): void => undefined;
    server.handler = () =>
      new Promise<void>((resolve) => {
        release = resolve;
      });
    const kept = second.signBlob(REQUEST);
    await waitUntil("the second call has arrived", () => server.calls.length === 2);
    await first.close({ gracePeriod: 0 });
    expect((await ended) as Error).toMatchObject({ name: "ClientClosedError" });
    await waitUntil("the service sees the end of it", () => server.calls[0]?.isCancelled === true);
    release();
    expect((await kept).keyId).toBe("canned-key");
    await second.close();
  });

  test("carries streams, which end with their own client and no other", async () => {
    await using counter = await startCounterServer();
    const [first, second] = [1, 2].map(() => openCounterClient(counter.host, { credentials, sharedChannels: true }));
    const endless = { to: 1_000_000, paddingBytes: 0 };
    const [ended, kept] = [first?.count(endless), second?.count(endless)];
    expect((await ended?.next())?.value?.number).toBe(1);
    expect((await kept?.next())?.value?.number).toBe(1);
    await first?.close({ gracePeriod: 0 });
    const error = await rejectionOf(
      (async () => {
        for await (const _reply of ended ?? []);
      })(),
    );
    expect(error).toMatchObject({ name: "ClientClosedError" });
    expect((await kept?.next())?.value?.number).toBe(2);
    await kept?.return?.();
    await second?.close();
  });

  test("still ends a call by its own signal, with the signal's reason", async () => {
    await using client = clientOf();
    server.handler = () => never();
    const controller = new AbortController();
    const pending = rejectionOf(client.signBlob(REQUEST, { signal: controller.signal }));
    await waitUntil("the call has arrived", () => server.calls.length === 1);
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await pending).toBe(reason);
  });

  test.each<[string, ClientOptions]>([
    ["credentials", { credentials: { getRequestMetadata: () => ({ authorization: "Bearer another" }) } }],
    ["channel options", { channelOptions: { "grpc.keepalive_time_ms": 600_000 } }],
    ["the wish to share", { sharedChannels: false }],
  ])("does not join clients that differ in %s", async (_what, options) => {
    await using one = clientOf();
    await using other = clientOf(options);
    await one.signBlob(REQUEST);
    await other.signBlob(REQUEST);
    expect(server.peers).toHaveLength(2);
  });

  test("refuses calls over a hold that was given back", async () => {
    const client = clientOf();
    await using _keeper = clientOf();
    const { transport } = client;
    await client.close();
    const error = await rejectionOf(
      transport.unary({
        method: { label: "S.M", path: "/s.S/M", encode: () => Buffer.alloc(0), decode: (bytes) => bytes },
        message: {},
        metadata: [],
        timeoutMs: 1000,
        signal: undefined,
      }),
    );
    expect(error).toBeInstanceOf(RpcError);
    expect((error as RpcError).message).toBe("S.M: CANCELLED: the transport is closed");
  });
});
