import { type Attributes, type Context, createContextKey, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import { type CallOutcome, type ContextValues, GRPCError, type InterceptedMethod, Status } from "../index.js";
import { guard } from "./guard.js";
import type { MethodNames } from "./method-names.js";
import { addressAttributes } from "./options.js";
import { endedBy, isFailure, outcomeAttributes } from "./outcome.js";
import { incoming, outgoing, type Role } from "./role.js";

/** The longest status message in a span. It may come from a peer. */
const MAX_DESCRIPTION = 256;

/** What calls of servers and of clients have in common. */
export interface Observed {
  readonly method: InterceptedMethod;
  readonly peer: string | undefined;
  readonly values: ContextValues;
  readonly deadline: { readonly expired: boolean } | undefined;
}

/** What is known when a call or an attempt starts. */
export interface Start {
  readonly role: Role;
  readonly call: Observed;
  readonly method: MethodNames;
  /** The context around it. */
  readonly parent: Context;
  /** `undefined` if the SDK has failed. */
  readonly span: Span | undefined;
  /** Records metrics at the end. */
  readonly record: (call: ObservedCall, seconds: number, status: Status, outcome: Attributes) => void;
}

/** A call, or an attempt of one, from its start to its end. */
export class ObservedCall {
  readonly start: Start;
  /** The context in which the span is active. */
  readonly context: Context;
  readonly #startTime = performance.now();
  /** The attempts so far; 0 if nothing sees them. */
  attempts = 0;
  /** Of these, those that have started before an earlier one was over. */
  hedges = 0;
  /** The milliseconds between attempts. */
  retryDelay = 0;

  constructor(start: Start) {
    const { role, parent, span } = start;
    this.start = start;
    const active = span === undefined ? parent : trace.setSpan(parent, span);
    this.context = role === outgoing ? active.setValue(callKey, this) : active;
  }

  /** Whether this is a call of a method. @param values those of the call, if they are known */
  isOf(path: string, values: ContextValues = this.start.call.values): boolean {
    return this.start.call.method.path === path && this.start.call.values === values;
  }

  /** An attempt of this call starts. */
  onAttempt(previousAttempts: number, { start: { span } }: ObservedCall): void {
    this.attempts = Math.max(this.attempts, previousAttempts + 1);
    if (previousAttempts === 0) return;
    // The name is that of gRPC's A72.
    guard("describe an attempt", () => span?.setAttribute("previous-rpc-attempts", previousAttempts));
  }

  end(outcome: CallOutcome): void {
    const seconds = (performance.now() - this.#startTime) / 1000;
    const { role, call, record } = this.start;
    const attributes = outcome.status === Status.OK ? ok : outcomeAttributes(role.side, outcome, call.method.path);
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
      if (error.attempts !== undefined) span.setAttribute("grpc.attempts", error.attempts.length + 1);
    } else if (failed && role === incoming && error instanceof Error) span.recordException(error);
  }
}

/** The outgoing call that is under way in a context. */
export function callIn(active: Context): ObservedCall | undefined {
  return active.getValue(callKey) as ObservedCall | undefined;
}

const callKey = createContextKey("@grpclib-ts/runtime: the outgoing call");

const ok: Attributes = Object.freeze({ "rpc.status_code": "OK" });
