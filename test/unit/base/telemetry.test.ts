// SPDX-License-Identifier: Apache-2.0
// Spans, events and durations through OpenTelemetry's own SDK, handed in as options: nothing is set up for the program.

import { afterAll, afterEach, expect, it, test } from "@jest/globals";
import { SpanStatusCode } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { Telemetry } from "../../../src/base/telemetry.js";

type TelemetryTarget = ConstructorParameters<typeof Telemetry>[0];

const PATH = "/google.iam.credentials.v1.IAMCredentials/SignJwt";
const OK = { status: "OK", errorType: undefined, message: undefined };
const GONE = { status: "UNAVAILABLE", errorType: "UNAVAILABLE", message: "UNAVAILABLE: gone" };

const spans = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
const points = new InMemoryMetricExporter(AggregationTemporality.DELTA);
const reader = new PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis: 3_600_000 });
const meterProvider = new MeterProvider({ readers: [reader] });

afterEach(() => {
  spans.reset();
  points.reset();
});
afterAll(async () => {
  await tracerProvider.shutdown();
  await meterProvider.shutdown();
});

function start(target: Partial<TelemetryTarget> = {}) {
  const telemetry = new Telemetry({
    system: "grpc",
    target: "h.example:443",
    tracerProvider,
    meterProvider,
    ...target,
  });
  const call = telemetry.startCall(PATH);
  if (call === undefined) throw new Error("somebody listens");
  return call;
}

test.each([
  ["grpc", "h.example:443", { "rpc.system.name": "grpc", "server.address": "h.example", "server.port": 443 }],
  ["grpc-js", "[::1]:80", { "rpc.system.name": "grpc", "server.address": "[::1]", "server.port": 80 }],
  ["rest", "h.example:443", { "rpc.system.name": "http", "server.address": "h.example", "server.port": 443 }],
  ["own", "h.example:name", { "rpc.system.name": "own", "server.address": "h.example" }],
])("a call over %s to %s is a span with what the conventions want", (system, target, attributes) => {
  start({ system, target }).end(5, OK);
  const [span] = spans.getFinishedSpans();
  expect(span?.name).toBe(PATH.slice(1));
  expect(span?.attributes).toMatchObject({
    ...attributes,
    "rpc.method": PATH.slice(1),
    "rpc.response.status_code": "OK",
  });
  expect([span?.status.code, "server.port" in (span?.attributes ?? {})]).toEqual([
    SpanStatusCode.UNSET,
    "server.port" in attributes,
  ]);
});

it("attempts are its events, in seconds, with how often the call had been sent before", () => {
  const call = start();
  call.addAttempt(1, 250, GONE, 100);
  call.addAttempt(2, 500, OK, undefined);
  call.end(850, OK);
  const events = spans.getFinishedSpans()[0]?.events.map(({ name, attributes }) => [name, attributes]);
  const gone = { "rpc.response.status_code": "UNAVAILABLE", "error.type": "UNAVAILABLE" };
  expect(events).toEqual([
    ["rpc.attempt", { "rpc.attempt.number": 1, "rpc.attempt.duration": 0.25, "rpc.attempt.next_delay": 0.1, ...gone }],
    [
      "rpc.attempt",
      {
        "rpc.attempt.number": 2,
        "rpc.attempt.duration": 0.5,
        "gcp.grpc.resend_count": 1,
        "rpc.response.status_code": "OK",
      },
    ],
  ]);
});

it("a failed call has the error's status and text", () => {
  start().end(5, GONE);
  const [span] = spans.getFinishedSpans();
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: "UNAVAILABLE: gone" });
});

it("a token is a span of its own below the call, once it turns out to be a new one", () => {
  const call = start();
  const { result, end } = call.runAsToken(() => "a token");
  expect([result, spans.getFinishedSpans()]).toEqual(["a token", []]);
  end({ status: undefined, errorType: undefined, message: undefined });
  call.runAsToken(() => "the same");
  call.end(5, OK);
  const [token, own, ...others] = spans.getFinishedSpans();
  expect([token?.name, others]).toEqual(["iam-credentials-client token", []]);
  expect(token?.parentSpanContext?.spanId).toBe(own?.spanContext().spanId);
  expect(JSON.stringify(token?.attributes)).not.toContain("a token");
});

it("durations are measured in seconds, by status", async () => {
  await reader.forceFlush();
  points.reset(); // of the tests before
  start().end(1_500, GONE);
  await reader.forceFlush();
  const metrics = points.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const [metric] = metrics.filter(({ descriptor }) => descriptor.name === "rpc.client.call.duration");
  expect(metric?.descriptor.unit).toBe("s");
  expect(metric?.dataPoints.map(({ value, attributes }) => [value, attributes])).toEqual([
    [expect.objectContaining({ sum: 1.5, count: 1 }), expect.objectContaining({ "error.type": "UNAVAILABLE" })],
  ]);
});

it("nobody is told where nobody listens, and a provider that throws decides about no call", () => {
  const nobody = { system: "grpc", target: "h:1", tracerProvider: undefined, meterProvider: undefined };
  expect(new Telemetry(nobody).startCall(PATH)).toBeUndefined();
  const broken = {
    getTracer: () => {
      throw new Error("broken");
    },
  };
  expect(new Telemetry({ ...nobody, tracerProvider: broken }).startCall(PATH)).toBeUndefined();
});
