import type { CallEnd, CallStatus } from "../core/call-end.js";
import type { Compression } from "../core/compression.js";
import type { Metadata } from "../core/metadata.js";
import { isStatus, Status } from "../core/status.js";
import { CONTENT_TYPE, isGrpcContentType } from "./content-type.js";
import { parseEncoding } from "./encoding.js";
import {
  addMetadata,
  formatBinary,
  headerValue,
  type OutgoingHeaders,
  parseBinary,
  type RawHeaders,
  ReceivedMetadata,
} from "./headers.js";
import { statusOfHttpStatus } from "./http-status.js";
import { formatStatusMessage, parseStatusMessage } from "./percent.js";
import { quote } from "./quote.js";
import { describeReset, ResetCode, statusOfReset } from "./reset-code.js";

/** The response headers that come before messages. */
export function formatResponseHeaders(metadata: Metadata | undefined, compression: Compression): OutgoingHeaders {
  if (metadata === undefined && compression === "identity") return plainHeaders;
  const headers: OutgoingHeaders = { __proto__: null as never, ...plainHeaders };
  if (compression !== "identity") headers["grpc-encoding"] = compression;
  addMetadata(headers, metadata);
  return headers;
}

/** The trailers that end a call. */
export function formatTrailers(end: CallStatus): OutgoingHeaders {
  if (end.status === Status.OK && end.message === undefined && end.metadata === undefined) return okTrailers;
  return addStatus({ __proto__: null as never }, end);
}

/** Headers and trailers in one block, for a call that ends without a message ("Trailers-Only"). */
export function formatTrailersOnly(end: CallStatus): OutgoingHeaders {
  return addStatus({ __proto__: null as never, ...plainHeaders }, end);
}

function addStatus(headers: OutgoingHeaders, { status, message, details, metadata }: CallStatus): OutgoingHeaders {
  headers["grpc-status"] = String(status);
  if (message !== undefined) headers["grpc-message"] = formatStatusMessage(message);
  if (details !== undefined) headers["grpc-status-details-bin"] = formatBinary(details);
  addMetadata(headers, metadata);
  return headers;
}

/** What the client learns from the headers of a response. */
export type ReceivedResponse =
  | { readonly encoding: Compression; readonly refusal?: undefined }
  /** No messages follow that it could read. */
  | { readonly refusal: CallEnd; readonly encoding?: undefined };

/** Reads the headers of a response. */
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

/** The status in trailers, or in the headers of a Trailers-Only response; `undefined` where there is none. */
export function parseTrailers(raw: RawHeaders): CallEnd | undefined {
  const code = headerValue(raw, "grpc-status");
  return code === undefined ? undefined : new ReceivedStatus(code, raw);
}

/** The end of a call whose stream closed, with an error code, before there was a status. */
export function endOfReset(code: number): CallEnd {
  if (code === ResetCode.NO_ERROR) return missingStatus;
  const message = `The server reset the stream with ${describeReset(code)}`;
  return { status: statusOfReset(code), message, origin: "client", resetCode: code };
}

const missingStatus: CallEnd = { status: Status.UNKNOWN, message: "Missing grpc-status", origin: "client" };

const plainHeaders: OutgoingHeaders = Object.freeze({ ":status": "200", "content-type": CONTENT_TYPE });
const okTrailers: OutgoingHeaders = Object.freeze({ "grpc-status": "0" });

/** A status as it was received. */
class ReceivedStatus extends ReceivedMetadata implements CallEnd {
  readonly status: Status;
  readonly message: string | undefined;
  readonly origin: "peer" | "client" = "peer";
  readonly details: Uint8Array | undefined;
  readonly corruptDetails: Uint8Array | undefined;

  constructor(code: string, raw: RawHeaders) {
    super(raw);
    const status = /^\d+$/.test(code) ? Number(code) : Number.NaN;
    if (!isStatus(status)) {
      this.status = Status.UNKNOWN;
      this.message = `Invalid grpc-status: ${quote(code)}`;
      this.origin = "client";
      return;
    }
    this.status = status;
    const message = headerValue(raw, "grpc-message");
    this.message = message === undefined ? undefined : parseStatusMessage(message);
    const details = headerValue(raw, "grpc-status-details-bin");
    if (details === undefined) return;
    // Only one value is expected: a second one, joined by a comma, is left alone.
    this.details = parseBinary(details)?.[0];
    if (this.details === undefined) this.corruptDetails = new TextEncoder().encode(details);
  }
}
