import type { Message } from "@bufbuild/protobuf";
import type { Compression } from "../core/compression.js";
import type { ContextValues } from "../core/context-values.js";
import type { Metadata } from "../core/metadata.js";
import type { Method } from "../core/method.js";
import type { CallFailure, CallStatus } from "../errors/call-end.js";
import type { StreamTerminatedError } from "../errors/stream-terminated-error.js";

/**
 * The port for incoming calls: a server transport passes the calls that it
 * receives to a `CallHandler`. All records of the port are plain data.
 */
export interface CallHandler {
  /** The method at a path such as `/library.v1.LibraryService/GetBook`; `undefined` if there is none. */
  find(path: string): Route | undefined;

  /**
   * The route of a method that `find()` does not find, so that interceptors see its
   * calls. Start them with the `refusal` UNIMPLEMENTED. If there is none, the
   * transport refuses the calls itself.
   */
  routeOfUnknown?(path: string): Route | undefined;

  /** Reports an error that does not reach a client. Never throws. */
  report(error: unknown, info: ReportInfo): void;
}

/** Where a reported error comes from. */
export interface ReportInfo {
  /** Path of the method; `undefined` for an error of a connection. */
  readonly method?: string | undefined;
  /** Address of the client. */
  readonly peer?: string | undefined;
}

/** A method that can be called. */
export interface Route {
  /** The method that calls of this route run. */
  readonly method: Method;

  /**
   * Starts a call. Never throws. It may call the methods of the incoming call before
   * it returns. The transport calls the listener only after that, also for a `pull()`
   * that it could answer at once.
   */
  handle(call: IncomingCall, head: RequestHead): RequestListener;
}

/** What a transport knows of a call before the first request. */
export interface RequestHead {
  /** The metadata of the request headers. */
  readonly metadata: Metadata;
  /** Milliseconds that the client allows for the call, counted from its arrival; `undefined` for no limit. */
  readonly timeout: number | undefined;
  /** Address of the client. */
  readonly peer: string;
  /** The verified certificate of the client, if it has one and the transport uses mutual TLS. */
  readonly auth?: ClientCertificate | undefined;
  /** The first values of the call, which are its own: interceptors and handlers may change them. Default: none. */
  readonly values?: ContextValues | undefined;
  /** How many earlier attempts of this call have failed. */
  readonly previousAttempts: number;
  /** Why the call is refused, if the transport refuses it. The handler does not run then, but interceptors do. */
  readonly refusal?: CallStatus | undefined;
}

/** The certificate of a client, verified by mutual TLS. */
export interface ClientCertificate {
  /** Whom the certificate was issued to. A name with several values has a list. Example: `{ CN: "billing", O: "Books" }`. */
  readonly subject: Readonly<Record<string, string | readonly string[]>>;
  /** The authority that issued the certificate. */
  readonly issuer: Readonly<Record<string, string | readonly string[]>>;
  /** The other names of the subject with their types. Example: `["DNS:billing.example", "URI:spiffe://books/billing"]`. */
  readonly subjectAltNames: readonly string[];
  /** The SHA-256 fingerprint: bytes in hexadecimal, separated by colons. */
  readonly fingerprint256: string;
  /** The number that its issuer has given it, in hexadecimal. */
  readonly serialNumber: string;
  /** When the certificate expires. */
  readonly validTo: Date;
  /** The whole certificate, in DER form. */
  readonly raw: Uint8Array;
}

/**
 * An incoming call: sends responses, and delivers requests on demand.
 *
 * The server's side may call any method at any time, also from within the methods
 * of the listener. After `finish()` or `onClientLost`, `sendHeaders()` and
 * `send()` have no effect, but `pull()` is still answered.
 */
export interface IncomingCall {
  /** How the next responses are compressed. */
  readonly compression: Compression;

  /**
   * Compresses the next responses like this, or not at all if the client or the
   * transport does not support it.
   *
   * @returns false, and nothing changes, if the headers have been sent and do not declare it
   */
  useCompression(compression: Compression): boolean;

  /**
   * Sends the response headers now. Otherwise they are sent with the first message or the status.
   *
   * @throws GRPCError if the metadata is larger than the client accepts; then nothing has been sent
   */
  sendHeaders(metadata: Metadata | undefined): void;

  /**
   * Sends a response. The `last` one is followed by `finish()` at once.
   *
   * @returns whether the next response may follow at once. If not, wait for `onDrain`.
   * @throws GRPCError if the message must not be sent, for example because it is too
   *   large; Error if it cannot be encoded. The call is not over then.
   */
  send(message: Message, last: boolean): boolean;

  /** Ends the call with a status, which the client receives after all responses. */
  finish(status: CallStatus): void;

  /**
   * Asks for the next request. The transport answers with one call of `onMessage`
   * or `onMessagesEnd`, from within this method or later. Only one pull may be
   * pending. Requests that are not pulled stay undecoded, and put backpressure on
   * the client.
   */
  pull(): void;
}

/** The server's side of a call. Its methods never throw, and may call those of the `IncomingCall`. */
export interface RequestListener {
  /** Answers a pull with a request. Call `markCompressed()` with it first if it was compressed. */
  onMessage(message: Message): void;
  /** Answers a pull: there are no more requests, because they are complete or because the call is over. */
  onMessagesEnd(): void;
  /** Responses can be sent again, after `send()` returned false. */
  onDrain(): void;
  /** The call cannot continue. The server's side ends it with this status. Ignored after `finish()`. */
  onFailure(failure: CallFailure): void;
  /**
   * The client cancelled the call, or its connection was lost. Nothing can be sent any
   * more. May follow `finish()`, if the client has not received everything. The listener
   * may call `finish()` during this call: nothing is sent, but the call counts with that
   * status instead of CANCELLED.
   */
  onClientLost(reason: StreamTerminatedError): void;
}
