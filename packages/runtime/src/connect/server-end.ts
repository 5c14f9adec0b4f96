import { base64Encode } from "@bufbuild/protobuf/wire";
import { ConnectError } from "@connectrpc/connect";
import type { Metadata } from "../core/metadata.js";
import { Status } from "../core/status.js";
import type { CallStatus } from "../errors/call-end.js";
import { typeNameOf } from "../errors/detail.js";
import { encodeStatusDetails } from "../errors/status-details.js";
import { toHeaders } from "./metadata.js";

/** Adds metadata to the response headers. @throws TypeError for keys that mean something else to Connect's protocols */
export function addInitialMetadata(headers: Headers, metadata: Metadata | undefined): void {
  for (const [key, value] of toHeaders(metadata, /^(content-encoding$|connect-|trailer-)/)) headers.append(key, value);
}

/**
 * What Connect ends a call with: adds the metadata to the trailers.
 *
 * @param protocol the name that Connect gives it
 * @returns the error to throw for a status other than OK
 */
export function connectEnd(end: CallStatus, trailers: Headers, protocol: string): ConnectError | undefined {
  const { status, details, metadata, retryPushback } = end;
  for (const [key, value] of toHeaders(metadata)) trailers.append(key, value);
  if (retryPushback !== undefined) {
    trailers.set("grpc-retry-pushback-ms", retryPushback === "never" ? "-1" : String(Math.ceil(retryPushback)));
  }
  if (status === Status.OK) return undefined;
  // Connect cannot encode half of a surrogate pair.
  const message = end.message?.replace(/\p{Surrogate}/gu, "\ufffd") ?? "";
  const error = new ConnectError(message, status as number);
  if (details === undefined) return error;
  if (protocol === "connect") {
    error.details = details.map(({ typeUrl, value }) => ({ type: typeNameOf(typeUrl), value }));
  } else {
    // Connect would encode only the names of the types.
    trailers.set("grpc-status-details-bin", base64Encode(encodeStatusDetails(status, message, details), "std_raw"));
  }
  return error;
}
