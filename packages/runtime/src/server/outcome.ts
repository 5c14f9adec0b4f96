import { attempt } from "../core/attempt.js";
import { joinMetadata, Metadata } from "../core/metadata.js";
import { isFailure, Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import type { CallStatus } from "../errors/call-end.js";
import type { FindDetailSchema } from "../errors/detail-registry.js";
import { GRPCError } from "../errors/error.js";
import { packDetails } from "../errors/status-details.js";
import type { Trailers } from "./context.js";

/** What a call is ended with, and what is reported besides. */
export interface Answer {
  readonly trailers: Trailers;
  readonly report?: { readonly error: unknown };
}

/** What the client gets when a handler throws. Never throws, whatever the error is. */
export function answerTo(error: unknown, options: { readonly relayErrors: boolean }): Answer {
  if (!(error instanceof GRPCError)) return withheld(error);
  try {
    return readAnswer(error, options);
  } catch (failure) {
    const reason = `The handler threw a GRPCError that cannot be sent: ${textOf(failure)}`;
    return withheld(new Error(reason, { cause: error }));
  }
}

/** Reads each property once. @throws TypeError for a status that is none, and whatever the error's getters throw */
function readAnswer(error: GRPCError, { relayErrors }: { readonly relayErrors: boolean }): Answer {
  const { origin, status, statusMessage: message, details, metadata } = error;
  if (!isFailure(status)) throw new TypeError(`${textOf(status)} is not a status of a failed call`);
  if (origin === undefined) return { trailers: { status, message, details, metadata } };
  // The error of an outgoing call: what another server said does not leak by accident.
  if (relayErrors) return { trailers: { status, message, details } };
  const notPassedOn =
    "The error of an outgoing call was not passed on to the client: throw error.relay(), or set relayErrors";
  return withheld(new Error(notPassedOn, { cause: error }));
}

/** The answer for errors that are not the client's business. */
function withheld(error: unknown): Answer {
  return { trailers: { status: Status.UNKNOWN, message: "Internal Server Error" }, report: { error } };
}

/**
 * Turns what a call is ended with into a status that a transport can send. The
 * status always arrives: what cannot be encoded is dropped and reported.
 *
 * @param trailers a plain record: the properties of user objects have been read
 */
export function encodeTrailers(
  trailers: Trailers,
  trailingMetadata: Metadata | undefined,
  findSchema: FindDetailSchema,
): { readonly status: CallStatus; readonly reports: readonly unknown[] } {
  const { status } = trailers;
  const reports: unknown[] = [];
  const report = (error: unknown) => reports.push(error);
  // Untyped code may give an Error, or anything else.
  const message = trailers.message == null ? undefined : attempt(() => String(trailers.message), report);
  const added = trailers.metadata && attempt(() => new Metadata(trailers.metadata), report);
  const metadata = joinMetadata(trailingMetadata, added);
  const details = status === Status.OK ? undefined : trailers.details;
  const packed = details && attempt(() => packDetails(details, findSchema), report);
  if (packed !== undefined) reports.push(...packed.dropped.map(({ reason }) => reason));
  return { status: { status, message, details: packed?.packed, metadata }, reports };
}
