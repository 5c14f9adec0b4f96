import type { Metadata } from "../core/metadata.js";
import type { Status } from "../core/status.js";
import type { DetailRegistry } from "./detail-registry.js";
import type { PackedDetail } from "./status-details.js";

/** What a server ends a call with. */
export interface CallStatus {
  readonly status: Status;
  /** The status message; `undefined` where there is none. */
  readonly message?: string | undefined;
  /** The details of an error; `undefined` where there are none. */
  readonly details?: readonly PackedDetail[] | undefined;
  /** The trailing metadata; `undefined` where there is none. */
  readonly metadata?: Metadata | undefined;
  /** What the server asks of clients that retry. */
  readonly retryPushback?: RetryPushback | undefined;
}

/**
 * Milliseconds to wait before the next attempt of a call, or `"never"`: make no
 * more attempts.
 *
 * @see https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback
 */
export type RetryPushback = number | "never";

/**
 * Why a call cannot continue, as the side that found out describes it. The peer
 * learns the status and the message; the cause stays in this process.
 */
export interface CallFailure {
  readonly status: Status;
  readonly message: string;
  readonly cause?: unknown;
}

/** How an outgoing call ended, as a transport reports it. A plain record: a copy of it loses nothing. */
export interface CallEnd extends CallStatus {
  /**
   * `"peer"`: the server sent this status. `"client"`: the transport made it up,
   * since the call failed without one. Only the former is matched against the
   * errors that a method declares.
   */
  readonly origin: "peer" | "client";
  /** The status code that came along with the details, which should be the same. */
  readonly detailsCode?: number | undefined;
  /** What came in place of details, where it cannot be decoded. */
  readonly corruptDetails?: Uint8Array | undefined;
  /** What else explains the end, for the `cause` of the caller's error. */
  readonly cause?: unknown;
  /**
   * Set where the server cannot have worked on the call: `"unsent"`: nothing of
   * it left this process. `"refused"`: the server said so. Such a call can be
   * sent again without a risk.
   */
  readonly unprocessed?: "unsent" | "refused" | undefined;
  /** The types that the details are decoded to, in place of the default ones. Set by a channel that has a registry. */
  readonly registry?: DetailRegistry | undefined;
}
