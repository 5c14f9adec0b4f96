import type { CallStatus } from "../core/call-end.js";
import type { FindDetailSchema } from "../core/detail-registry.js";
import { GRPCError } from "../core/error.js";
import { joinMetadata, Metadata } from "../core/metadata.js";
import { Status } from "../core/status.js";
import { packDetails } from "../core/status-details.js";
import type { Trailers } from "./context.js";
import { fitTrailers } from "./trailer-budget.js";

/** What a call is ended with, and what is reported besides. */
export interface Answer {
  readonly trailers: Trailers;
  readonly report?: { readonly error: unknown };
}

/** What the client gets when a handler throws. */
export function answerTo(error: unknown, options: { readonly relayErrors: boolean }): Answer {
  if (!(error instanceof GRPCError)) return { trailers: internalServerError, report: { error } };
  // The error of an outgoing call: what another server said does not leak by accident.
  if (error.origin !== undefined) {
    if (options.relayErrors) return answerTo(error.relay(), options);
    const notPassedOn = new Error(
      "The error of an outgoing call was not passed on to the client: throw error.relay(), or set relayErrors",
      { cause: error },
    );
    return { trailers: internalServerError, report: { error: notPassedOn } };
  }
  const { status, statusMessage: message, details, metadata } = error;
  return { trailers: { status, message, details, metadata } };
}

/** What the encoding of trailers depends on. */
export interface TrailerOptions {
  readonly findSchema: FindDetailSchema;
  /** In bytes. */
  readonly trailerBudget: number;
}

/** Trailers as they are sent, and what is reported of what is not. */
export interface EncodedTrailers {
  readonly status: CallStatus;
  readonly reports: readonly unknown[];
}

/**
 * Encodes what a call is ended with. Its status always arrives: what cannot be
 * encoded, or does not fit, is dropped and reported.
 */
export function encodeTrailers(
  trailers: Trailers,
  trailingMetadata: Metadata | undefined,
  { findSchema, trailerBudget }: TrailerOptions,
): EncodedTrailers {
  const { status, message } = trailers;
  try {
    const added = trailers.metadata === undefined ? undefined : new Metadata(trailers.metadata);
    const metadata = joinMetadata(trailingMetadata, added);
    if (status === Status.OK && metadata === undefined) return { status: { status, message }, reports: [] };
    const packed = status === Status.OK ? undefined : trailers.details && packDetails(trailers.details, findSchema);
    const { status: fitted, dropped: lost } = fitTrailers({ status, message, metadata }, packed?.packed, trailerBudget);
    const reports: unknown[] = packed?.dropped.map(({ reason }) => reason) ?? [];
    if (lost.length > 0) {
      const budget = `${trailerBudget} bytes (trailerBudgetBytes)`;
      const report = `The trailers are over their budget of ${budget}, so these were not sent: ${lost.join(", ")}`;
      reports.push(new Error(report));
    }
    return { status: fitted, reports };
  } catch (error) {
    // Untyped code may give for details or metadata what is neither.
    return { status: { status, message }, reports: [error] };
  }
}

const internalServerError: Trailers = { status: Status.UNKNOWN, message: "Internal Server Error" };
