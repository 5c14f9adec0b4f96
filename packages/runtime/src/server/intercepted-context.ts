import type { Compression } from "../core/compression.js";
import type { ContextValues } from "../core/context-values.js";
import type { Deadline } from "../core/deadline.js";
import { markHandled } from "../core/mark-handled.js";
import type { Metadata, MetadataInit } from "../core/metadata.js";
import { chain, type MessageFunction, type Replace, replaceWith } from "../core/replace-message.js";
import { Status } from "../core/status.js";
import type { RetryPushback } from "../errors/call-end.js";
import { type CallOutcome, KnownOutcome } from "../errors/call-outcome.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { ClientCertificate } from "../transport/server.js";
import type { CallContext } from "./call-context.js";
import type { Trailers, TrailersSent } from "./context.js";
import type { InterceptedMethod, InterceptedServerCall } from "./interceptor.js";

/** What an interceptor or a handler has thrown. */
export interface Failure {
  readonly reason: unknown;
}

/** What the interceptors of a call share. */
export interface SharedByInterceptors {
  /** How many calls of `next()` have not settled. */
  pending: number;
  /** Called with each request, the outermost interceptor first. */
  replaceRequest: Replace | undefined;
  /** Called with each response, the innermost interceptor first. */
  replaceResponse: Replace | undefined;
  /** How the call has ended, if it has. */
  readonly ended: (() => CallOutcome) | undefined;
  /** Calls a function when the call ends. */
  onEnded(callback: (outcome: CallOutcome) => void): void;
  /** How a call ends whose handler or interceptor has thrown an error. */
  outcomeOf(error: unknown): CallOutcome;
  /** An error that comes after its interceptor has returned. */
  onLateError(error: unknown): void;
  /** Runs what follows an interceptor. It calls `settled()` before its promise settles. */
  runAfter(context: InterceptedContext): Promise<void>;
}

/** What one interceptor sees of a call: the context of the handler, and more. */
export class InterceptedContext implements InterceptedServerCall {
  readonly #context: CallContext;
  readonly #shared: SharedByInterceptors;
  /** The place of the interceptor. That of the outermost one is 0. */
  readonly index: number;
  /** The result of `next()`, once it has been called. */
  result: Promise<void> | undefined;
  /** Whether `next()` has been called and has not settled. */
  pending = false;
  /** Whether the interceptor has returned or thrown. */
  #returned = false;
  #outcome: (() => CallOutcome) | undefined;
  #resolveOutcome: ((outcome: CallOutcome) => void) | undefined;
  #outcomePromise: Promise<CallOutcome> | undefined;

  constructor(context: CallContext, shared: SharedByInterceptors, index: number) {
    this.#context = context;
    this.#shared = shared;
    this.index = index;
  }

  /** What the interceptor calls to continue. */
  next(): Promise<void> {
    if (this.result !== undefined || this.#returned) {
      return markHandled(Promise.reject(new ProtocolError(this.#returned ? alreadyReturned : alreadyCalled)));
    }
    this.pending = true;
    this.#shared.pending += 1;
    this.result = this.#shared.runAfter(this);
    if (!this.pending) this.result.catch(() => {});
    return this.result;
  }

  /** What follows is done: `next()` settles now. */
  settled(failure: Failure | undefined): void {
    this.pending = false;
    this.#shared.pending -= 1;
    // An interceptor need not await next() at once, and a rejection that nobody handles would end the process.
    if (failure !== undefined) this.result?.catch(() => {});
    this.#learn(failure === undefined ? success : () => this.#shared.outcomeOf(failure.reason));
  }

  /** The interceptor has returned or thrown. */
  returned(): void {
    this.#returned = true;
    if (this.pending) this.result?.catch((error: unknown) => this.#shared.onLateError(error));
  }

  get outcome(): Promise<CallOutcome> {
    const known = this.#shared.ended ?? this.#outcome;
    if (known !== undefined) return Promise.resolve(known());
    this.#outcomePromise ??= new Promise((resolve) => {
      this.#resolveOutcome = resolve;
      this.#shared.onEnded(resolve);
    });
    return this.#outcomePromise;
  }

  onRequest(callback: MessageFunction): void {
    const replace = replaceWith("onRequest", this.#context.schemas.input, callback);
    this.#checkNotBegun("onRequest");
    this.#shared.replaceRequest = chain(this.#shared.replaceRequest, replace);
  }

  onResponse(callback: MessageFunction): void {
    const replace = replaceWith("onResponse", this.#context.schemas.output, callback);
    this.#checkNotBegun("onResponse");
    this.#shared.replaceResponse = chain(replace, this.#shared.replaceResponse);
  }

  get method(): InterceptedMethod {
    return this.#context.describedMethod;
  }

  get metadata(): Metadata {
    return this.#context.metadata;
  }

  get deadline(): Deadline | undefined {
    return this.#context.deadline;
  }

  get peer(): string {
    return this.#context.peer;
  }

  get auth(): ClientCertificate | undefined {
    return this.#context.auth;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  get values(): ContextValues {
    return this.#context.values;
  }

  get previousAttempts(): number {
    return this.#context.previousAttempts;
  }

  get compression(): Compression {
    return this.#context.compression;
  }

  set compression(compression: Compression) {
    this.#context.compression = compression;
  }

  get trailingMetadata(): Metadata {
    return this.#context.trailingMetadata;
  }

  setRetryPushback(pushback: RetryPushback): void {
    this.#context.setRetryPushback(pushback);
  }

  sendInitialMetadata(metadata: MetadataInit): void {
    this.#context.sendInitialMetadata(metadata);
  }

  sendTrailingMetadata(trailers: Trailers): TrailersSent {
    return this.#context.sendTrailers(trailers, this.pending);
  }

  report(error: unknown): void {
    this.#context.report(error);
  }

  #learn(outcome: () => CallOutcome): void {
    this.#outcome = outcome;
    this.#resolveOutcome?.(outcome());
  }

  #checkNotBegun(name: string): void {
    if (this.result !== undefined) throw new ProtocolError(`next() has been called. Call ${name}() before it.`);
  }
}

const succeeded = new KnownOutcome({ status: Status.OK, message: undefined, details: [], endedBy: "server" });
const success = (): CallOutcome => succeeded;

const alreadyCalled = "next() has already been called. It runs the handler, so call it once.";

const alreadyReturned =
  "The interceptor has already returned, so it cannot call next(). Await next() before returning.";
