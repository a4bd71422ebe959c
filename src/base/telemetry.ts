// SPDX-License-Identifier: Apache-2.0
// OpenTelemetry: a span per call, attempts as its events, a span per renewed token, a histogram of durations. Uses what the program
// has set up, where the API package keeps it, and loads nothing: bundles of programs without OpenTelemetry work too.

import type * as otel from "@opentelemetry/api";
import { VERSION } from "./version.js";

/** The shape of `TracerProvider` in the OpenTelemetry package, which is an optional peer. */
export interface TracerProviderLike {
  /** Returns the tracer of this name. */
  getTracer(name: string, version?: string): object;
}

/** The shape of `MeterProvider` in the OpenTelemetry package, which is an optional peer. */
export interface MeterProviderLike {
  /** Returns the meter of this name. */
  getMeter(name: string, version?: string): object;
}

/** What every span and measurement of a client has in common. */
interface TelemetryTarget {
  /** The transport's kind. */
  readonly system: string;
  /** `host:port`. */
  readonly target: string;
  readonly tracerProvider: TracerProviderLike | undefined;
  readonly meterProvider: MeterProviderLike | undefined;
}

const SCOPE = "iam-credentials-client";
/** Where `@opentelemetry/api`, in any version 1, keeps what a program has set up. If it is missing, nobody listens. */
const REGISTRY = Symbol.for("opentelemetry.js.api.1");
/** The key of the span in its contexts. */
const SPAN_KEY = Symbol.for("OpenTelemetry Context Key SPAN");
/** Attributes of spans, as in google-gax 6. */
const CLIENT_ATTRIBUTES = { "gcp.client.artifact": SCOPE, "gcp.client.version": VERSION };
/** How often a call had been sent before this attempt, by `rpc.system.name`. As in google-gax 6; for HTTP it is the convention. */
const RESEND_COUNT: Readonly<Record<string, string>> = {
  grpc: "gcp.grpc.resend_count",
  http: "http.request.resend_count",
};
const SPAN_KIND_CLIENT = 2;
const SPAN_STATUS_ERROR = 2;
/** From the semantic conventions for RPC metrics, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** What a program has set up. */
interface Registered {
  readonly trace?: TracerProviderLike;
  readonly metrics?: MeterProviderLike;
  readonly context?: Pick<otel.ContextManager, "active" | "with">;
}

type Attributes = Record<string, string | number>;

/** The telemetry of one client. */
export class Telemetry {
  readonly #target: TelemetryTarget;
  readonly #attributes: Attributes;
  #tracer: otel.Tracer | undefined;
  #duration: otel.Histogram | undefined;

  constructor(target: TelemetryTarget) {
    const port = target.target.slice(target.target.lastIndexOf(":") + 1);
    this.#target = target;
    this.#attributes = {
      "rpc.system.name": systemNameOf(target.system),
      "server.address": target.target.slice(0, -port.length - 1) || target.target,
      ...(/^\d+$/.test(port) ? { "server.port": Number(port) } : {}),
    };
  }

  /** Begins the span of a call. `undefined`: nobody listens. @param path `/package.Service/Method` */
  startCall(path: string): CallTelemetry | undefined {
    const { tracerProvider, meterProvider } = this.#target;
    // as: the package's documented registry, where each part exists only if it has been set up
    const registered = Reflect.get(globalThis, REGISTRY) as Registered | undefined;
    if (registered === undefined && tracerProvider === undefined && meterProvider === undefined) return undefined;
    try {
      return this.#startCall(path, registered ?? {});
    } catch {
      // Telemetry must not decide whether a call is made.
      return undefined;
    }
  }

  #startCall(path: string, registered: Registered): CallTelemetry {
    const { tracerProvider = registered.trace, meterProvider = registered.metrics } = this.#target;
    // as: an object of that package, given through an option that declares only its shape
    this.#tracer ??= tracerProvider?.getTracer(SCOPE, VERSION) as otel.Tracer | undefined;
    if (meterProvider !== undefined) this.#duration ??= buildHistogram(meterProvider);
    return new OpenTelemetryCall(registered.context, this.#tracer, this.#duration, {
      ...this.#attributes,
      "rpc.method": path.slice(1),
    });
  }
}

/** Anything that carries gRPC is `grpc`, by the conventions; google-gax 6 calls REST `http`. */
function systemNameOf(kind: string): string {
  if (kind === "rest") return "http";
  return kind.startsWith("grpc") ? "grpc" : kind;
}

function buildHistogram(provider: MeterProviderLike): otel.Histogram {
  const meter = provider.getMeter(SCOPE, VERSION) as otel.Meter; // as: see above
  return meter.createHistogram("rpc.client.call.duration", {
    description: "Duration of outbound remote procedure calls, including attempts and delays",
    unit: "s",
    advice: { explicitBucketBoundaries: BUCKETS },
  });
}

/** How something ended, for telemetry. */
export interface Outcome {
  /** The name of the status: `"OK"`, `"UNAVAILABLE"`; `undefined` when it ended otherwise. */
  readonly status: string | undefined;
  /** What kind of error it was; `undefined`: none. */
  readonly errorType: string | undefined;
  /** The text of the error. */
  readonly message: string | undefined;
}

/** The telemetry of one call. */
export interface CallTelemetry {
  /** Records an attempt that has ended. */
  addAttempt(number: number, durationMs: number, outcome: Outcome, nextDelayMs: number | undefined): void;
  /** Runs something that may turn out to be a token renewal, as a child span of the call's. The span ends only if it was one. */
  runAsToken<T>(run: () => T): { readonly result: T; end(outcome: Outcome): void };
  /** Ends the span and records how long the call took. */
  end(durationMs: number, outcome: Outcome): void;
}

// Not exported: its declaration would name a package that need not be installed.
class OpenTelemetryCall implements CallTelemetry {
  readonly #contexts: Registered["context"];
  readonly #tracer: otel.Tracer | undefined;
  readonly #duration: otel.Histogram | undefined;
  readonly #attributes: Attributes;
  readonly #resendCount: string | undefined;
  readonly #span: otel.Span | undefined;
  readonly #context: otel.Context;

  constructor(
    contexts: Registered["context"],
    tracer: otel.Tracer | undefined,
    duration: otel.Histogram | undefined,
    attributes: Attributes & { readonly "rpc.method": string },
  ) {
    this.#contexts = contexts;
    this.#tracer = tracer;
    this.#duration = duration;
    this.#attributes = attributes;
    this.#resendCount = RESEND_COUNT[String(attributes["rpc.system.name"])];
    const parent = contexts?.active() ?? new PlainContext(new Map());
    const options = { kind: SPAN_KIND_CLIENT, attributes: { ...CLIENT_ATTRIBUTES, ...attributes } };
    this.#span = tracer?.startSpan(attributes["rpc.method"], options, parent);
    this.#context = parent.setValue(SPAN_KEY, this.#span);
  }

  addAttempt(number: number, durationMs: number, outcome: Outcome, nextDelayMs: number | undefined): void {
    this.#span?.addEvent("rpc.attempt", {
      "rpc.attempt.number": number,
      "rpc.attempt.duration": durationMs / 1000,
      ...(number > 1 && this.#resendCount !== undefined ? { [this.#resendCount]: number - 1 } : {}),
      ...attributesOf(outcome),
      ...(nextDelayMs === undefined ? {} : { "rpc.attempt.next_delay": nextDelayMs / 1000 }),
    });
  }

  runAsToken<T>(run: () => T): { readonly result: T; end(outcome: Outcome): void } {
    const span = this.#tracer?.startSpan(`${SCOPE} token`, {}, this.#context);
    const inner = this.#context.setValue(SPAN_KEY, span);
    const result = this.#contexts === undefined ? run() : this.#contexts.with(inner, run);
    return { result, end: (outcome) => this.#end(span, outcome) };
  }

  end(durationMs: number, outcome: Outcome): void {
    this.#end(this.#span, outcome);
    this.#duration?.record(durationMs / 1000, { ...this.#attributes, ...attributesOf(outcome) }, this.#context);
  }

  #end(span: otel.Span | undefined, outcome: Outcome): void {
    if (span === undefined) return;
    span.setAttributes(attributesOf(outcome));
    if (outcome.errorType !== undefined) {
      const { message } = outcome;
      span.setStatus({ code: SPAN_STATUS_ERROR, ...(message === undefined ? {} : { message }) });
    }
    span.end();
  }
}

/** A context for programs without a context manager. */
class PlainContext implements otel.Context {
  readonly #values: ReadonlyMap<symbol, unknown>;

  constructor(values: ReadonlyMap<symbol, unknown>) {
    this.#values = values;
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key);
  }

  setValue(key: symbol, value: unknown): otel.Context {
    return new PlainContext(new Map(this.#values).set(key, value));
  }

  deleteValue(key: symbol): otel.Context {
    return this.setValue(key, undefined);
  }
}

function attributesOf({ status, errorType }: Outcome): Attributes {
  return {
    ...(status === undefined ? {} : { "rpc.response.status_code": status }),
    ...(errorType === undefined ? {} : { "error.type": errorType }),
  };
}
