import { Deadline } from "../core/deadline.js";
import { Metadata, type MetadataInit } from "../core/metadata.js";
import type { Method } from "../core/method.js";
import { ProtocolError } from "../core/protocol-error.js";
import { isStatus, Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import type { IncomingCall, RequestHead } from "../transport/server.js";
import { type ServerContext, TRAILERS_SENT, type Trailers, type TrailersSent } from "./context.js";

/** How far the response has come. */
export type ResponseState = "idle" | "headers sent" | "ended";

/** The handler's view of a call. Most of it is made when the handler asks for it. */
export class CallContext implements ServerContext {
  readonly method: string;
  readonly peer: string;
  readonly deadline: Deadline | undefined;
  responseState: ResponseState = "idle";
  readonly #singleResponse: boolean;
  readonly #stream: IncomingCall;
  readonly #headers: { readonly metadata: Metadata };
  readonly #end: (trailers: Trailers) => void;
  #trailingMetadata: Metadata | undefined;
  #abortion: AbortController | undefined;
  #cancelledBy: Error | undefined;

  constructor(
    method: Method,
    stream: IncomingCall,
    { headers, peer, timeout }: RequestHead,
    end: (trailers: Trailers) => void,
  ) {
    this.method = method.path;
    this.#singleResponse = method.singleResponse;
    this.peer = peer;
    this.deadline = timeout === undefined ? undefined : Deadline.after(timeout);
    this.#stream = stream;
    this.#headers = headers;
    this.#end = end;
  }

  get metadata(): Metadata {
    return this.#headers.metadata;
  }

  get trailingMetadata(): Metadata {
    this.#trailingMetadata ??= new Metadata();
    return this.#trailingMetadata;
  }

  /** The trailing metadata, if the handler has asked for it. */
  get trailingMetadataIfAny(): Metadata | undefined {
    return this.#trailingMetadata;
  }

  get signal(): AbortSignal {
    if (this.#abortion === undefined) {
      this.#abortion = new AbortController();
      if (this.#cancelledBy !== undefined) this.#abortion.abort(this.#cancelledBy);
    }
    return this.#abortion.signal;
  }

  /** Why the call was cancelled. */
  get cancelledBy(): Error | undefined {
    return this.#cancelledBy;
  }

  /** Aborts the signal; the first reason wins. */
  cancel(reason: Error): void {
    if (this.#cancelledBy !== undefined) return;
    this.#cancelledBy = reason;
    this.#abortion?.abort(reason);
  }

  sendInitialMetadata(metadata: MetadataInit): void {
    if (this.#cancelledBy !== undefined) return;
    if (this.responseState !== "idle") {
      throw new ProtocolError(
        "The response headers have been sent: call sendInitialMetadata() once, before the first message",
      );
    }
    this.#stream.sendHeaders(new Metadata(metadata));
    this.responseState = "headers sent";
  }

  sendTrailingMetadata(trailers: Trailers): TrailersSent {
    if (this.#cancelledBy !== undefined) return TRAILERS_SENT;
    if (this.responseState === "ended") {
      throw new ProtocolError("The call has been ended: call sendTrailingMetadata() once, as the last step");
    }
    // Read once: what its getters throw is an error of the handler.
    const { status, message, details, metadata } = trailers;
    if (!isStatus(status)) {
      throw new TypeError(`sendTrailingMetadata() needs a Status, got ${textOf(status)}`);
    }
    if (status === Status.OK && this.#singleResponse) {
      throw new ProtocolError(
        `${this.method} has a single response: return the message, and set context.trailingMetadata for trailers`,
      );
    }
    this.#end({ status, message, details, metadata });
    return TRAILERS_SENT;
  }
}
