import type { DescMethod } from "@bufbuild/protobuf";
import { type Compression, checkCompression } from "../core/compression.js";
import { ContextValues } from "../core/context-values.js";
import { Deadline } from "../core/deadline.js";
import type { Metadata, MetadataInit } from "../core/metadata.js";
import type { Method } from "../core/method.js";
import { isStatus, Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import type { RetryPushback } from "../errors/call-end.js";
import { GRPCError } from "../errors/error.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { ClientCertificate, RequestHead } from "../transport/server.js";
import { type ServerContext, TRAILERS_SENT, type Trailers, type TrailersSent } from "./context.js";
import type { InterceptedMethod } from "./interceptor.js";
import { checkedAnswer, reportAnswer } from "./outcome.js";
import type { ResponseHalf } from "./response-half.js";
import type { ServedMethod } from "./served-method.js";

/** What a {@link CallContext} reads from and acts on. */
export interface CallContextParts {
  readonly method: ServedMethod;
  readonly head: RequestHead;
  readonly response: ResponseHalf;
  readonly call: EndableCall;
}

/** The call behind a context. */
export interface EndableCall {
  /** Ends the call with the trailers that the handler sends. */
  end(trailers: Trailers): void;
  /** Ends the call instead of the handler, whose signal aborts with a reason. */
  refuse(trailers: Trailers, reason: Error): void;
  /** Calls `onError` of the server. */
  report(error: unknown): void;
}

/** The handler's view of a call. It has no state of its own but the values of the call. */
export class CallContext implements ServerContext {
  readonly metadata: Metadata;
  readonly deadline: Deadline | undefined;
  readonly peer: string;
  readonly auth: ClientCertificate | undefined;
  readonly previousAttempts: number;
  readonly #method: ServedMethod;
  readonly #response: ResponseHalf;
  readonly #call: EndableCall;
  #values: ContextValues | undefined;

  constructor({ method, head, response, call }: CallContextParts) {
    this.metadata = head.metadata;
    this.deadline = head.timeout === undefined ? undefined : Deadline.after(head.timeout);
    this.peer = head.peer;
    this.auth = head.auth;
    this.previousAttempts = head.previousAttempts;
    this.#values = head.values;
    this.#method = method;
    this.#response = response;
    this.#call = call;
  }

  get method(): Method {
    // A handler runs only if a service has the method.
    return this.#method.described as Method;
  }

  /** The method as interceptors see it. */
  get describedMethod(): InterceptedMethod {
    return this.#method.described;
  }

  /** The schemas of the messages, also of a method that no service has. */
  get schemas(): Pick<DescMethod, "input" | "output"> {
    return this.#method.desc;
  }

  /** For interceptors only: a handler throws its errors. */
  report(error: unknown): void {
    this.#call.report(error);
  }

  get values(): ContextValues {
    this.#values ??= new ContextValues();
    return this.#values;
  }

  get signal(): AbortSignal {
    return this.#response.signal;
  }

  get compression(): Compression {
    return this.#response.compression;
  }

  set compression(compression: Compression) {
    this.#response.compression = checkCompression(compression) ?? "identity";
  }

  get trailingMetadata(): Metadata {
    return this.#response.trailingMetadata;
  }

  setRetryPushback(pushback: RetryPushback): void {
    this.#response.retryPushback = pushback;
  }

  sendInitialMetadata(metadata: MetadataInit): void {
    this.#response.sendHeaders(metadata);
  }

  sendTrailingMetadata(trailers: Trailers): TrailersSent {
    return this.sendTrailers(trailers, false);
  }

  /** @param early whether the handler may be running: it is cancelled */
  sendTrailers(trailers: Trailers, early: boolean): TrailersSent {
    if (this.#response.cancelReason !== undefined) return TRAILERS_SENT;
    if (this.#response.ended) {
      throw new ProtocolError("The call has already ended. Call sendTrailingMetadata() once, as the last step.");
    }
    // Read each property once, and here: an error that a getter throws is then an error of the handler.
    const { status, message, details, metadata } = trailers;
    if (!isStatus(status)) {
      throw new TypeError(`sendTrailingMetadata() needs a Status, got ${textOf(status)}`);
    }
    if (status === Status.OK && this.#method.singleResponse) {
      throw new ProtocolError(
        `${this.#method.path} has a single response. Return the message, and set context.trailingMetadata for trailers.`,
      );
    }
    const call = { context: this, handlerStarted: true };
    const answer = checkedAnswer({ status, message, details, metadata }, this.#method, call);
    reportAnswer(answer, this.#call);
    if (early) this.#call.refuse(answer.trailers, reasonOf(answer.trailers));
    else this.#call.end(answer.trailers);
    return TRAILERS_SENT;
  }
}

/** Why a handler is cancelled whose interceptor has sent the status of the call. */
function reasonOf({ status, message, details }: Trailers): GRPCError {
  if (status !== Status.OK) return new GRPCError(status, message, details);
  return new GRPCError(Status.CANCELLED, "An interceptor has ended the call");
}
