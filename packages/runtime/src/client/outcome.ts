import { Status } from "../core/status.js";
import { messageOf } from "../core/text-of.js";
import type { CallEnd } from "../errors/call-end.js";
import { detailSchemas, type FindDetailSchema } from "../errors/detail-registry.js";
import { GRPCError } from "../errors/error.js";
import { unpackDetails } from "../errors/status-details.js";
import { statusOf } from "../errors/status-of.js";
import type { CalledMethod } from "./called-method.js";
import type { ResolvedOptions } from "./resolve-options.js";

/** How a call ended: with a status, or with an error of the caller's own code. */
export type Outcome = { readonly end: CallEnd } | { readonly thrown: unknown };

/** The end of a call that has succeeded; `undefined` for any other outcome. */
export function okEnd(outcome: Outcome): CallEnd | undefined {
  return "end" in outcome && outcome.end.status === Status.OK ? outcome.end : undefined;
}

/** What an error says of the call that it belongs to. */
export interface CallInfo {
  readonly method: CalledMethod;
  readonly peer: string | undefined;
}

/**
 * What the caller of a call that did not succeed catches. Make it where the caller waits, for the stack's sake.
 *
 * @param cause of the error, in place of what is known
 */
export function errorOf(outcome: Outcome, info: CallInfo, cause?: unknown): unknown {
  if ("thrown" in outcome) return outcome.thrown;
  const { end } = outcome;
  return callError(cause === undefined ? end : { ...end, cause }, info);
}

function callError(end: CallEnd, { method, peer }: CallInfo): GRPCError {
  const { contract } = method;
  const known = detailSchemas(end.registry, method.desc.parent);
  const findSchema: FindDetailSchema = (typeName) => contract?.schemas.get(typeName) ?? known(typeName);
  const details = end.details && unpackDetails(end.details, findSchema);
  // Only what the server said can be what it has declared.
  const declared =
    end.origin === "peer"
      ? contract?.match({ status: end.status, code: end.detailsCode, details: details ?? [] })
      : undefined;
  return new GRPCError(end.status, end.message, details, {
    ...(end.cause === undefined ? {} : { cause: end.cause }),
    metadata: end.metadata,
    origin: end.origin,
    method: method.path,
    peer,
    corruptDetails: end.corruptDetails,
    declared,
  });
}

/** The caller's signal, or that of the call it is part of, has fired. */
export function cancelledBy(signal: AbortSignal): CallEnd {
  const cause: unknown = signal.reason;
  // The deadline of the call that this one is part of: one status, whichever timer was first.
  return { ...(statusOf(cause) === Status.DEADLINE_EXCEEDED ? deadlineExceeded : abandoned), cause };
}

/** The end of a call that need not be started, if it is over already. */
export function endBeforeStart({ signals, deadline }: ResolvedOptions): CallEnd | undefined {
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted !== undefined) return cancelledBy(aborted);
  return deadline?.expired ? deadlineExceeded : undefined;
}

/** The deadline of the call has passed. */
export const deadlineExceeded: CallEnd = {
  status: Status.DEADLINE_EXCEEDED,
  message: "Deadline exceeded",
  origin: "client",
};

/** The call was left before its end. */
export const abandoned: CallEnd = { status: Status.CANCELLED, message: "Cancelled by the caller", origin: "client" };

/** A request could not be encoded, or must not be sent. */
export function notSendable(cause: unknown): CallEnd {
  const status = statusOf(cause);
  const message = messageOf(cause);
  if (status !== undefined) return { status, message, origin: "client", cause };
  return { status: Status.INTERNAL, message: `Cannot encode the request: ${message}`, origin: "client", cause };
}

/** A call with a single response ended OK, but not with exactly one message. */
export function wrongResponseCount(count: number): CallEnd {
  return { status: Status.UNIMPLEMENTED, message: `Expected one response message, got ${count}`, origin: "client" };
}
