import * as checkNumber from "../core/check-number.js";
import type { ContextValues } from "../core/context-values.js";
import type { Deadline } from "../core/deadline.js";
import { Metadata } from "../core/metadata.js";
import { chain, type MessageFunction, type Replace, replaceWith } from "../core/replace-message.js";
import type { CallEnd } from "../errors/call-end.js";
import type { CallOutcome } from "../errors/call-outcome.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { RetriedRequest } from "../transport/client.js";
import type { CalledMethod } from "./called-method.js";
import type { RequestHandling } from "./held-requests.js";
import type { AroundAttempt, Intercepted } from "./intercepted.js";
import type { InterceptedClientCall } from "./interceptor.js";
import { outcomeOf } from "./outcome.js";
import type { RequestBudget } from "./request-budget.js";

/** The size that streamed requests may have together to be kept for another attempt, in bytes, as in grpc-js. */
const MAX_KEPT_BYTES = 1024 * 1024;

/** What the view of an interceptor shows of its run. */
export interface ViewedRun {
  readonly peer: string | undefined;
  readonly committed: boolean;
}

/** What an interceptor sees of an outgoing call, and what it asks for before `next()`. */
export class InterceptorView implements InterceptedClientCall {
  readonly method: CalledMethod;
  readonly deadline: Deadline | undefined;
  readonly values: ContextValues;
  readonly previousAttempts: number;
  readonly #run: ViewedRun;
  readonly #givenMetadata: Metadata | undefined;
  #metadata: Metadata | undefined;
  #abortController: AbortController | undefined;
  #abortReason: (() => unknown) | undefined;
  #end: CallEnd | undefined;
  #error: (() => unknown) | undefined;
  #outcomePromise: Promise<CallOutcome> | undefined;
  #resolveOutcome: ((outcome: CallOutcome) => void) | undefined;
  /** Whether `next()` has been called. */
  #begun = false;

  /** What the interceptor asked for. */
  requests: RequestHandling = asIs;
  replaceResponse: Replace | undefined;
  /** What the attempts are of, if `retry()` repeats them, perhaps further outside. */
  retried: RetriedRequest | undefined;

  constructor({ method, deadline, values }: Intercepted, around: AroundAttempt, run: ViewedRun) {
    this.method = method;
    this.deadline = deadline;
    this.values = values;
    this.previousAttempts = around.attemptsBefore;
    this.retried = around.retried;
    this.#givenMetadata = around.metadataToSend;
    this.#run = run;
  }

  get metadata(): Metadata {
    this.#metadata ??= new Metadata(this.#givenMetadata);
    return this.#metadata;
  }

  /** A copy, because an interceptor may change its metadata before another attempt. `undefined` if there is none. */
  get metadataToSend(): Metadata | undefined {
    return this.#metadata === undefined ? this.#givenMetadata : new Metadata(this.#metadata);
  }

  get signal(): AbortSignal {
    if (this.#abortController === undefined) {
      this.#abortController = new AbortController();
      if (this.#abortReason !== undefined) this.#abortController.abort(this.#abortReason());
    }
    return this.#abortController.signal;
  }

  get peer(): string | undefined {
    return this.#run.peer;
  }

  get committed(): boolean {
    return this.#run.committed;
  }

  get outcome(): Promise<CallOutcome> {
    if (this.#end !== undefined) return Promise.resolve(this.#outcomeOf(this.#end));
    this.#outcomePromise ??= new Promise((resolve) => {
      this.#resolveOutcome = resolve;
    });
    return this.#outcomePromise;
  }

  keepRequests(maxBytes: number = MAX_KEPT_BYTES): void {
    this.#checkNotBegun("keepRequests");
    const keptBytes = Math.max(this.requests.keptBytes, checkNumber.bytes("keepRequests()", maxBytes));
    this.requests = { ...this.requests, keptBytes };
  }

  /** `retry()` repeats the call. The requests that it keeps share this budget with those of other calls. */
  retryWithin(budget: RequestBudget, hedged: boolean): void {
    this.retried = { hedged, refusals: this.retried?.refusals ?? { count: 0 } };
    this.requests = { ...this.requests, budget };
  }

  onRequest(callback: MessageFunction): void {
    const replace = replaceWith("onRequest", this.method.desc.input, callback);
    this.#checkNotBegun("onRequest");
    this.requests = { ...this.requests, replace: chain(this.requests.replace, replace) };
  }

  onResponse(callback: MessageFunction): void {
    const replace = replaceWith("onResponse", this.method.desc.output, callback);
    this.#checkNotBegun("onResponse");
    this.replaceResponse = chain(this.replaceResponse, replace);
  }

  /** An attempt starts. */
  begin(): void {
    this.#begun = true;
    this.#end = undefined;
  }

  /** Whether `outcome` is known. */
  get learned(): boolean {
    return this.#end !== undefined;
  }

  /** All attempts, or the whole call, are over. @param error makes the error of the outcome. Default: that of `end` */
  learn(end: CallEnd, error?: () => unknown): void {
    this.#end = end;
    this.#error = error;
    if (this.#resolveOutcome === undefined) return;
    this.#resolveOutcome(this.#outcomeOf(end));
    // Another attempt has its own outcome.
    this.#outcomePromise = undefined;
    this.#resolveOutcome = undefined;
  }

  #outcomeOf(end: CallEnd): CallOutcome {
    return outcomeOf(end, this.#error === undefined ? end.error : this.#error(), this.method.contract);
  }

  /** The caller has cancelled the call. */
  abort(reason: () => unknown): void {
    this.#abortReason = reason;
    this.#abortController?.abort(reason());
  }

  #checkNotBegun(name: string): void {
    if (this.#begun) throw new ProtocolError(`next() has been called. Call ${name}() before it.`);
  }
}

const asIs: RequestHandling = { replace: undefined, keptBytes: 0 };
