import type { OptionNames } from "../core/check-options.js";
import type { Compression } from "../core/compression.js";
import type { ContextValues } from "../core/context-values.js";
import type { Deadline } from "../core/deadline.js";
import type { Metadata, MetadataInit } from "../core/metadata.js";
import type { RetryOption } from "./retry-policy.js";

/** Options of a single call. */
export interface CallOptions {
  /** How long the call may take, in milliseconds, counted from the call of the stub method or of `open()`. Default: no limit. */
  readonly timeout?: number | undefined;
  /** When the call must be over. If `timeout` is set too, the earlier one applies. Default: no limit. */
  readonly deadline?: Date | Deadline | undefined;
  /**
   * Cancels the call when it aborts: the call rejects with CANCELLED, and `cause` is `signal.reason`.
   *
   * For a time limit, set `timeout` instead of composing the signal with
   * `AbortSignal.timeout()`: on Node 20, such a signal may never abort.
   */
  readonly signal?: AbortSignal | undefined;
  /** How the requests are compressed. Default: the `compression` of the channel. */
  readonly compression?: Compression | undefined;
  /** Metadata to send with the request headers. */
  readonly metadata?: MetadataInit | undefined;
  /**
   * The call that this one is part of, for example the context of a handler. This
   * call inherits its deadline and its cancellation. `null` for none. Default: the
   * incoming call that the current code runs in, if its server has the option
   * `propagation`, otherwise none.
   */
  readonly parent?: ParentCall | null | undefined;
  /**
   * Wait for a connection instead of failing with UNAVAILABLE while the server
   * cannot be reached. Default: false.
   */
  readonly waitForReady?: boolean | undefined;
  /**
   * Whether and when the call is sent again if it fails. Calls of a channel with the
   * same policy object share its limits, so create the object once. Default: the
   * `retry` of the channel.
   */
  readonly retry?: RetryOption | undefined;
  /** Values for the interceptors of this call. They are not sent. Default: none. */
  readonly values?: ContextValues | undefined;
  /** Called with the metadata of the response headers, at most once. If it throws, the call rejects with that error. */
  readonly onHeaders?: ((metadata: Metadata) => void) | undefined;
  /** Called with the metadata of the trailers, at most once. If it throws, the call rejects with that error. */
  readonly onTrailers?: ((metadata: Metadata) => void) | undefined;
}

export const callOptionNames: OptionNames<CallOptions> = {
  timeout: true,
  deadline: true,
  signal: true,
  compression: true,
  metadata: true,
  parent: true,
  waitForReady: true,
  retry: true,
  values: true,
  onHeaders: true,
  onTrailers: true,
};

/** What an outgoing call inherits from the call that it is part of. A `ServerContext` is a `ParentCall`. */
export interface ParentCall {
  /** When the outgoing call must be over at the latest; `undefined` for no limit. */
  readonly deadline: Deadline | undefined;
  /** Cancels the outgoing call when it aborts. */
  readonly signal: AbortSignal;
}
