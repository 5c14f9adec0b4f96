import type { Message } from "@bufbuild/protobuf";
import type { OptionNames } from "../core/check-options.js";
import type { Deadline } from "../core/deadline.js";
import type { Init } from "../core/init.js";
import type { Metadata } from "../core/metadata.js";
import type { CallOptions } from "./call-options.js";

/**
 * An outgoing call that the caller controls step by step, for any kind of method.
 *
 * Sending and receiving may run at the same time; two operations in the same
 * direction must not. An operation rejects with the `GRPCError` of the call if the
 * call has failed, and with a `ProtocolError` if the operation is out of order. A
 * `ProtocolError` does not end the call.
 *
 * When the caller leaves the call (the function passed to `open()` has returned,
 * the scope of `await using` has ended, or `cancel()` is called), the pending
 * operations end without an error.
 */
export interface ClientStream<I extends Message, O extends Message> extends AsyncDisposable {
  /** When the call must be over; `undefined` if there is no limit but that of the channel. */
  readonly deadline: Deadline | undefined;
  /** Address of the server, once there is a connection. */
  readonly peer: string | undefined;
  /** The metadata of the response headers, once they have arrived. */
  readonly initialMetadata: Metadata | undefined;
  /** The metadata of the trailers, once they have arrived. */
  readonly trailingMetadata: Metadata | undefined;

  /** Starts the call by sending its headers. The first `sendMessage` also does this. */
  sendRequest(): Promise<void>;

  /**
   * Sends a request, and waits if the server does not keep up. For a method with a
   * single request it also ends the requests. If the server has already ended the
   * call with OK, the request is not sent, and the promise resolves.
   */
  sendMessage(message: Init<I>, options?: SendOptions): Promise<void>;

  /** Ends the requests. Has no effect on a method with a single request, since `sendMessage` has ended them. */
  end(): Promise<void>;

  /** Waits for the response headers. */
  recvInitialMetadata(): Promise<Metadata>;

  /** Waits for the next response; resolves to `undefined` at the end. */
  recvMessage(): Promise<O | undefined>;

  /** Skips all unread responses, and waits for the trailers. */
  recvTrailingMetadata(): Promise<Metadata>;

  /** Cancels the call. Unread responses can still be read; reading past them rejects with CANCELLED. */
  cancel(): Promise<void>;

  /** Iterates over the unread responses. Leaving the iteration early cancels the call. */
  [Symbol.asyncIterator](): AsyncIterator<O>;
}

/** Options of a single request. */
export interface SendOptions {
  /** Whether to compress the request, if the call has a `compression` other than `"identity"`. Default: true. */
  readonly compress?: boolean | undefined;
}

export const sendOptionNames: OptionNames<SendOptions> = { compress: true };

/**
 * Opens a call for step-by-step control.
 *
 * With a function, `open` calls it with the stream, and resolves to its result.
 * When the function has returned or thrown, a call still in flight is cancelled.
 * If the call has failed, `open` rejects with its `GRPCError`. This corresponds to
 * Python's `async with`. Without a function, `open` returns the stream, for
 * `await using`.
 */
export interface Open<I extends Message, O extends Message> {
  <T>(body: (stream: ClientStream<I, O>) => Promise<T>, options?: CallOptions): Promise<T>;
  (options?: CallOptions): ClientStream<I, O>;
}
