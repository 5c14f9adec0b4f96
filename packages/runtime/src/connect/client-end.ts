import { Code, ConnectError } from "@connectrpc/connect";
import { isStatus, Status } from "../core/status.js";
import type { CallEnd, RetryPushback } from "../errors/call-end.js";
import { parseStatusDetails } from "../errors/status-details.js";
import { parseBinary } from "../wire/headers.js";
import { fromHeaders } from "./metadata.js";

/**
 * How a call ended that Connect has failed with an error.
 *
 * @param received the response headers, if they have been reported. Connect adds them to the metadata of its errors.
 */
export function endOf(reason: unknown, received: Headers | undefined): CallEnd {
  const error = ConnectError.from(reason);
  const trailers = received === undefined ? error.metadata : without(error.metadata, received);
  if (error.isWireError) return peerEnd(error, trailers);
  return ownEnd(error, trailers, received === undefined ? "No response" : "The connection was lost");
}

/** The server has sent this status. */
function peerEnd(error: ConnectError, trailers: Headers): CallEnd {
  const metadata = fromHeaders(trailers);
  // Of gRPC-Web. Connect itself takes the code and the details from the status details, if there are any.
  const code = Number(first(trailers, "grpc-status") ?? error.code);
  if (!isStatus(code) || code === Status.OK) {
    const message = `Invalid grpc-status: ${first(trailers, "grpc-status")}`;
    return { status: Status.UNKNOWN, message, origin: "client", metadata };
  }
  return {
    status: code,
    message: error.rawMessage || undefined,
    ...detailsOf(error, trailers),
    ...retryPushback(first(trailers, "grpc-retry-pushback-ms")),
    metadata,
    origin: "peer",
  };
}

/** The value that the trailers have. Connect adds those of the headers, of which the protocol has none beside trailers. */
function first(trailers: Headers, name: string): string | undefined {
  return trailers.get(name)?.split(",")[0];
}

/** Connect keeps the names of the types, but only gRPC-Web has whole type URLs, and a code beside the details. */
function detailsOf(error: ConnectError, trailers: Headers): Pick<CallEnd, "details" | "detailsCode"> {
  const packed = parseBinary(trailers.get("grpc-status-details-bin") ?? "")?.[0];
  if (packed !== undefined && packed.length > 0) {
    const { code, details } = parseStatusDetails(packed);
    return { details, detailsCode: code };
  }
  const details = error.details.flatMap((detail) =>
    "type" in detail ? { typeUrl: `type.googleapis.com/${detail.type}`, value: detail.value } : [],
  );
  return details.length === 0 ? {} : { details };
}

/** Whatever is not a number of milliseconds means that no attempt may follow. */
function retryPushback(value: string | undefined): { retryPushback?: RetryPushback } {
  if (value === undefined) return {};
  return { retryPushback: /^\d{1,9}$/.test(value) ? Number(value) : "never" };
}

/**
 * A failure on this side: of Connect, of the platform, or of the connection.
 *
 * @param lost what to call the loss of the connection
 */
function ownEnd({ code, rawMessage, cause }: ConnectError, trailers: Headers, lost: string): CallEnd {
  const end: CallEnd = { status: code as number, message: rawMessage, origin: "client", cause };
  if (rawMessage.includes("does not support streaming request bodies")) return requestStreamsNotSupported;
  // Connect has INVALID_ARGUMENT for most of these failures, as if they were in a request.
  if (rawMessage === "decompression failed") return { ...end, status: Status.INTERNAL };
  if (isStreamOfLostConnection(rawMessage) || (codesOfPlatform.has(code) && isLostConnection(cause)))
    return { ...end, status: Status.UNAVAILABLE, message: `${lost}: ${rawMessage}` };
  return { ...end, metadata: fromHeaders(trailers) };
}

/** Those that Connect has for errors of Node and of `fetch()`. Other codes are of its own failures, such as a limit. */
const codesOfPlatform: ReadonlySet<Code> = new Set([Code.Unknown, Code.Internal, Code.Aborted, Code.Unavailable]);

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
function isStreamOfLostConnection(message: string): boolean {
  return message.startsWith("http/2 stream closed with error code CANCEL ");
}

const requestStreamsNotSupported: CallEnd = {
  status: Status.UNIMPLEMENTED,
  message:
    "This transport of Connect cannot stream requests, because fetch() cannot. " +
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
