import type { Compression } from "../core/compression.js";
import { MAX_TIMER_MS } from "../core/deadline.js";
import type { Metadata } from "../core/metadata.js";
import { isStatus, Status } from "../core/status.js";
import type { CallEnd, CallStatus, RetryPushback } from "../errors/call-end.js";
import { encodeStatusDetails, parseStatusDetails } from "../errors/status-details.js";
import { StreamTerminatedError } from "../errors/stream-terminated-error.js";
import { CONTENT_TYPE, isGrpcContentType } from "./content-type.js";
import { parseEncoding } from "./encoding.js";
import {
  addMetadata,
  formatBinary,
  headerValue,
  metadataOf,
  type OutgoingHeaders,
  parseBinary,
  type RawHeaders,
} from "./headers.js";
import { statusOfHttpStatus } from "./http-status.js";
import { formatStatusMessage, parseStatusMessage } from "./percent.js";
import { quote } from "./quote.js";
import { describeReset, ResetCode, statusOfReset } from "./reset-code.js";

/** Formats the headers of a response, which precede its messages. */
export function formatResponseHeaders(metadata: Metadata | undefined, compression: Compression): OutgoingHeaders {
  // Stryker disable next-line ConditionalExpression,StringLiteral: saves a copy
  if (metadata === undefined && compression === "identity") return plainHeaders;
  const headers: OutgoingHeaders = { __proto__: null as never, ...plainHeaders };
  if (compression !== "identity") headers["grpc-encoding"] = compression;
  addMetadata(headers, metadata);
  return headers;
}

/** Formats the status of a call as trailers. */
export function formatStatus(end: CallStatus): OutgoingHeaders {
  const { status, message, details, metadata, retryPushback } = end;
  // Stryker disable next-line ConditionalExpression,BlockStatement: saves a new object for most calls
  if (status === Status.OK && message === undefined && metadata === undefined && retryPushback === undefined) {
    return okTrailers;
  }
  const headers: OutgoingHeaders = { __proto__: null as never, "grpc-status": String(status) };
  if (message !== undefined) headers["grpc-message"] = formatStatusMessage(message);
  if (details !== undefined) {
    headers["grpc-status-details-bin"] = formatBinary(encodeStatusDetails(status, message ?? "", details));
  }
  if (retryPushback !== undefined) headers["grpc-retry-pushback-ms"] = formatPushback(retryPushback);
  addMetadata(headers, metadata);
  return headers;
}

/** Formats headers and trailers as one block ("Trailers-Only"), for a response without messages. */
export function formatTrailersOnly(trailers: OutgoingHeaders): OutgoingHeaders {
  return { __proto__: null as never, ...plainHeaders, ...trailers };
}

function formatPushback(pushback: RetryPushback): string {
  const milliseconds = Number(pushback);
  return milliseconds >= 0 && milliseconds <= MAX_TIMER_MS ? String(Math.ceil(milliseconds)) : "-1";
}

/** The headers of a response, parsed. */
export type ReceivedResponse =
  | { readonly encoding: Compression; readonly refusal?: undefined }
  /** The headers are not those of a gRPC response, or no supported compression is declared. */
  | { readonly refusal: CallEnd; readonly encoding?: undefined };

/** Parses the headers of a response. */
export function parseResponse(httpStatus: number, raw: RawHeaders): ReceivedResponse {
  if (httpStatus !== 200) return refuse(statusOfHttpStatus(httpStatus), `HTTP status ${httpStatus}`);
  const contentType = headerValue(raw, "content-type");
  if (!isGrpcContentType(contentType)) {
    const message = contentType === undefined ? "Missing content-type" : `Invalid content-type: ${quote(contentType)}`;
    return refuse(Status.UNKNOWN, message);
  }
  const { encoding, unknown } = parseEncoding(raw);
  return encoding === undefined ? refuse(Status.INTERNAL, `Unknown grpc-encoding: ${quote(unknown)}`) : { encoding };
}

function refuse(status: Status, message: string): ReceivedResponse {
  return { refusal: { status, message, origin: "client" } };
}

/** Parses the status in trailers, or in the headers of a Trailers-Only response; `undefined` if there is none. */
export function parseTrailers(raw: RawHeaders): CallEnd | undefined {
  const code = headerValue(raw, "grpc-status");
  if (code === undefined) return undefined;
  const metadata = metadataOf(raw);
  const status = /^\d+$/.test(code) ? Number(code) : Number.NaN;
  if (!isStatus(status)) {
    return { status: Status.UNKNOWN, message: `Invalid grpc-status: ${quote(code)}`, origin: "client", metadata };
  }
  const text = headerValue(raw, "grpc-message");
  const message = text === undefined ? undefined : parseStatusMessage(text);
  const end: CallEnd = { status, message, origin: "peer", metadata };
  const details = headerValue(raw, "grpc-status-details-bin");
  const pushback = headerValue(raw, "grpc-retry-pushback-ms");
  // Stryker disable next-line ConditionalExpression: saves a copy, as most calls have neither
  if (details === undefined && pushback === undefined) return end;
  const inside = details === undefined ? undefined : parseDetails(details);
  return {
    ...end,
    ...inside,
    // Some servers send the message only in the google.rpc.Status.
    message: message || inside?.message || message,
    retryPushback: pushback === undefined ? undefined : parsePushback(pushback),
  };
}

function parseDetails(text: string): Pick<CallEnd, "message" | "details" | "detailsCode" | "corruptDetails" | "cause"> {
  // Only one value is expected. Others, joined by commas, are ignored.
  const bytes = parseBinary(text)?.[0];
  if (bytes === undefined) return { details: [], corruptDetails: new TextEncoder().encode(text) };
  const { code, message, details, cause } = parseStatusDetails(bytes);
  return cause === undefined ? { message, details, detailsCode: code } : { details, corruptDetails: bytes, cause };
}

/** A malformed value means the same as a negative number: no more attempts. So does one that no timer takes. */
function parsePushback(text: string): RetryPushback {
  return /^\d{1,10}$/.test(text) && Number(text) <= MAX_TIMER_MS ? Number(text) : "never";
}

/** The end of a call whose stream closed without a status. `code` is the error code it closed with, or NO_ERROR. */
export function endOfReset(code: number): CallEnd {
  if (code === ResetCode.NO_ERROR) return missingStatus;
  // nghttp2 itself resets a stream whose headers or trailers are malformed, with this code.
  const orWhat = code === ResetCode.PROTOCOL_ERROR ? ", or its response violates HTTP/2" : "";
  const message = `The server reset the stream with ${describeReset(code)}${orWhat}`;
  const cause = new StreamTerminatedError(message, { code });
  return {
    status: statusOfReset(code),
    message,
    origin: "client",
    cause,
    ...(code === ResetCode.REFUSED_STREAM ? { unprocessed: "refused" } : undefined),
  };
}

const missingStatus: CallEnd = { status: Status.UNKNOWN, message: "Missing grpc-status", origin: "client" };

const plainHeaders: OutgoingHeaders = Object.freeze({ ":status": "200", "content-type": CONTENT_TYPE });
const okTrailers: OutgoingHeaders = Object.freeze({ "grpc-status": "0" });
