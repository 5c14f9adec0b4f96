import { Buffer } from "node:buffer";
import type { StatusObject } from "@grpc/grpc-js";
import { isStatus, Status } from "../core/status.js";
import type { CallEnd, RetryPushback } from "../errors/call-end.js";
import { parseStatusDetails } from "../errors/status-details.js";
import { StreamTerminatedError } from "../errors/stream-terminated-error.js";
import { originOf } from "../transport/origin.js";
import { fromGrpcJs } from "./metadata.js";

/**
 * How a call ended, from the status that grpc-js reports.
 *
 * grpc-js reports failures of its own in the same way as statuses of the server.
 * They are told apart by their texts, which are fixed, and by the headers that
 * come with a status of the server.
 */
export function endOf({ code, details: text, metadata: trailers }: StatusObject): CallEnd {
  const metadata = fromGrpcJs(trailers);
  if (code === undefined) return { status: Status.INTERNAL, message: cannotDecompress, origin: "client", metadata };
  const status = code as number as Status;
  if (!isStatus(status)) {
    return { status: Status.UNKNOWN, message: `Invalid grpc-status: ${code}`, origin: "client", metadata };
  }
  const [packed] = trailers.get("grpc-status-details-bin");
  const [pushback] = trailers.get("grpc-retry-pushback-ms");
  // Statuses of grpc-js itself have no trailers.
  const fromPeer = trailers.get("content-type").length > 0 || packed !== undefined || pushback !== undefined;
  const own = ownFailures.find(({ pattern }) => pattern.test(text));
  if (own !== undefined && (!fromPeer || own.withHeaders)) return ownEnd(status, text, metadata, own);
  const end = { status, metadata, ...messageAndDetails(text, packed), ...retryPushback(pushback) };
  return { ...end, origin: fromPeer ? "peer" : originOf(end) };
}

/** For a compression that it does not know, or that the headers do not declare, grpc-js reports neither status nor text. */
const cannotDecompress = "grpc-js cannot decompress a response";

/** A failure of grpc-js itself. */
interface OwnFailure {
  /** Its text. */
  readonly pattern: RegExp;
  /** Whether it comes with the headers of a response that has no gRPC status. */
  readonly withHeaders?: boolean;
  /** The code of the HTTP/2 reset that caused it; `undefined` if the text has it, or if there was none. */
  readonly resetCode?: number;
  /** The status of the call. Default: the one that grpc-js reports. */
  readonly status?: Status;
  readonly unprocessed?: "unsent" | "refused";
}

/** Texts of the errors of Node with which a connection ends. */
const lost = [
  "(?:read|write) E[A-Z]+",
  "This socket has been ended by the other party",
  "Session closed with error code",
  "The pending stream has been canceled",
  "The session has been destroyed",
  "New streams cannot be created after receiving a GOAWAY",
  "Protocol error",
].join("|");

const ownFailures: readonly OwnFailure[] = [
  { pattern: /^Received HTTP status code \d+$/, withHeaders: true },
  { pattern: /^No status information received$/, withHeaders: true },
  // grpc-js reports losses of a connection as INTERNAL. The first text also stands for a reset without an error, but more
  // often for a connection that is reset after a GOAWAY.
  { pattern: /^Received RST_STREAM with code (0) /, status: Status.UNAVAILABLE },
  { pattern: RegExp(`^Received RST_STREAM with code 2 .* client error: (?:${lost})`), status: Status.UNAVAILABLE },
  {
    pattern: RegExp(`^Failed to start HTTP/2 stream .* (?:${lost})`),
    status: Status.UNAVAILABLE,
    unprocessed: "unsent",
  },
  { pattern: /^Received RST_STREAM with code (\d+)/ },
  { pattern: /^Stream refused by server$/, resetCode: 7, unprocessed: "refused" },
  { pattern: /^Call cancelled$/, resetCode: 8 },
  { pattern: /^Bandwidth exhausted or memory limit exceeded$/, resetCode: 11 },
  { pattern: /^Protocol not secure enough$/, resetCode: 12 },
  { pattern: /^No connection established/, unprocessed: "unsent" },
  { pattern: /^Name resolution failed/, unprocessed: "unsent" },
];

function ownEnd(
  reported: Status,
  message: string,
  metadata: CallEnd["metadata"],
  { pattern, resetCode = numberIn(pattern, message), status = reported, unprocessed }: OwnFailure,
): CallEnd {
  const cause = resetCode === undefined ? undefined : new StreamTerminatedError(message, { code: resetCode });
  return { status, message, metadata, origin: "client", cause, unprocessed };
}

function numberIn(pattern: RegExp, text: string): number | undefined {
  const code = pattern.exec(text)?.[1];
  return code === undefined ? undefined : Number(code);
}

/** grpc-js reports a message that is missing as an empty one. */
function messageAndDetails(
  text: string,
  packed: string | Buffer | undefined,
): Pick<CallEnd, "message" | "details" | "detailsCode" | "corruptDetails" | "cause"> {
  if (!Buffer.isBuffer(packed)) return { message: text || undefined };
  const bytes = new Uint8Array(packed);
  const { code, message, details, cause } = parseStatusDetails(bytes);
  const inside = cause === undefined ? { detailsCode: code } : { corruptDetails: bytes, cause };
  return { message: text || message || undefined, details, ...inside };
}

/** Whatever is not a number of milliseconds means that no attempt may follow. */
function retryPushback(value: string | Buffer | undefined): { retryPushback?: RetryPushback } {
  if (value === undefined) return {};
  return { retryPushback: /^\d{1,9}$/.test(`${value}`) ? Number(value) : "never" };
}
