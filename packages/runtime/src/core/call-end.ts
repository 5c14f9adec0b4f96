import type { Metadata } from "./metadata.js";
import type { Status } from "./status.js";

/** What a server ends a call with. */
export interface CallStatus {
  readonly status: Status;
  /** The status message; `undefined` where there is none. */
  readonly message?: string | undefined;
  /** The encoded `google.rpc.Status` with the details. */
  readonly details?: Uint8Array | undefined;
  /** The trailing metadata. */
  readonly metadata?: Metadata | undefined;
}

/** How an outgoing call ended, as a transport reports it. */
export interface CallEnd extends CallStatus {
  /** `"peer"`: the server sent this status. `"client"`: the transport had to find one. */
  readonly origin: "peer" | "client";
  /** What came as details, where it is no base64. */
  readonly corruptDetails?: Uint8Array | undefined;
  /** The HTTP/2 error code with which the stream was reset. */
  readonly resetCode?: number | undefined;
  /** What else explains it: an error of the connection, of the codec. */
  readonly cause?: unknown;
}
