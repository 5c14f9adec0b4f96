import type { Message } from "@bufbuild/protobuf";
import type { CallStatus } from "../core/call-end.js";
import type { Metadata } from "../core/metadata.js";
import type { Method } from "../core/method.js";
import type { Status } from "../core/status.js";

/** Where a server transport takes the calls that it receives. */
export interface CallHandler {
  /** The method at the path of a request; `undefined` where there is none. */
  find(path: string): Route | undefined;

  /** Takes an error that belongs to no call, such as one of a connection. */
  report(error: unknown, info: { readonly peer?: string | undefined }): void;
}

/** A method that can be called. */
export interface Route {
  readonly method: Method;

  /** Runs a call. Never throws. It may use the stream before it returns. */
  handle(stream: IncomingCall, head: RequestHead): RequestListener;
}

/** What comes before the messages of a call. */
export interface RequestHead {
  /** Their metadata is parsed when somebody asks for it. */
  readonly headers: { readonly metadata: Metadata };
  /** Milliseconds that the caller gives the call, from its arrival. */
  readonly timeout: number | undefined;
  /** Address of the client. */
  readonly peer: string;
}

/** What can be done with an incoming call: answer it, and ask for its requests. */
export interface IncomingCall {
  /** Sends the response headers now; otherwise they go out with the first message or the status. */
  sendHeaders(metadata: Metadata | undefined): void;

  /**
   * Sends a message. After the `last` one nothing follows but `finish`, at once.
   *
   * @returns false when the peer does not keep up: wait for `onDrain` before the next one
   * @throws GRPCError if the message must not be sent, Error if it cannot be encoded
   */
  send(message: Message, last: boolean): boolean;

  /** Ends the call. Messages that were sent before arrive before it. */
  finish(end: CallStatus): void;

  /**
   * Asks for the next request. The listener gets one answer, `onMessage` or
   * `onRequestsEnd`, from within or later; this must not be called before it has.
   * Requests that nobody asks for are not decoded, and hold the client back.
   */
  pull(): void;
}

/** Why a call cannot continue. */
export interface CallFailure {
  readonly status: Status;
  readonly message: string;
  /** What explains it to the operator of the server. It is reported, and not sent. */
  readonly cause?: unknown;
}

/** Takes what arrives on an incoming call. */
export interface RequestListener {
  /** Answers `pull()`. */
  onMessage(message: Message): void;
  /** Answers `pull()`: there are no more requests, since they are complete, or since the call is over. */
  onRequestsEnd(): void;
  /** `send` may go on. */
  onDrain(): void;
  /** The call cannot continue: answer with this status. */
  onFailure(failure: CallFailure): void;
  /**
   * The client is gone. Nothing can be sent any more.
   *
   * @param code the HTTP/2 error code of its reset; `undefined` where the connection was lost
   */
  onTerminated(code: number | undefined, message: string): void;
}
