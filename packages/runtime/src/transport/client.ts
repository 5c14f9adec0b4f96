import type { Message } from "@bufbuild/protobuf";
import type { CallEnd } from "../core/call-end.js";
import type { Compression } from "../core/compression.js";
import type { DetailRegistry } from "../core/detail-registry.js";
import type { Metadata } from "../core/metadata.js";
import type { Method } from "../core/method.js";

/**
 * What stubs make their calls on. `Channel` of `@grpclib-ts/runtime/node` is one.
 *
 * It speaks messages and metadata. It reports what goes wrong as a plain
 * `CallEnd`, which becomes an error only where the caller waits for it.
 */
export interface Transport {
  /** The types that error details are decoded to, in place of the default ones. */
  readonly registry: DetailRegistry | undefined;

  /** Starts a call. Never throws: a call that cannot be started ends with `onEnd`. */
  start(request: CallRequest, listener: ResponseListener): OutgoingCall;
}

/** What goes out with the request headers. */
export interface CallRequest {
  readonly method: Method;
  readonly metadata: Metadata | undefined;
  /** Milliseconds that the call may take, for the peer's information: the caller watches the time. */
  readonly timeout: number | undefined;
  /** How the requests are compressed, if the call says so. */
  readonly compression: Compression | undefined;
  /** Wait for a connection instead of failing while there is none. */
  readonly waitForReady: boolean;
}

/** An outgoing call: takes requests, and is asked for responses. */
export interface OutgoingCall {
  /** Address of the server, once there is a connection. */
  readonly peer: string | undefined;

  /**
   * Sends a message, with `last` also the end of the requests.
   *
   * @returns false when the peer does not keep up: wait for `onDrain` before the next one
   * @throws GRPCError if the message must not be sent, Error if it cannot be encoded
   */
  send(message: Message, last: boolean): boolean;

  /** Sends the end of the requests. */
  end(): void;

  /** Resets the call. Of the listener only pulls are answered any more. */
  cancel(): void;

  /**
   * Asks for the next response. The listener gets one answer, `onMessage` or
   * `onMessagesEnd`, from within or later; this must not be called before it has.
   * Responses that arrived can still be asked for when the call is over.
   * Those that nobody asks for are not decoded, and hold the server back.
   */
  pull(): void;
}

/** Takes what arrives. */
export interface ResponseListener {
  onHeaders(headers: { readonly metadata: Metadata }): void;
  /** Answers `pull()`. */
  onMessage(message: Message): void;
  /**
   * Answers `pull()`: there are no more responses.
   *
   * @param failure the outcome after all, where `onEnd` has said OK and a response cannot be read
   */
  onMessagesEnd(failure: CallEnd | undefined): void;
  /** `send` may go on. */
  onDrain(): void;
  /** The outcome is known. It comes once, unless the call was cancelled. Responses may still be there for `pull()`. */
  onEnd(end: CallEnd): void;
}
