import { joinMetadata, Metadata } from "../core/metadata.js";
import { isFailure, Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import type { CallStatus } from "../errors/call-end.js";
import type { FindDetailSchema } from "../errors/detail-registry.js";
import { GRPCError } from "../errors/error.js";
import { packDetails } from "../errors/status-details.js";
import type { ServerContext, Trailers } from "./context.js";
import { notKept } from "./contract-checks.js";
import { ContractDrift } from "./contract-drift.js";
import type { Failing } from "./contract-fault.js";
import type { ServedMethod } from "./served-method.js";

/** The trailers that end a call, and the errors to report. */
export interface Answer {
  readonly trailers: Trailers;
  readonly reports: readonly AnswerReport[];
}

interface AnswerReport {
  readonly error: unknown;
  /** Whether it is due, which it then is no longer. Default: it is. */
  readonly take?: () => boolean;
}

/** What an answer depends on besides the error. */
type AnsweringMethod = Pick<ServedMethod, "contractChecks" | "relayErrors" | "addLocalizedMessage">;

/** What an answer depends on besides the error and the method. */
interface AnsweredCall {
  readonly context: Pick<ServerContext, "metadata">;
  readonly handlerStarted: boolean;
}

/** The answer to the client when a handler or an interceptor throws. Never throws, whatever the error is. */
export function answerTo(error: unknown, method: AnsweringMethod, call: AnsweredCall): Answer {
  if (!(error instanceof GRPCError)) return withheld(error);
  try {
    return readAnswer(error, method, call);
  } catch (failure) {
    const reason = `The handler threw a GRPCError that cannot be sent: ${textOf(failure)}`;
    return withheld(new Error(reason, { cause: error }));
  }
}

/** Reads each property once. @throws TypeError for an invalid status; any error that a getter throws */
function readAnswer(error: GRPCError, method: AnsweringMethod, { context, handlerStarted }: AnsweredCall): Answer {
  const { origin, status, statusMessage: message, details, metadata } = error;
  if (!isFailure(status)) throw new TypeError(`${textOf(status)} is not a status of a failed call`);
  const call = { context, handlerStarted, error };
  if (origin === undefined) {
    const declared = tryOrUndefined(() => ({ kind: error.kind, declaredBy: error.declaredBy }));
    return checkedAnswer({ status, message, details, metadata }, method, { ...call, ...declared });
  }
  // The error of an outgoing call: what another server said must not leak by accident.
  if (method.relayErrors) return checkedAnswer({ status, message, details }, method, call);
  const notPassedOn =
    "The error of an outgoing call was not passed on to the client. To do so, throw error.relay() or set relayErrors.";
  return withheld(new Error(notPassedOn, { cause: error }));
}

/** The answer with these trailers and the localized message. They are checked against the contract of the method. */
export function checkedAnswer(
  given: Trailers,
  { addLocalizedMessage, contractChecks }: AnsweringMethod,
  { context, error, ...failing }: AnsweredCall & Pick<Failing, "kind" | "declaredBy"> & { readonly error?: unknown },
): Answer {
  // If one of these throws, the details cannot be read, which encodeTrailers() reports.
  const localized = tryOrUndefined(() => addLocalizedMessage?.(given, context.metadata));
  const trailers = localized === undefined ? given : { ...given, details: localized.details };
  const reports: AnswerReport[] = localized?.failure === undefined ? [] : [{ error: localized.failure }];
  const { status, details = [] } = trailers;
  if (contractChecks === undefined || status === Status.OK) return { trailers, reports };
  const fault = tryOrUndefined(() => contractChecks.check({ status, details, ...failing }));
  if (fault === undefined) return { trailers, reports };
  reports.push({ error: new ContractDrift(fault.text, { cause: error }), take: fault.take });
  return { trailers: fault.enforced ? notKept : trailers, reports };
}

/** Reports the errors of an answer that are due. @returns whether there are any */
export function reportAnswer({ reports }: Answer, call: { report(error: unknown): void }): boolean {
  const due = reports.filter(({ take }) => take?.() !== false);
  for (const { error } of due) call.report(error);
  return due.length > 0;
}

/** How a call ends because of an error that the client must not see. */
export const withheldOutcome: Pick<Trailers, "status" | "message"> = {
  status: Status.UNKNOWN,
  message: "Internal Server Error",
};

/** Whether the client does not see the error that was thrown. */
export function isWithheld({ trailers }: Answer): boolean {
  return trailers === withheldOutcome;
}

/** The answer for an error that the client must not see: the error is reported instead. */
function withheld(error: unknown): Answer {
  return { trailers: withheldOutcome, reports: [{ error }] };
}

/**
 * Encodes trailers as a status that a transport can send. The status is always
 * sent: parts that cannot be encoded are dropped, and returned in `reports`.
 *
 * @param trailers a plain record, not an object of user code whose getters may throw
 */
export function encodeTrailers(
  trailers: Trailers,
  trailingMetadata: Metadata | undefined,
  findSchema: FindDetailSchema,
): { readonly status: CallStatus; readonly reports: readonly unknown[] } {
  const { status } = trailers;
  const reports: unknown[] = [];
  const report = (error: unknown) => reports.push(error);
  // In untyped code, the message may be an Error or any other value.
  const message = trailers.message == null ? undefined : tryOrUndefined(() => String(trailers.message), report);
  const added = trailers.metadata && tryOrUndefined(() => new Metadata(trailers.metadata), report);
  const metadata = joinMetadata(trailingMetadata, added);
  const details = status === Status.OK ? undefined : trailers.details;
  const packed = details && tryOrUndefined(() => packDetails(details, findSchema), report);
  if (packed !== undefined) reports.push(...packed.dropped.map(({ reason }) => reason));
  return { status: { status, message, details: packed?.packed, metadata }, reports };
}
