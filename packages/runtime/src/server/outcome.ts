import type { CallStatus } from "../core/call-end.js";
import type { FindDetailSchema } from "../core/detail-registry.js";
import { GRPCError } from "../core/error.js";
import { joinMetadata, Metadata } from "../core/metadata.js";
import { ProtocolError } from "../core/protocol-error.js";
import { Status } from "../core/status.js";
import { type DroppedDetail, encodeStatusDetails } from "../core/status-details.js";
import type { Trailers } from "./context.js";

/** What a call is ended with, and whether the error that led to it is to be reported. */
export interface Answer {
  readonly trailers: Trailers;
  readonly report: boolean;
}

/** What the client gets when a handler throws. */
export function answerTo(error: unknown, options: { readonly relayErrors: boolean }): Answer {
  if (!(error instanceof GRPCError)) return { trailers: internalServerError, report: true };
  // The error of an outgoing call: what another server said does not leak by accident.
  if (error.origin !== undefined && !options.relayErrors) return { trailers: internalServerError, report: true };
  const { status, statusMessage: message, details, metadata } = error;
  return { trailers: { status, message, details, metadata }, report: false };
}

/** Encodes what a call is ended with. Details that cannot be encoded are dropped. */
export function encodeTrailers(
  trailers: Trailers,
  trailingMetadata: Metadata | undefined,
  findSchema: FindDetailSchema,
): { readonly status: CallStatus; readonly dropped: readonly DroppedDetail[] } {
  const { status, message, details } = trailers;
  const metadata = joinMetadata(trailingMetadata, trailers.metadata === undefined ? undefined : new Metadata(trailers.metadata));
  if (details === undefined) return { status: { status, message, metadata }, dropped: [] };
  const encoded = encodeStatusDetails({ status, message: message ?? "", details }, findSchema);
  return { status: { status, message, details: encoded.bytes, metadata }, dropped: encoded.dropped };
}

/** The report of a method with a single response that returned none. */
export function noResponse(method: string): ProtocolError {
  return new ProtocolError(`The handler of ${method} returned no message: return one, or throw a GRPCError`);
}

const internalServerError: Trailers = { status: Status.UNKNOWN, message: "Internal Server Error" };
