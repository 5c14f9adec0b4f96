import { joinMetadata, Metadata } from "../core/metadata.js";
import { isFailure, Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import type { CallStatus } from "../errors/call-end.js";
import type { FindDetailSchema } from "../errors/detail-registry.js";
import { GRPCError } from "../errors/error.js";
import { packDetails } from "../errors/status-details.js";
import type { Trailers } from "./context.js";
import { contractFault } from "./contract-fault.js";
import type { ServedMethod } from "./served-method.js";

/** The trailers that end a call, and the error to report, if any. */
export interface Answer {
  readonly trailers: Trailers;
  readonly report?: { readonly error: unknown };
}

/** What an answer depends on besides the error. */
type AnsweringMethod = Pick<ServedMethod, "path" | "contract" | "relayErrors" | "addLocalizedMessage">;

/** The answer to the client when a handler throws. Never throws, whatever the error is. */
export function answerTo(error: unknown, method: AnsweringMethod, requestMetadata: Metadata): Answer {
  if (!(error instanceof GRPCError)) return withheld(error);
  try {
    return readAnswer(error, method, requestMetadata);
  } catch (failure) {
    const reason = `The handler threw a GRPCError that cannot be sent: ${textOf(failure)}`;
    return withheld(new Error(reason, { cause: error }));
  }
}

/** Reads each property once. @throws TypeError for an invalid status; any error that a getter throws */
function readAnswer(error: GRPCError, method: AnsweringMethod, requestMetadata: Metadata): Answer {
  const { origin, status, statusMessage: message, details, metadata } = error;
  if (!isFailure(status)) throw new TypeError(`${textOf(status)} is not a status of a failed call`);
  if (origin === undefined) {
    // If one of these throws, the details cannot be read, which encodeTrailers() reports.
    const localized = tryOrUndefined(() => method.addLocalizedMessage?.({ status, details }, requestMetadata));
    const fault = tryOrUndefined(() =>
      contractFault({ kind: error.kind, declaredBy: error.declaredBy, status, details }, method),
    );
    const trailers = { status, message, details: localized?.details ?? details, metadata };
    // Only errors that clients recognise are localized, so there is at most one of these.
    const failure = fault === undefined ? localized?.failure : new Error(fault, { cause: error });
    return failure === undefined ? { trailers } : { trailers, report: { error: failure } };
  }
  // The error of an outgoing call: what another server said must not leak by accident.
  if (method.relayErrors) return { trailers: { status, message, details } };
  const notPassedOn =
    "The error of an outgoing call was not passed on to the client. To do so, throw error.relay() or set relayErrors.";
  return withheld(new Error(notPassedOn, { cause: error }));
}

/** How a call ends because of an error that the client must not see. */
export const withheldOutcome: Pick<Trailers, "status" | "message"> = {
  status: Status.UNKNOWN,
  message: "Internal Server Error",
};

/** The answer for an error that the client must not see: the error is reported instead. */
function withheld(error: unknown): Answer {
  return { trailers: withheldOutcome, report: { error } };
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
