import type { Message } from "@bufbuild/protobuf";
import type { Deadline } from "../core/deadline.js";
import type { Init } from "../core/init.js";
import type { Metadata } from "../core/metadata.js";
import type { CallOptions } from "./call-options.js";

/**
 * An outgoing call that is under its caller's control, of any kind of method.
 *
 * Sending and receiving may go on at the same time; two operations of the same
 * direction must not. An operation rejects with the `GRPCError` of the call when
 * that has failed, and with a `ProtocolError` when it is out of order; the call
 * itself goes on then.
 */
export interface ClientStream<I extends Message, O extends Message> extends AsyncDisposable {
  /** When the call has to be over. */
  readonly deadline: Deadline | undefined;
  /** Address of the server, once there is a connection. */
  readonly peer: string | undefined;
  /** The metadata of the response headers, once they are there. */
  readonly initialMetadata: Metadata | undefined;
  /** The metadata of the trailers, once they are there. */
  readonly trailingMetadata: Metadata | undefined;

  /** Starts the call by sending its headers. The first `sendMessage` does so too. */
  sendRequest(): Promise<void>;

  /**
   * Sends a request, and waits while the server does not keep up. On a method
   * with a single request it also ends the requests. When the server has ended
   * the call with OK before, the request is not sent.
   */
  sendMessage(message: Init<I>): Promise<void>;

  /** Sends the end of the requests. On a method with a single request that has been done. */
  end(): Promise<void>;

  /** Waits for the response headers. */
  recvInitialMetadata(): Promise<Metadata>;

  /** The next response; `undefined` at the end. */
  recvMessage(): Promise<O | undefined>;

  /** Waits for the trailers; responses that are unread are skipped. */
  recvTrailingMetadata(): Promise<Metadata>;

  /** Resets the call. Responses that are unread can still be read; what comes after them rejects with CANCELLED. */
  cancel(): Promise<void>;

  /** The responses that are unread. Leaving the iteration early cancels the call. */
  [Symbol.asyncIterator](): AsyncIterator<O>;
}

/**
 * Opens a call for step by step control.
 *
 * With a function, which gets the stream, it resolves to what that returns.
 * When the function is left, a call that is not finished is cancelled, and a
 * call that has failed rejects with its `GRPCError`: the counterpart of
 * Python's `async with`. Without a function it returns the stream, for
 * `await using`.
 */
export interface Open<I extends Message, O extends Message> {
  <T>(body: (stream: ClientStream<I, O>) => Promise<T>, options?: CallOptions): Promise<T>;
  (options?: CallOptions): ClientStream<I, O>;
}
