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
  /** The lookup for the details of a method's errors. */
  readonly findSchema: FindDetailSchema;
  /** Bytes that the trailers may have. */
  readonly trailerBudget: number;
}

/**
 * Encodes what a call is ended with. Its status always arrives: what cannot be
 * encoded, or does not fit, is dropped and reported.
 */
export function encodeTrailers(
  trailers: Trailers,
  trailingMetadata: Metadata | undefined,
  { findSchema, trailerBudget }: TrailerOptions,
): { readonly status: CallStatus; readonly reports: readonly unknown[] } {
  const { status, details } = trailers;
  const reports: unknown[] = [];
  // Untyped code may give an Error, or anything else.
  const message = trailers.message == null ? undefined : attempt(() => String(trailers.message), reports);
  const added = trailers.metadata && attempt(() => new Metadata(trailers.metadata), reports);
  const metadata = joinMetadata(trailingMetadata, added);
  if (status === Status.OK && metadata === undefined) return { status: { status, message }, reports };
  const packed = status === Status.OK ? undefined : details && attempt(() => packDetails(details, findSchema), reports);
  if (packed !== undefined) reports.push(...packed.dropped.map(({ reason }) => reason));
  const fitted = fitTrailers({ status, message, metadata }, packed?.packed, trailerBudget);
  if (fitted.dropped.length > 0) {
    const budget = `${trailerBudget} bytes (trailerBudgetBytes)`;
    const lost = fitted.dropped.join(", ");
    reports.push(new Error(`The trailers are over their budget of ${budget}, so these were not sent: ${lost}`));
  }
  return { status: fitted.status, reports };
}

/** What a function makes; its error goes to the reports, and the rest of the trailers goes out without it. */
function attempt<T>(make: () => T, reports: unknown[]): T | undefined {
  try {
    return make();
  } catch (error) {
    reports.push(error);
    return undefined;
  }
}

const internalServerError: Trailers = { status: Status.UNKNOWN, message: "Internal Server Error" };
