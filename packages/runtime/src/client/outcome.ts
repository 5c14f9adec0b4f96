import { Status } from "../core/status.js";
import { messageOf, textOf } from "../core/text-of.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import type { CallEnd } from "../errors/call-end.js";
import { type CallOutcome, KnownOutcome } from "../errors/call-outcome.js";
import { type Contract, declares } from "../errors/contract.js";
import { detailSchemas, type FindDetailSchema } from "../errors/detail-registry.js";
import { GRPCError } from "../errors/error.js";
import { recordOf } from "../errors/error-record.js";
import { unpackDetails } from "../errors/status-details.js";
import { statusOf } from "../errors/status-of.js";
import { StreamTerminatedError } from "../errors/stream-terminated-error.js";
import type { OutgoingCall } from "../transport/client.js";
import type { CalledMethod } from "./called-method.js";
import type { ResolvedOptions } from "./resolve-options.js";

/** How a call ended: with a status, or with an error of the caller's own code. */
export type Outcome = { readonly end: CallEnd } | { readonly thrown: unknown };

/** The end in an outcome; `undefined` if the call is not over, or an error of the caller's own code has ended it. */
export function endOf(outcome: Outcome | undefined): CallEnd | undefined {
  // Stryker disable next-line ConditionalExpression: an outcome without an end has no metadata
  return outcome !== undefined && "end" in outcome ? outcome.end : undefined;
}

/** The end of a call that succeeded; `undefined` for any other outcome, or if the call is not over. */
export function okEnd(outcome: Outcome | undefined): CallEnd | undefined {
  const end = endOf(outcome);
  return end?.status === Status.OK ? end : undefined;
}

/** What a call that this side ends with an outcome is cancelled with. */
export function cancellationBy(outcome: Outcome): CallEnd {
  return "end" in outcome ? outcome.end : { ...callerCancelled, cause: outcome.thrown };
}

/** What an error says about its call. */
export interface CallInfo {
  readonly method: CalledMethod;
  readonly peer: string | undefined;
}

/**
 * Creates the error that the caller of a failed call catches. Call this where the
 * caller awaits the call, so that the stack of the error shows the caller.
 *
 * @param cause the `cause` of the error, instead of the known one
 */
export function errorOf(outcome: Outcome, info: CallInfo, cause?: unknown): unknown {
  if ("thrown" in outcome) return outcome.thrown;
  const { end } = outcome;
  if (end.error !== undefined) return end.error;
  return callError(cause === undefined ? end : { ...end, cause }, info);
}

function callError(end: CallEnd, { method, peer }: CallInfo): GRPCError {
  const { contract } = method;
  const known = detailSchemas(end.registry, method.desc.parent);
  const findSchema: FindDetailSchema = (typeName) => contract?.schemas.get(typeName) ?? known(typeName);
  const details = end.details && unpackDetails(end.details, findSchema);
  // Stryker disable next-line ArrayDeclaration: an item that is not a message would not be found
  const received = { status: end.status, code: end.detailsCode, details: details ?? [] };
  // Only a status that the server sent can match an error that the method declares.
  const declared = end.origin === "peer" ? contract?.match(received) : undefined;
  const { cause, metadata, origin, corruptDetails, attempts } = end;
  const options = { metadata, origin, method: method.path, peer, corruptDetails, attempts, declared, findSchema };
  return new GRPCError(end.status, end.message, details, cause === undefined ? options : { ...options, cause });
}

/** The end of a call whose signal has aborted. */
export function cancelledBy({ reason }: AbortSignal): CallEnd {
  return { ...callerCancelled, cause: reason };
}

/**
 * The end of a call whose parent's signal has aborted. If the deadline that the two
 * calls share has passed, the status is the same whichever timer fires first.
 */
export function endedWithParent({ reason }: AbortSignal): CallEnd {
  if (statusOf(reason) === Status.DEADLINE_EXCEEDED) return deadlineExceeded("in the parent call", reason);
  return { ...callerCancelled, cause: reason };
}

type EndsBeforeStart = Partial<Pick<ResolvedOptions, "signal" | "parentSignal" | "deadline">>;

/** The end of a call whose signals have aborted or whose deadline has passed before it starts; else `undefined`. */
export function endBeforeStart({ signal, parentSignal, deadline }: EndsBeforeStart): CallEnd | undefined {
  if (signal?.aborted) return cancelledBy(signal);
  if (parentSignal?.aborted) return endedWithParent(parentSignal);
  return deadline?.expired ? deadlineExceeded("before the call started") : undefined;
}

/** The deadline of the call has passed. */
function deadlineExceeded(when: string, cause?: unknown): CallEnd {
  return { status: Status.DEADLINE_EXCEEDED, message: `Deadline exceeded ${when}`, origin: "client", cause };
}

/**
 * The deadline of a call that has started has passed.
 *
 * @param headersReceived whether the response headers have arrived
 */
export function deadlineExceededDuring(call: OutgoingCall | undefined, headersReceived: boolean): CallEnd {
  const pending = call?.whyPending?.();
  const response = headersReceived ? "during the response" : "while waiting for the response";
  const end = pending ? deadlineExceeded(`while ${pending.activity}`, pending.cause) : deadlineExceeded(response);
  return withAttemptsOf(call, end);
}

/** Adds the errors of earlier attempts, if there are any, to how a call ends on the caller's side. */
export function withAttemptsOf(call: OutgoingCall | undefined, end: CallEnd): CallEnd {
  const attempts = call?.attempts ?? [];
  return attempts.length === 0 ? end : { ...end, attempts };
}

/**
 * Whether the server may have ended a call because of its deadline. The server
 * enforces it too, and its reset with CANCEL may arrive before our timer fires.
 */
export function isResetByServer({ status, cause }: CallEnd): boolean {
  return status === Status.CANCELLED && cause instanceof StreamTerminatedError;
}

/** The caller cancelled the call, or left it before its end. */
export const callerCancelled: CallEnd = {
  status: Status.CANCELLED,
  message: "Cancelled by the caller",
  origin: "client",
};

/** A request could not be encoded, or must not be sent. */
export function notSendable(cause: unknown): CallEnd {
  const status = statusOf(cause);
  const message = messageOf(cause);
  if (status !== undefined) return { status, message, origin: "client", cause };
  return { status: Status.INTERNAL, message: `Cannot encode the request: ${message}`, origin: "client", cause };
}

/** The error of a call whose caller passes something that is not a request. */
export function notARequest({ path, desc }: CalledMethod, given: unknown): TypeError {
  return new TypeError(`${path} takes a ${desc.input.typeName}, got ${textOf(given)}`);
}

/** The end of a call that an interceptor, or a function that it has registered, ends with an error. */
export function endWith(error: unknown): CallEnd {
  return { status: statusOf(error) ?? Status.UNKNOWN, message: messageOf(error), origin: "client", error };
}

/** The end of a call that an interceptor answers itself. */
export const okWithoutServer: CallEnd = { status: Status.OK, origin: "client" };

/** Another attempt has got its response headers first, or the interceptor does not need this one. */
export const attemptSuperseded: CallEnd = {
  status: Status.CANCELLED,
  message: "Another attempt or the interceptor has answered the call",
  origin: "client",
};

/** What an interceptor learns of the end of a call. @param error what the call failed with */
export function outcomeOf({ status, message, origin }: CallEnd, error: unknown, contract?: Contract): CallOutcome {
  const details = tryOrUndefined(() => (error instanceof GRPCError ? error.details : undefined)) ?? [];
  const endedBy = origin === "peer" ? "server" : "client";
  const known = tryOrUndefined(() => recordOf(error as object)?.declared);
  const declared = () => (known && contract && declares(contract, known) ? known : undefined);
  return new KnownOutcome({ status, message, details, endedBy, error }, error, declared);
}

/** A method with a single response did not send exactly one message. */
export function wrongResponseCount(count: number): CallEnd {
  return { status: Status.UNIMPLEMENTED, message: `Expected one response message, got ${count}`, origin: "client" };
}
