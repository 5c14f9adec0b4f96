import { Code, ConnectError } from "@connectrpc/connect";
import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import { parseTrailers } from "../wire/response.js";
import { fromHeaders } from "./metadata.js";

/**
 * How a call ended that Connect has failed with an error.
 *
 * @param received the response headers, if they have been reported. Connect adds them to the metadata of its errors.
 */
export function endOf(reason: unknown, received: Headers | undefined): CallEnd {
  const error = ConnectError.from(reason);
  const trailers = received === undefined ? error.metadata : without(error.metadata, received);
  const end = grpcEnd(trailers, error.isWireError ? error.code : undefined);
  if (end !== undefined && error.isWireError) return peerEnd(end, error);
  // A status of gRPC takes precedence over that of HTTP, which Connect reports.
  if (end?.origin === "peer" && end.status !== Status.OK) return end;
  return ownEnd(error, trailers, received === undefined ? "No response" : "The connection was lost");
}

/**
 * How a stream ended that is a success for Connect: it ignores the status of gRPC if there are status details, which
 * have a code of their own.
 */
export function endOfStream(headers: Headers, trailers: Headers): CallEnd {
  const end = grpcEnd(trailers) ?? grpcEnd(headers);
  return end ?? { status: Status.OK, origin: "peer", metadata: fromHeaders(trailers) };
}

/**
 * The status in the trailers of gRPC and gRPC-Web, read as `Channel` does; `undefined` if there is none.
 *
 * @param code the status if the trailers have none, because they are those of the Connect protocol
 */
function grpcEnd(trailers: Headers, code?: Code): CallEnd | undefined {
  const headers = new Headers(trailers);
  // Connect appends the headers to the trailers, so the first value is that of the trailers.
  const status = trailers.get("grpc-status")?.split(",")[0] ?? code;
  if (status !== undefined) headers.set("grpc-status", `${status}`);
  const end = parseTrailers([...headers].flat());
  return end && { ...end, metadata: fromHeaders(trailers) };
}

/** The server has sent this error. Over the Connect protocol, the message and the details are in the error. */
function peerEnd(end: CallEnd, { rawMessage, details }: ConnectError): CallEnd {
  if (end.status === Status.OK)
    return { ...end, status: Status.UNKNOWN, message: "The status details contradict grpc-status 0", origin: "client" };
  const packed = details.flatMap((detail) =>
    "type" in detail ? { typeUrl: `type.googleapis.com/${detail.type}`, value: detail.value } : [],
  );
  const message = end.message || rawMessage || undefined;
  return { ...end, message, details: end.details ?? (packed.length === 0 ? undefined : packed) };
}

/**
 * A failure on this side: of Connect, of the platform, or of the connection.
 *
 * @param lost what to call the loss of the connection
 */
function ownEnd({ code, rawMessage, cause }: ConnectError, trailers: Headers, lost: string): CallEnd {
  const end: CallEnd = { status: code as number, message: rawMessage, origin: "client", cause };
  if (rawMessage.includes("does not support streaming request bodies")) return requestStreamsNotSupported;
  if (undecodable.test(rawMessage) || (code === Code.InvalidArgument && malformed.test(rawMessage)))
    return { ...end, status: Status.INTERNAL };
  if (streamOfLostConnection.test(rawMessage) || (codesOfPlatform.includes(code) && isLostConnection(cause)))
    return { ...end, status: Status.UNAVAILABLE, message: `${lost}: ${rawMessage}` };
  return { ...end, metadata: fromHeaders(trailers) };
}

/** A response that cannot be decoded. The code depends on the transport of Connect. */
const undecodable = /^(?:decompression failed$|cannot decode )/;

/** Connect has INVALID_ARGUMENT for malformed responses, as if they were requests. Its interceptors may mean it. */
const malformed = /^(?:protocol error: |failed to parse |unexpected end flag)/;

/** Those that Connect has for errors of Node and of `fetch()`. Other codes are of its own failures, such as a limit. */
const codesOfPlatform: readonly Code[] = [Code.Unknown, Code.Internal, Code.Aborted, Code.Unavailable];

/**
 * Whether an error means that there is no connection: a TypeError of `fetch()`, or an error of Node. The reset of a
 * stream is not one.
 */
function isLostConnection(cause: unknown): boolean {
  if (cause instanceof TypeError) return true;
  const { code }: { code?: unknown } = Object(cause);
  return typeof code === "string" && code !== "ERR_HTTP2_STREAM_ERROR";
}

/**
 * With a connection, Node closes its streams with CANCEL. A server might also reset one stream with this code, but
 * that is rare, and looks the same.
 */
const streamOfLostConnection = /^http\/2 stream closed with error code CANCEL /;

const requestStreamsNotSupported: CallEnd = {
  status: Status.UNIMPLEMENTED,
  message:
    "This transport cannot stream requests, because fetch() cannot. " +
    "Use a method with a single request, or a transport of @connectrpc/connect-node.",
  origin: "client",
};

/** The headers that remain if others, which were added after them, are removed. */
function without(all: Headers, added: Headers): Headers {
  const rest = new Headers();
  all.forEach((value, key) => {
    const suffix = added.get(key);
    if (suffix === null) rest.append(key, value);
    else if (value.endsWith(`, ${suffix}`)) rest.append(key, value.slice(0, -suffix.length - 2));
  });
  return rest;
}
