import type { Compression } from "../core/compression.js";
import type { Deadline } from "../core/deadline.js";
import type { Metadata, MetadataInit } from "../core/metadata.js";

/** Options of a single call. */
export interface CallOptions {
  /** How long the call may take, in milliseconds, from its start. Default: no limit. */
  readonly timeout?: number | undefined;
  /** When the call has to be over. With `timeout` too, the earlier one counts. */
  readonly deadline?: Date | Deadline | undefined;
  /** Cancels the call: it rejects with CANCELLED, and `cause` is `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** How the requests are compressed. Default: that of the channel. */
  readonly compression?: Compression | undefined;
  /** Metadata to send with the request headers. */
  readonly metadata?: MetadataInit | undefined;
  /** The call that this one is part of: its remaining deadline and its cancellation are passed on. */
  readonly parent?: ParentCall | undefined;
  /**
   * Wait for a connection instead of failing with UNAVAILABLE while the server
   * cannot be reached. Default: false.
   */
  readonly waitForReady?: boolean | undefined;
  /** Called with the response headers' metadata, at most once. What it throws rejects the call. */
  readonly onHeaders?: ((metadata: Metadata) => void) | undefined;
  /** Called with the trailers' metadata, at most once. What it throws rejects the call. */
  readonly onTrailers?: ((metadata: Metadata) => void) | undefined;
}

/** What an outgoing call takes over from the call that it is part of. A ServerContext is one. */
export interface ParentCall {
  readonly deadline: Deadline | undefined;
  readonly signal: AbortSignal;
}
