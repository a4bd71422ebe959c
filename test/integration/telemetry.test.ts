// SPDX-License-Identifier: Apache-2.0
// OpenTelemetry through its real SDK and an exporter in memory: spans of calls and tokens, attempts as events, durations.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { context, metrics, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { type ClientOptions, IAMCredentialsAsyncClient } from "../../src/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { startHttpStage } from "../support/http-stage.js";
import { overTransports } from "../support/over-transports.js";
import { type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { rejectionOf } from "../support/rejection-of.js";
import { PLANTED } from "../support/secrets.js";
import { transportOfTurn } from "../support/transport-of-turn.js";

const VERSION: string = JSON.parse(readFileSync(resolve(__dirname, "../../package.json"), "utf8")).version;

overTransports((label) => {
  // As google-gax 6 has it.
  const system = label === "rest" ? "http" : "grpc";
  const REQUEST = { name: "robot@some-project.iam.gserviceaccount.com", payload: Buffer.from(PLANTED.payload) };
  const METHOD = "google.iam.credentials.v1.IAMCredentials/SignBlob";

  const spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const points = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const reader = new PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });

  let server: RecordingServer;
  let restore: () => void;
  let tokens: number;
  beforeEach(async () => {
    restore = setEnvironment();
    server = await startRecordingServer({});
    tokens = 0;
  });
  afterEach(async () => {
    trace.disable();
    metrics.disable();
    context.disable();
    await reader.forceFlush();
    spans.reset();
    points.reset();
    restore();
    await server[Symbol.asyncDispose]();
  });
  afterAll(async () => {
    await tracerProvider.shutdown();
    await meterProvider.shutdown();
  });

  function register(): void {
    trace.setGlobalTracerProvider(tracerProvider);
    metrics.setGlobalMeterProvider(meterProvider);
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  }

  const clientOf = (options: ClientOptions = {}) =>
    new IAMCredentialsAsyncClient({
      transport: transportOfTurn(),
      apiEndpoint: server.host,
      insecure: true,
      credentials: { getRequestMetadata: async () => ({ authorization: `Bearer ${PLANTED.token}-${tokens}` }) },
      ...options,
    });

  const named = (name: string): ReadableSpan[] => spans.getFinishedSpans().filter((span) => span.name === name);
  const callSpans = () => named(METHOD);
  const tokenSpans = () => named("iam-credentials-client token");

  async function durations() {
    await reader.forceFlush();
    const all = points.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
    return all.filter(({ descriptor }) => descriptor.name === "rpc.client.call.duration");
  }

  describe("a call", () => {
    test("is one CLIENT span with the attributes of the RPC conventions, below the caller's own", async () => {
      register();
      await using client = clientOf();
      const parent = trace.getTracer("test").startSpan("the caller's");
      await context.with(trace.setSpan(context.active(), parent), () => client.signBlob(REQUEST));
      parent.end();
      const [span, ...others] = callSpans();
      expect(others).toEqual([]);
      expect(span?.kind).toBe(SpanKind.CLIENT);
      expect(span?.attributes).toEqual({
        "gcp.client.artifact": "iam-credentials-client",
        "gcp.client.version": VERSION,
        "rpc.system.name": system,
        "rpc.method": METHOD,
        "server.address": "127.0.0.1",
        "server.port": server.port,
        "rpc.response.status_code": "OK",
      });
      expect(span?.status.code).toBe(SpanStatusCode.UNSET);
      expect(span?.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
      expect(span?.instrumentationScope.name).toBe("iam-credentials-client");
    });

    test("tells its attempts as events, with status and delay, and is measured once in seconds", async () => {
      register();
      server.handler = ({ number }) => {
        if (number < 3) throw { code: 14, details: "not now" };
      };
      await using client = clientOf();
      await client.signBlob(REQUEST, { retry: { initialDelay: 1 } });
      const [span] = callSpans();
      expect(
        span?.events.map(({ name, attributes }) => [
          name,
          attributes?.["rpc.attempt.number"],
          attributes?.["rpc.response.status_code"],
          attributes?.[label === "rest" ? "http.request.resend_count" : "gcp.grpc.resend_count"],
        ]),
      ).toEqual([
        ["rpc.attempt", 1, "UNAVAILABLE", undefined],
        ["rpc.attempt", 2, "UNAVAILABLE", 1],
        ["rpc.attempt", 3, "OK", 2],
      ]);
      expect(span?.events[0]?.attributes?.["rpc.attempt.next_delay"]).toEqual(expect.any(Number));
      expect(span?.events[2]?.attributes).not.toHaveProperty("rpc.attempt.next_delay");
      const [metric, ...others] = await durations();
      expect(others).toEqual([]);
      expect(metric?.descriptor.unit).toBe("s");
      expect(metric?.dataPoints).toHaveLength(1);
      expect(metric?.dataPoints[0]?.attributes).toEqual({
        "rpc.system.name": system,
        "rpc.method": METHOD,
        "server.address": "127.0.0.1",
        "server.port": server.port,
        "rpc.response.status_code": "OK",
      });
      expect(metric?.dataPoints[0]?.value).toMatchObject({ count: 1 });
    });

    test("that fails has the status, the kind of error and its message", async () => {
      register();
      server.handler = () => {
        throw { code: 7, details: "not yours" };
      };
      await using client = clientOf();
      await rejectionOf(client.signBlob(REQUEST));
      const [span] = callSpans();
      expect(span?.attributes).toMatchObject({
        "rpc.response.status_code": "PERMISSION_DENIED",
        "error.type": "PERMISSION_DENIED",
      });
      expect(span?.status).toEqual({
        code: SpanStatusCode.ERROR,
        message: "IAMCredentials.SignBlob: PERMISSION_DENIED: not yours",
      });
      expect((await durations())[0]?.dataPoints[0]?.attributes).toMatchObject({ "error.type": "PERMISSION_DENIED" });
    });

    test("that its caller aborts has the name of the reason as its kind of error", async () => {
      register();
      await using client = clientOf();
      await rejectionOf(client.signBlob(REQUEST, { signal: AbortSignal.abort() }));
      expect(callSpans()[0]?.attributes).toMatchObject({ "error.type": "AbortError" });
    });

    test("has no token, payload or answer in its spans", async () => {
      register();
      await using client = clientOf();
      await client.signBlob(REQUEST);
      const told = spans
        .getFinishedSpans()
        .map(({ name, attributes, events, status }) => ({ name, attributes, events, status }));
      expect(JSON.stringify(told)).not.toContain(PLANTED.token);
      expect(JSON.stringify(told)).not.toContain(PLANTED.payload);
    });
  });

  describe("a token", () => {
    test("that is renewed is a span of its own below the call's; one that is used again is none", async () => {
      register();
      await using client = clientOf();
      await client.signBlob(REQUEST);
      await client.signBlob(REQUEST);
      tokens = 1;
      await client.signBlob(REQUEST);
      const [first, , third] = callSpans();
      expect(tokenSpans().map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([
        first?.spanContext().spanId,
        third?.spanContext().spanId,
      ]);
    });

    test("that a key signs itself is a span too, and what the credentials do inside is below it", async () => {
      register();
      const getRequestMetadata = () => {
        trace.getTracer("test").startSpan("a request of the credentials").end();
        return { authorization: "Bearer some-token" };
      };
      await using client = clientOf({ credentials: { getRequestMetadata } });
      await client.signBlob(REQUEST);
      const [token] = tokenSpans();
      const [inside] = named("a request of the credentials");
      expect(inside?.parentSpanContext?.spanId).toBe(token?.spanContext().spanId);
    });

    test("that cannot be had is a span with the kind of error, and not its text", async () => {
      register();
      const getRequestMetadata = async () => {
        throw new TypeError("a text of theirs");
      };
      await using client = clientOf({ credentials: { getRequestMetadata } });
      await rejectionOf(client.signBlob(REQUEST));
      expect(tokenSpans()[0]?.status).toEqual({ code: SpanStatusCode.ERROR, message: "TypeError" });
      expect(tokenSpans()[0]?.attributes).toEqual({ "error.type": "TypeError" });
      expect(callSpans()[0]?.attributes["error.type"]).toBe("CredentialsError");
    });
  });

  describe("providers", () => {
    test("of the options tracerProvider and meterProvider are used without any that is registered", async () => {
      await using client = clientOf({ tracerProvider, meterProvider });
      await client.signBlob(REQUEST);
      expect(callSpans()).toHaveLength(1);
      expect(await durations()).toHaveLength(1);
    });

    test("that throw do not keep a call from being made", async () => {
      const broken = {
        getTracer: () => {
          throw new Error("broken");
        },
      };
      await using client = clientOf({ tracerProvider: broken });
      expect((await client.signBlob(REQUEST)).keyId).toBe("canned-key");
    });

    test("that a program registers after it has made its client are found by the next call", async () => {
      await using client = clientOf();
      await client.signBlob(REQUEST);
      register();
      await client.signBlob(REQUEST);
      expect(callSpans()).toHaveLength(1);
      expect(await durations()).toHaveLength(1);
    });
  });
});

test("a call over REST is of the system http, and an attempt after the first says how often it was sent before", async () => {
  const restore = setEnvironment();
  let failures = 1;
  const signed = { body: { keyId: "k", signedBlob: "eA==" } };
  await using stage = await startHttpStage(() => (failures-- > 0 ? { status: 503, body: "not now" } : signed));
  const spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  await using client = new IAMCredentialsAsyncClient({
    transport: "rest",
    apiEndpoint: stage.host,
    insecure: true,
    credentials: { getRequestMetadata: () => ({ authorization: "Bearer caller" }) },
    tracerProvider,
  });
  const request = { name: "robot@some-project.iam.gserviceaccount.com", payload: Buffer.from("x") };
  await client.signBlob(request, { retry: { initialDelay: 1 } });
  const [span] = spans.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CLIENT);
  expect(span?.attributes["rpc.system.name"]).toBe("http");
  expect(span?.events.map(({ attributes }) => attributes?.["http.request.resend_count"])).toEqual([undefined, 1]);
  await tracerProvider.shutdown();
  restore();
});
