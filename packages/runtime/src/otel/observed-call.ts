import { type Attributes, type Context, createContextKey, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import { type CallOutcome, GRPCError, Status } from "../index.js";
import { guard } from "./guard.js";
import type { MethodNames } from "./method-names.js";
import { addressAttributes } from "./options.js";
import { endedBy, isFailure, outcomeAttributes } from "./outcome.js";
import { type AnyCall, incoming, outgoing, type Role } from "./role.js";

/** The longest status message in a span. It may come from a peer. */
const MAX_DESCRIPTION = 256;

/** What is known when a call or an attempt starts. */
export interface Start {
  readonly role: Role;
  readonly call: AnyCall;
  /** The call that this is an attempt of. */
  readonly around: ObservedCall | undefined;
  readonly method: MethodNames;
  /** The context around it. */
  readonly parent: Context;
  /** `undefined` if the SDK has failed. */
  readonly span: Span | undefined;
  /** Whether gRPC's own metrics are recorded. */
  readonly grpc: boolean;
  /** Records metrics at the end. */
  readonly record: (call: ObservedCall, seconds: number, status: Status, outcome: Attributes) => void;
}

/** A call, or an attempt of one, from its start to its end. */
export class ObservedCall {
  readonly start: Start;
  /** The context in which the span is active. */
  readonly context: Context;
  readonly #startTime = performance.now();
  /** The attempts so far. */
  attempts = 1;
  /** Of these, the first that started while an earlier one was in flight, and all after it: hedging is a policy. */
  hedges = 0;
  /** The milliseconds in which the call waited for the others. */
  retryDelay = 0;
  /** Whether an interceptor inside records gRPC's own metrics for each of them. */
  countedInside = false;
  /** Whether an interceptor inside sees them. */
  #seesAttempts = false;
  #running = 0;
  /** When the last attempt that an interceptor inside has seen ended. */
  #pauseStart = 0;
  /** Adds the attempt that was announced last, if it has started and no interceptor inside sees it. */
  #addAnnounced: (() => void) | undefined;

  constructor(start: Start) {
    const { role, parent, span } = start;
    this.start = start;
    const active = span === undefined ? parent : trace.setSpan(parent, span);
    this.context = role === outgoing ? active.setValue(callKey, this) : active;
    start.around?.onAttempt(start);
  }

  onAttempt({ call: { previousAttempts }, span, grpc }: Start): void {
    if (this.#seesAttempts) this.#add(this.#running > 0, performance.now() - this.#pauseStart);
    this.#seesAttempts = true;
    this.countedInside ||= grpc;
    this.#running += 1;
    if (previousAttempts === 0) return;
    // The name is that of gRPC's A72.
    guard("describe an attempt", () => span?.setAttribute("previous-rpc-attempts", previousAttempts));
  }

  onAttemptEnd(): void {
    this.#running -= 1;
    this.#pauseStart = performance.now();
  }

  /**
   * Another attempt follows, unless the call ends before.
   *
   * @param delay the milliseconds until then. A hedge is announced when it starts
   */
  announce(isHedge: boolean, delay: number): void {
    this.#addAnnounced?.();
    const time = performance.now();
    this.#addAnnounced = () => {
      if (!this.#seesAttempts && (isHedge || performance.now() - time >= delay)) this.#add(isHedge, delay);
    };
  }

  #add(isHedge: boolean, pause: number): void {
    this.attempts += 1;
    if (isHedge || this.hedges > 0) this.hedges += 1;
    else this.retryDelay += pause;
  }

  end(outcome: CallOutcome): void {
    const seconds = (performance.now() - this.#startTime) / 1000;
    const { role, around, record } = this.start;
    around?.onAttemptEnd();
    this.#addAnnounced?.();
    const attributes = outcome.status === Status.OK ? ok : outcomeAttributes(role.side, outcome);
    guard("end a span", () => this.#endSpan(outcome, attributes));
    guard("record a call", () => record(this, seconds, outcome.status, attributes));
  }

  #endSpan(outcome: CallOutcome, attributes: Attributes): void {
    const { span } = this.start;
    if (span?.isRecording()) guard("complete a span", () => this.#complete(span, outcome, attributes));
    span?.end();
  }

  /** What reads an error comes last, because a value that user code has thrown may throw itself. */
  #complete(span: Span, outcome: CallOutcome, attributes: Attributes): void {
    const { call, role } = this.start;
    const { status, message = "", error } = outcome;
    span.setAttributes(attributes);
    if (call.peer !== undefined) span.setAttributes(addressAttributes(call.peer, "network.peer"));
    if (this.attempts > 1) span.setAttribute("grpc.attempts", this.attempts);
    if (status === Status.OK) return;
    const failed = isFailure(role.side, status);
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR, message: message.slice(0, MAX_DESCRIPTION) });
    span.setAttribute("grpc.ended_by", endedBy(outcome, call.deadline?.expired ?? false));
    if (error instanceof GRPCError) {
      if (this.#seesAttempts || this.#addAnnounced !== undefined || error.attempts === undefined) return;
      // Nothing has seen the attempts, or announced them.
      span.setAttribute("grpc.attempts", error.attempts.length + 1);
    } else if (failed && role === incoming && error instanceof Error) span.recordException(error);
  }
}

/** The outgoing call of a method that is under way in a context. @param values those of the call, if they are known */
export function callIn(active: Context, path: string, values?: AnyCall["values"]): ObservedCall | undefined {
  const observed = active.getValue(callKey) as ObservedCall | undefined;
  const { call } = observed?.start ?? {};
  return call?.method.path === path && call.values === (values ?? call.values) ? observed : undefined;
}

const callKey = createContextKey("@grpclib-ts/runtime: the outgoing call");

const ok: Attributes = Object.freeze({ "rpc.status_code": "OK" });
