import type { Attributes, Context } from "@opentelemetry/api";
import { Status } from "../index.js";
import { guard } from "./guard.js";
import { Instruments } from "./instruments.js";
import { Methods } from "./method-names.js";
import { ObservedCall, type Start } from "./observed-call.js";
import type { TelemetryOptions } from "./options.js";
import { type AnyCall, attempt, outgoing, type Role } from "./role.js";

/** Starts the spans of calls, and records metrics. */
export class Recorder {
  readonly instruments: Instruments;
  readonly #methods: Readonly<Record<Role["side"], Methods>>;
  readonly #grpc: boolean;

  constructor(options: TelemetryOptions) {
    this.instruments = new Instruments(options);
    this.#methods = { client: new Methods(options.address, true), server: new Methods(options.address, false) };
    this.#grpc = options.grpc ?? false;
  }

  /** A call or an attempt starts. @param around the call that it is an attempt of */
  start(role: Role, call: AnyCall, parent: Context, around?: ObservedCall): ObservedCall {
    const { side, kind, prefix, grpcStarted } = role;
    const method = this.#methods[side].of(call.method);
    const span = guard("start a span", () =>
      this.instruments.tracer.startSpan(prefix + method.span, { kind, attributes: method.attributes }, parent),
    );
    // The start of a call counts as that of its first attempt, if the recorder of the call counts.
    const counts = this.#grpc && (!around?.start.grpc || around.countedInside);
    if (counts) guard("count a call", () => this.instruments.counter(grpcStarted).add(1, method.grpcAttributes));
    return new ObservedCall({ role, call, around, method, parent, span, grpc: this.#grpc, record: this.#record });
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
    // Unless an interceptor inside counts the attempts, the call counts as one.
    if (!call.countedInside) this.instruments.histogram(attempt.grpcDuration).record(seconds, attributes, context);
    this.#recordRetries(call, method.grpcAttributes);
  };

  #recordRetries({ attempts, hedges, retryDelay }: ObservedCall, attributes: Attributes): void {
    const retries = attempts - 1 - hedges;
    if (retries > 0) {
      this.instruments.histogram("grpc.client.call.retries").record(retries, attributes);
      this.instruments.histogram("grpc.client.call.retry_delay").record(retryDelay / 1000, attributes);
    }
    if (hedges > 0) this.instruments.histogram("grpc.client.call.hedges").record(hedges, attributes);
  }
}
