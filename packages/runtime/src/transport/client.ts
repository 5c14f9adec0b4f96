import type { Message } from "@bufbuild/protobuf";
import type { Compression } from "../core/compression.js";
import type { ContextValues } from "../core/context-values.js";
import type { Metadata } from "../core/metadata.js";
import type { Method } from "../core/method.js";
import type { CallEnd } from "../errors/call-end.js";

/**
 * The port for outgoing calls: stubs start their calls on a transport. `Channel`
 * of `@grpclib-ts/runtime/node` is one.
 *
 * A transport carries messages and metadata. It does not enforce deadlines, and
 * does not create errors: the caller's side watches the time and cancels, and
 * turns the `CallEnd` that a transport reports into an error.
 *
 * All records of the port are plain data, so a decorator may change one by
 * copying it with a spread.
 */
export interface Transport {
  /**
   * Starts a call. Any number of calls may be in flight at a time.
   *
   * It throws nothing but a TypeError if `retry` of the request is invalid, and does
   * not call the listener before it returns: a call that cannot be started ends with
   * `onEnd` in a later microtask or turn of the event loop. If the transport lacks a feature that the request asks for, it ends the
   * call with the result of `notSupported()`.
   */
  start(request: CallRequest, listener: ResponseListener): OutgoingCall;
}

/** The parameters of an outgoing call. */
export interface CallRequest {
  /** The method to call. */
  readonly method: Method;
  /** Sent with the request headers. */
  readonly metadata: Metadata | undefined;
  /** Milliseconds that the call may take; `undefined` for no limit. The transport sends it, but need not enforce it. */
  readonly timeout: number | undefined;
  /** How to compress the requests; `undefined` leaves it to the transport. */
  readonly compression: Compression | undefined;
  /** Whether to wait for a connection instead of failing if there is none. */
  readonly waitForReady: boolean;
  /**
   * Whether and when the call is sent again: the call option `retry`. A transport that
   * sends calls again by itself should not if this is false. Default: as the transport does.
   */
  readonly retry?: boolean | string | object | undefined;
  /** How many earlier attempts of this call have failed. The transport sends this number to the server. */
  readonly previousAttempts: number;
  /** The values that the caller and interceptors have attached to the call. They are not sent. */
  readonly values?: ContextValues | undefined;
  /**
   * The call that this is an attempt of, if `retry()` repeats it. A channel then leaves
   * errors that their method declares as retryable to it, and a hedged call
   * altogether, so that attempts do not multiply. Default: none.
   */
  readonly retried?: RetriedRequest | undefined;
}

/** A call that `retry()` repeats, as its attempts see it. */
export interface RetriedRequest {
  /** Whether the attempts may overlap. */
  readonly hedged: boolean;
  /** What the attempts share: a transport adds to the count when it sends the call again because its stream was refused. */
  readonly refusals: {
    /** How often that has happened. Once is allowed for all attempts together. */
    count: number;
  };
}

/**
 * An outgoing call: sends requests, and delivers responses on demand.
 *
 * The caller's side may call any method at any time, also from within the methods
 * of the listener. After `cancel()` or `onEnd`, `send()` and `end()` have no
 * effect, but `pull()` is still answered.
 */
export interface OutgoingCall {
  /** Address of the server; `undefined` until there is a connection. */
  readonly peer: string | undefined;

  /**
   * Tells why the call has not been sent yet; `undefined` if it has. The caller's
   * error says so if the deadline passes meanwhile. Optional.
   */
  whyPending?(): PendingReason | undefined;

  /**
   * The errors of the attempts that have failed before the present one, in order. The
   * caller's error has them if the deadline passes or the caller cancels meanwhile.
   * Optional, and only for decorators that make several attempts.
   */
  readonly attempts?: readonly Error[] | undefined;

  /**
   * Sends a request. The `last` one also ends the requests.
   *
   * @param compress `false` to send this request uncompressed, although the call has a compression
   * @returns whether the next request may follow at once. If not, wait for `onDrain`.
   * @throws GRPCError if the message must not be sent, for example because it is too
   *   large; Error if it cannot be encoded. The call is not over then.
   */
  send(message: Message, last: boolean, compress?: boolean): boolean;

  /** Ends the requests: the call is half-closed. */
  end(): void;

  /**
   * Cancels the call, and notifies the server. The transport then only answers
   * pulls, and does not call `onEnd`.
   *
   * @param end the outcome that the caller sees, for decorators: for example, its deadline has passed
   */
  cancel(end?: CallEnd): void;

  /**
   * Asks for the next response. The transport answers with one call of `onMessage`
   * or `onMessagesEnd`, from within this method or later. Only one pull may be
   * pending. Responses that are not pulled stay undecoded, and put backpressure on
   * the server.
   */
  pull(): void;
}

/** Why a call has not been sent yet. */
export interface PendingReason {
  /** What the transport is doing, as in "Deadline exceeded while connecting to 127.0.0.1:80". */
  readonly activity: string;
  /** The last error, if any. It becomes the `cause` of the caller's error. */
  readonly cause?: unknown;
}

/** The caller's side of a call. Its methods never throw, and may call those of the `OutgoingCall`. */
export interface ResponseListener {
  /** The response headers have arrived. Called at most once, before the first message. */
  onHeaders(metadata: Metadata): void;
  /** Answers a pull with a response. Call `markCompressed()` with it first if it was compressed. */
  onMessage(message: Message): void;
  /**
   * Answers a pull: there are no more responses.
   *
   * @param failure why a response cannot be read. It replaces the end of the call if
   *   `onEnd` has reported OK, and is ignored otherwise.
   */
  onMessagesEnd(failure: CallEnd | undefined): void;
  /** Requests can be sent again, after `send()` returned false. */
  onDrain(): void;
  /**
   * The call is over. Called exactly once, unless the call was cancelled. Responses
   * can still be pulled. OK is reported only after the response to a pending pull,
   * if there is one.
   */
  onEnd(end: CallEnd): void;
}
