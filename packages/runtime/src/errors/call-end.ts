import type { Metadata } from "../core/metadata.js";
import type { Status } from "../core/status.js";
import type { DetailRegistry } from "./detail-registry.js";
import type { PackedDetail } from "./status-details.js";

/** The status and the trailers that a server ends a call with. */
export interface CallStatus {
  /** The status that the call ends with. */
  readonly status: Status;
  /** The status message; `undefined` if there is none. */
  readonly message?: string | undefined;
  /** The details of an error; `undefined` if there are none. */
  readonly details?: readonly PackedDetail[] | undefined;
  /** The trailing metadata; `undefined` if there is none. */
  readonly metadata?: Metadata | undefined;
  /** When clients that retry may make the next attempt; `undefined` if the server does not say. */
  readonly retryPushback?: RetryPushback | undefined;
}

/**
 * Milliseconds to wait before the next attempt of a call, or `"never"` to make
 * no more attempts.
 *
 * @see https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback
 */
export type RetryPushback = number | "never";

/**
 * Why a call cannot continue, as detected on this side. The peer receives the
 * status and the message; the cause stays in this process.
 */
export interface CallFailure {
  /** Any status but OK. */
  readonly status: Status;
  /** The status message. */
  readonly message: string;
  /** The underlying error, if any. */
  readonly cause?: unknown;
}

/** How an outgoing call ended, as a transport reports it. A plain record: copy it with a spread. */
export interface CallEnd extends CallStatus {
  /**
   * `"peer"`: the server sent this status. `"client"`: the call failed without a
   * status from the server, and the transport chose this one. Only a status of
   * the peer can match an error that the method declares.
   */
  readonly origin: "peer" | "client";
  /** The status code inside `grpc-status-details-bin`. It should equal `status`. */
  readonly detailsCode?: number | undefined;
  /** The bytes of `grpc-status-details-bin` if they cannot be decoded. */
  readonly corruptDetails?: Uint8Array | undefined;
  /** The underlying error, if any. It becomes the `cause` of the caller's error. */
  readonly cause?: unknown;
  /** The error that the caller catches, instead of one that is made of this record. Set by interceptors. */
  readonly error?: unknown;
  /**
   * Set if the server cannot have processed the call and another attempt makes
   * sense. `"unsent"`: no part of the call left this process. `"refused"`: the
   * server reported that it did not process the call.
   */
  readonly unprocessed?: "unsent" | "refused" | undefined;
  /** The errors of earlier attempts of the call, in order. Set by interceptors that retry; `undefined` if there are none. */
  readonly attempts?: readonly Error[] | undefined;
  /** The types to decode the details to, instead of the default ones. Set by a channel that has a registry. */
  readonly registry?: DetailRegistry | undefined;
}
