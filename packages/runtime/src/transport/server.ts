import type { Message } from "@bufbuild/protobuf";
import type { Metadata } from "../core/metadata.js";
import type { Method } from "../core/method.js";
import type { CallFailure, CallStatus } from "../errors/call-end.js";
import type { StreamTerminatedError } from "../errors/stream-terminated-error.js";

/**
 * The port for incoming calls: where a server transport takes the calls that it
 * receives. All records of the port are plain data.
 */
export interface CallHandler {
  /** The method at a path such as `/library.v1.LibraryService/GetBook`; `undefined` where there is none. */
  find(path: string): Route | undefined;

  /** Reports an error that no client learns of. Never throws. */
  report(error: unknown, info: ReportInfo): void;
}

/** Where an error that is reported comes from. */
export interface ReportInfo {
  /** Path of the method; `undefined` for an error of a connection. */
  readonly method?: string | undefined;
  /** Address of the client. */
  readonly peer?: string | undefined;
}

/** A method that can be called. */
export interface Route {
  readonly method: Method;

  /**
   * Starts a call. Never throws. It may call the methods of the incoming call
   * before it returns; the transport must not call those of the listener before.
   */
  handle(call: IncomingCall, head: RequestHead): RequestListener;
}

/** What comes before the requests of a call. */
export interface RequestHead {
  readonly metadata: Metadata;
  /** Milliseconds that the client gives the call, from its arrival; `undefined` for no limit. */
  readonly timeout: number | undefined;
  /** Address of the client. */
  readonly peer: string;
  /** How many attempts of this call have failed before. */
  readonly previousAttempts: number;
}

/**
 * An incoming call: it takes the response, and is asked for requests.
 *
 * The server's side may call any method at any time, from within the methods of
 * the listener too. After `finish()` or `onClientLost`, `sendHeaders()` and
 * `send()` have no effect, but `pull()` is still answered.
 */
export interface IncomingCall {
  /** Sends the response headers now; otherwise they go out with the first message or the status. */
  sendHeaders(metadata: Metadata | undefined): void;

  /**
   * Sends a response. After the `last` one `finish()` follows at once.
   *
   * @returns whether the next response may follow at once. If not, wait for `onDrain`.
   * @throws GRPCError if the message must not be sent, Error if it cannot be encoded. The call is not over then.
   */
  send(message: Message, last: boolean): boolean;

  /** Ends the call with a status, which arrives after the responses that were sent. */
  finish(status: CallStatus): void;

  /**
   * Asks for the next request. The answer is one call of `onMessage` or
   * `onMessagesEnd`, from within this method or later. Only one pull may be
   * pending. Requests that nobody pulls stay undecoded, and hold the client back.
   */
  pull(): void;
}

/** The server's side of a call. Its methods never throw, and may call those of the `IncomingCall` from within. */
export interface RequestListener {
  /** Answers a pull with a request. */
  onMessage(message: Message): void;
  /** Answers a pull: there are no more requests, because they are complete or because the call is over. */
  onMessagesEnd(): void;
  /** Responses can be sent again, after `send()` returned false. */
  onDrain(): void;
  /** The call cannot continue: answer with this status. */
  onFailure(failure: CallFailure): void;
  /** The client has cancelled the call, or its connection is gone. Nothing can be sent any more. */
  onClientLost(reason: StreamTerminatedError): void;
}
