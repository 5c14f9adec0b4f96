import type { Message } from "@bufbuild/protobuf";
import type { Compression } from "../core/compression.js";
import type { Metadata } from "../core/metadata.js";
import type { Method } from "../core/method.js";
import type { CallEnd } from "../errors/call-end.js";

/**
 * The port for outgoing calls: what stubs make their calls on. `Channel` of
 * `@grpclib-ts/runtime/node` is one.
 *
 * A transport carries messages and metadata. It knows neither deadlines nor
 * error classes: the caller's side watches the time and cancels, and turns the
 * `CallEnd` that a transport reports into an error where somebody waits for it.
 *
 * All records of the port are plain data, so a decorator may change one by
 * copying it with a spread.
 */
export interface Transport {
  /**
   * Starts a call. Any number of calls may be open at a time.
   *
   * It never throws, and calls no method of the listener before it has returned:
   * a call that cannot be started ends with `onEnd` in a later microtask or turn.
   * A transport that cannot do what the request asks for ends it with
   * `notSupported()`.
   */
  start(request: CallRequest, listener: ResponseListener): OutgoingCall;
}

/** What a call starts with. */
export interface CallRequest {
  readonly method: Method;
  /** Goes out with the request headers. */
  readonly metadata: Metadata | undefined;
  /** Milliseconds that the call may take. The transport tells the server, and need not watch the time. */
  readonly timeout: number | undefined;
  /** How the requests are to be compressed; `undefined`: as the transport likes. */
  readonly compression: Compression | undefined;
  /** Whether to wait for a connection instead of failing while there is none. */
  readonly waitForReady: boolean;
  /** How many attempts of this call the server has failed before; the server is told of them. */
  readonly previousAttempts: number;
}

/**
 * An outgoing call: it takes requests, and is asked for responses.
 *
 * The caller's side may call any method at any time, from within the methods of
 * the listener too. After `cancel()` or `onEnd`, `send()` and `end()` have no
 * effect, but `pull()` is still answered.
 */
export interface OutgoingCall {
  /** Address of the server; `undefined` until there is a connection. */
  readonly peer: string | undefined;

  /**
   * Sends a request. With `last` it ends the requests too.
   *
   * @returns whether the next request may follow at once. If not, wait for `onDrain`.
   * @throws GRPCError if the message must not be sent, Error if it cannot be encoded. The call is not over then.
   */
  send(message: Message, last: boolean): boolean;

  /** Ends the requests. */
  end(): void;

  /** Ends the call, and tells the server. Only pulls are answered after it: `onEnd` does not come. */
  cancel(): void;

  /**
   * Asks for the next response. The answer is one call of `onMessage` or
   * `onMessagesEnd`, from within this method or later. Only one pull may be
   * pending. Responses that nobody pulls stay undecoded, and hold the server back.
   */
  pull(): void;
}

/** The caller's side of a call. Its methods never throw, and may call those of the `OutgoingCall` from within. */
export interface ResponseListener {
  /** The response headers have arrived. It comes before the first message, and at most once. */
  onHeaders(metadata: Metadata): void;
  /** Answers a pull with a response. */
  onMessage(message: Message): void;
  /**
   * Answers a pull: there are no more responses.
   *
   * @param failure the actual end of the call, where `onEnd` reported OK before and a response cannot be read
   */
  onMessagesEnd(failure: CallEnd | undefined): void;
  /** Requests can be sent again, after `send()` returned false. */
  onDrain(): void;
  /** The call is over. It comes exactly once, unless the call was cancelled. Responses can still be pulled. */
  onEnd(end: CallEnd): void;
}
