import type { Attributes, Context } from "@opentelemetry/api";
import { Status } from "../index.js";
import { guard } from "./guard.js";
import { Instruments } from "./instruments.js";
import { Methods } from "./method-names.js";
import { type Observed, ObservedCall, type Start } from "./observed-call.js";
import type { TelemetryOptions } from "./options.js";
import { attempt, outgoing, type Role } from "./role.js";

/** Starts the spans of calls, and records metrics. */
export class Recorder {
  readonly instruments: Instruments;
  readonly #methods: Methods;
  readonly #grpc: boolean;

  constructor(options: TelemetryOptions) {
    this.instruments = new Instruments(options);
    this.#methods = new Methods(options.address);
    this.#grpc = options.grpc ?? false;
  }

  /** A call or an attempt starts. */
  start(role: Role, call: Observed, parent: Context): ObservedCall {
    const { kind, prefix } = role;
    const method = this.#methods.of(call.method);
    const { attributes } = method;
    const span = guard("start a span", () =>
      this.instruments.tracer.startSpan(prefix + method.span, { kind, attributes }, parent),
    );
    if (this.#grpc) this.#count(role, method.grpcAttributes);
    return new ObservedCall({ role, call, method, parent, span, record: this.#record });
  }

  readonly #record: Start["record"] = (call, seconds, status, outcome) => {
    const { context } = call;
    const { role, method } = call.start;
    if (role.duration !== undefined) {
      const attributes = { ...method.attributes, ...outcome };
      this.instruments.histogram(role.duration).record(seconds, attributes, context);
    }
    if (!this.#grpc) return;
    const attributes = { ...method.grpcAttributes, "grpc.status": Status[status] };
    this.instruments.histogram(role.grpcDuration).record(seconds, attributes, context);
    if (role !== outgoing) return;
    if (call.attempts === 0) {
      // Nothing sees attempts, so the call is the only one.
      this.#count(attempt, method.grpcAttributes);
      this.instruments.histogram(attempt.grpcDuration).record(seconds, attributes, context);
    }
    this.#recordRetries(call, method.grpcAttributes);
  };

  #count({ grpcStarted }: Role, attributes: Attributes): void {
    if (grpcStarted !== undefined)
      guard("count a call", () => this.instruments.counter(grpcStarted).add(1, attributes));
  }

  #recordRetries({ attempts, hedges, retryDelay }: ObservedCall, attributes: Attributes): void {
    const retries = attempts - 1 - hedges;
    if (retries > 0) {
      this.instruments.histogram("grpc.client.call.retries").record(retries, attributes);
      this.instruments.histogram("grpc.client.call.retry_delay").record(retryDelay / 1000, attributes);
    }
    if (hedges > 0) this.instruments.histogram("grpc.client.call.hedges").record(hedges, attributes);
  }
}
