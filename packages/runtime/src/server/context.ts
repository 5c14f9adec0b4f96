import type { Deadline } from "../core/deadline.js";
import type { Metadata, MetadataInit } from "../core/metadata.js";
import type { Status } from "../core/status.js";
import type { RetryPushback } from "../errors/call-end.js";
import type { Detail } from "../errors/detail.js";

/** What a handler knows of its call, and what it can do besides returning messages. */
export interface ServerContext {
  /** Path of the method, e.g. `/library.v1.LibraryService/GetBook`. */
  readonly method: string;
  /** The metadata that came with the request headers. */
  readonly metadata: Metadata;
  /** When the caller stops waiting; `undefined` where it has set no limit. */
  readonly deadline: Deadline | undefined;
  /** Address of the client. */
  readonly peer: string;
  /**
   * Aborts when the call is cancelled: the deadline passed, the client reset the
   * stream, or the connection was lost. `signal.reason` says which: a
   * `GRPCError` (DEADLINE_EXCEEDED) or a `StreamTerminatedError`. It also aborts
   * when the server shuts down or the requests cannot be read on, with the
   * `GRPCError` that the client gets. It does not abort when the call ends
   * normally.
   */
  readonly signal: AbortSignal;

  /** How many attempts of this call have failed before, as a client says that retries by itself. */
  readonly previousAttempts: number;

  /** Metadata to send with the trailers, whatever the outcome. */
  readonly trailingMetadata: Metadata;

  /**
   * Asks clients that retry to wait for so many milliseconds before the next
   * attempt of this call, or with `"never"` not to make one. It goes out with the
   * trailers.
   *
   * @throws TypeError for anything else
   * @see https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback
   */
  setRetryPushback(pushback: RetryPushback): void;

  /**
   * Sends the response headers now, with metadata. Without it they go out with
   * the first message, and have none.
   *
   * @throws ProtocolError if the headers have been sent
   */
  sendInitialMetadata(metadata: MetadataInit): void;

  /**
   * Ends the call with a status, as throwing a `GRPCError` does, but without an
   * error: return what this returns.
   *
   * @throws ProtocolError if the call has been ended, or with status OK on a
   *   method with a single response, which has to return its message
   */
  sendTrailingMetadata(trailers: Trailers): TrailersSent;
}

/** What {@link ServerContext.sendTrailingMetadata} ends a call with. */
export interface Trailers {
  readonly status: Status;
  readonly message?: string | undefined;
  readonly details?: readonly Detail[] | undefined;
  /** Sent besides `context.trailingMetadata`. */
  readonly metadata?: MetadataInit | undefined;
}

/** Says that the call has been ended by {@link ServerContext.sendTrailingMetadata}. */
export interface TrailersSent {
  readonly [trailersSent]: true;
}

/** The only {@link TrailersSent} there is. */
export const TRAILERS_SENT: TrailersSent = Object.freeze({ [Symbol()]: true }) as unknown as TrailersSent;

declare const trailersSent: unique symbol;
