import { type Counter, type Histogram, type Meter, metrics, type Tracer, trace, ValueType } from "@opentelemetry/api";
import { kept } from "./kept.js";
import type { TelemetryOptions } from "./options.js";

const NAME = "@grpclib-ts/runtime";

type Side = "client" | "server";

export type HistogramName =
  | `rpc.${Side}.${"call.duration" | "request.size" | "response.size"}`
  | `grpc.${Side}.call.duration`
  | "grpc.client.attempt.duration"
  | `grpc.client.call.${"retries" | "hedges" | "retry_delay"}`;

export type CounterName = "grpc.client.attempt.started" | "grpc.server.call.started";

/** Of OpenTelemetry's conventions. */
const calls = ["s", [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]] as const;
/** Of A66. */
const latencies = [
  "s",
  [
    0, 1e-5, 5e-5, 1e-4, 3e-4, 6e-4, 8e-4, 1e-3, 2e-3, 3e-3, 4e-3, 5e-3, 6e-3, 8e-3, 0.01, 0.013, 0.016, 0.02, 0.025,
    0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 2, 5, 10, 20, 50, 100,
  ],
] as const;
const sizes = ["By", [0, 1024, 2048, 4096, ...Array.from({ length: 10 }, (_, i) => 16_384 * 4 ** i)]] as const;
/** Of A96. */
const counts = [1, 2, 3, 4, 5];

const histograms: Readonly<Record<HistogramName, readonly [unit: string, bounds: readonly number[]]>> = {
  "rpc.client.call.duration": calls,
  "rpc.server.call.duration": calls,
  "rpc.client.request.size": sizes,
  "rpc.client.response.size": sizes,
  "rpc.server.request.size": sizes,
  "rpc.server.response.size": sizes,
  "grpc.client.call.duration": latencies,
  "grpc.server.call.duration": latencies,
  "grpc.client.attempt.duration": latencies,
  "grpc.client.call.retry_delay": latencies,
  "grpc.client.call.retries": ["{retry}", counts],
  "grpc.client.call.hedges": ["{hedge}", counts],
};

const counters: Readonly<Record<CounterName, string>> = {
  "grpc.client.attempt.started": "{attempt}",
  "grpc.server.call.started": "{call}",
};

/** The tracer and the instruments. They are created when they are first used: the SDK may start after `telemetry()`. */
export class Instruments {
  readonly #options: TelemetryOptions;
  readonly #histograms = new Map<HistogramName, Histogram>();
  readonly #counters = new Map<CounterName, Counter>();
  #tracer: Tracer | undefined;

  constructor(options: TelemetryOptions) {
    this.#options = options;
  }

  get tracer(): Tracer {
    this.#tracer ??= (this.#options.tracerProvider ?? trace).getTracer(NAME);
    return this.#tracer;
  }

  histogram(name: HistogramName): Histogram {
    return kept(this.#histograms, name, () => {
      const [unit, bounds] = histograms[name];
      return this.#meter.createHistogram(name, { unit, advice: { explicitBucketBoundaries: [...bounds] } });
    });
  }

  counter(name: CounterName): Counter {
    const options = { unit: counters[name], valueType: ValueType.INT };
    return kept(this.#counters, name, () => this.#meter.createCounter(name, options));
  }

  get #meter(): Meter {
    return (this.#options.meterProvider ?? metrics).getMeter(NAME);
  }
}
