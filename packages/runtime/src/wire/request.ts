import type { Compression } from "../core/compression.js";
import { type Metadata, receivedMetadata } from "../core/metadata.js";
import { Status } from "../core/status.js";
import type { CallStatus } from "../errors/call-end.js";
import { CONTENT_TYPE, isGrpcContentType } from "./content-type.js";
import { ACCEPT_ENCODING, parseEncoding } from "./encoding.js";
import { addMetadata, headerValue, malformedKey, type OutgoingHeaders, type RawHeaders } from "./headers.js";
import { quote } from "./quote.js";
import { formatTimeout, parseTimeout } from "./timeout.js";

/** The headers that all calls of a method have in common. */
export interface MethodParts {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly userAgent: string;
}

/** The headers that belong to one call. Most calls have none. */
export interface CallParts {
  /** In milliseconds; `undefined` for no limit. */
  readonly timeout: number | undefined;
  readonly compression: Compression;
  readonly metadata: Metadata | undefined;
  /** The number of attempts of this call that have failed before. */
  readonly previousAttempts: number;
}

/**
 * Formats the headers of a request that all calls of a method have in common.
 * Those of the call follow them.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests
 */
export function formatMethodHeaders(method: MethodParts): OutgoingHeaders {
  return {
    __proto__: null as never,
    ":method": "POST",
    ":scheme": method.scheme,
    ":authority": method.authority,
    ":path": method.path,
    te: "trailers",
    "content-type": CONTENT_TYPE,
    "grpc-accept-encoding": ACCEPT_ENCODING,
    "user-agent": method.userAgent,
  };
}

/** Formats the headers of a request that belong to one call. Their names are not among those of the method. */
export function formatCallHeaders(call: CallParts): OutgoingHeaders {
  const headers: OutgoingHeaders = { __proto__: null as never };
  if (call.compression !== "identity") headers["grpc-encoding"] = call.compression;
  if (call.timeout !== undefined) headers["grpc-timeout"] = formatTimeout(call.timeout);
  if (call.previousAttempts > 0) headers["grpc-previous-rpc-attempts"] = String(call.previousAttempts);
  addMetadata(headers, call.metadata);
  return headers;
}

/** The HTTP status that refuses a request that is not gRPC; `undefined` if it is gRPC. */
export function refuseRequest(method: string | undefined, raw: RawHeaders): 405 | 415 | undefined {
  if (method !== "POST") return 405;
  return isGrpcContentType(headerValue(raw, "content-type")) ? undefined : 415;
}

/** The headers of a request, parsed. */
export interface ReceivedRequest {
  /** In milliseconds; `undefined` for no limit. */
  readonly timeout: number | undefined;
  /** The compression that its messages may use. */
  readonly encoding: Compression;
  readonly previousAttempts: number;
  /** The status that refuses the request, if its headers are invalid. */
  readonly refusal?: CallStatus;
}

/** Parses the headers of a request. */
export function parseRequest(raw: RawHeaders): ReceivedRequest {
  const timeoutText = headerValue(raw, "grpc-timeout");
  // Stryker disable next-line ConditionalExpression: "undefined" is not a timeout
  const timeout = timeoutText === undefined ? undefined : parseTimeout(timeoutText);
  if (timeoutText !== undefined && timeout === undefined) {
    return refused({ status: Status.INTERNAL, message: `Malformed grpc-timeout: ${quote(timeoutText)}` });
  }
  const malformed = malformedKey(raw);
  if (malformed !== undefined) {
    return refused({ status: Status.INTERNAL, message: `Malformed metadata: ${quote(malformed)} is not base64` });
  }
  const { encoding, unknown } = parseEncoding(raw);
  if (encoding === undefined) {
    const message = `Unknown grpc-encoding: ${quote(unknown)}`;
    return refused({ status: Status.UNIMPLEMENTED, message, metadata: acceptedEncodings });
  }
  return { timeout, encoding, previousAttempts: parseAttempts(headerValue(raw, "grpc-previous-rpc-attempts")) };
}

function refused(refusal: CallStatus): ReceivedRequest {
  return { timeout: undefined, encoding: "identity", previousAttempts: 0, refusal };
}

/** The header is only informative, so a malformed value counts as 0. */
function parseAttempts(text: string | undefined): number {
  // Stryker disable next-line ConditionalExpression: "undefined" is not a number
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** Tells a client which encodings it may use. */
const acceptedEncodings = receivedMetadata([["grpc-accept-encoding", ACCEPT_ENCODING]]);
