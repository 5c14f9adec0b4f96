import type { CallStatus } from "../core/call-end.js";
import type { FindDetailSchema } from "../core/detail-registry.js";
import { GRPCError } from "../core/error.js";
import { joinMetadata, Metadata } from "../core/metadata.js";
import { ProtocolError } from "../core/protocol-error.js";
import { Status } from "../core/status.js";
import { packDetails } from "../core/status-details.js";
import type { Trailers } from "./context.js";
import { fitTrailers } from "./trailer-budget.js";

/** What a call is ended with, and whether the error that led to it is to be reported. */
export interface Answer {
  readonly trailers: Trailers;
  readonly report: boolean;
}

/** What the client gets when a handler throws. */
export function answerTo(error: unknown, options: { readonly relayErrors: boolean }): Answer {
  if (!(error instanceof GRPCError)) return { trailers: internalServerError, report: true };
  // The error of an outgoing call: what another server said does not leak by accident.
  if (error.origin !== undefined) {
    return options.relayErrors ? answerTo(error.relay(), options) : { trailers: internalServerError, report: true };
  }
  const { status, statusMessage: message, details, metadata } = error;
  return { trailers: { status, message, details, metadata }, report: false };
}

/**
 * Encodes what a call is ended with. Status and message always arrive: details
 * that cannot be encoded, or do not fit, are dropped and reported.
 */
export function encodeTrailers(
  trailers: Trailers,
  trailingMetadata: Metadata | undefined,
  options: { readonly findSchema: FindDetailSchema; readonly trailerBudget: number },
): { readonly status: CallStatus; readonly reports: readonly Error[] } {
  const { status, message, details } = trailers;
  const added = trailers.metadata === undefined ? undefined : new Metadata(trailers.metadata);
  const metadata = joinMetadata(trailingMetadata, added);
  if (status === Status.OK) return { status: { status, message, metadata }, reports: [] };
  const packed = details && packDetails(details, options.findSchema);
  const fitted = fitTrailers({ status, message, metadata }, packed?.packed, options.trailerBudget);
  const reports = packed?.dropped.map(({ reason }) => reason) ?? [];
  if (fitted.dropped.length === 0) return { status: fitted.status, reports };
  const lost = new Error(
    `The trailers are over their budget of ${options.trailerBudget} bytes (trailerBudgetBytes), ` +
      `so these were not sent: ${fitted.dropped.join(", ")}`,
  );
  return { status: fitted.status, reports: [...reports, lost] };
}

/** The report of a method with a single response that returned none. */
export function noResponse(method: string): ProtocolError {
  return new ProtocolError(`The handler of ${method} returned no message: return one, or throw a GRPCError`);
}

const internalServerError: Trailers = { status: Status.UNKNOWN, message: "Internal Server Error" };
