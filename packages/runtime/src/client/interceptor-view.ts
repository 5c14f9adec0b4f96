import type { Message } from "@bufbuild/protobuf";
import { checkNumber } from "../core/check-number.js";
import { ContextValues } from "../core/context-values.js";
import { Deadline } from "../core/deadline.js";
import { Metadata } from "../core/metadata.js";
import type { Method } from "../core/method.js";
import { textOf } from "../core/text-of.js";
import type { CallOutcome } from "../errors/call-outcome.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { CallRequest } from "../transport/client.js";
import type { RequestHandling } from "./held-requests.js";
import type { InterceptedClientCall, MessageFunction } from "./interceptor.js";
import type { ResolvedOptions } from "./resolve-options.js";

/** The size that streamed requests may have together to be kept for another attempt, in bytes, as in grpc-js. */
const MAX_KEPT_BYTES = 1024 * 1024;

/** The parts of a call that its view shows. */
export interface ViewedCall {
  readonly peer: string | undefined;
  readonly committed: boolean;
}

/** Returns a message to use instead of the given one. */
export type Replace = (message: Message) => Message;

/** What an interceptor sees of an outgoing call, and what it asks for before `next()`. */
export class InterceptorView implements InterceptedClientCall {
  readonly method: Method;
  readonly deadline: Deadline | undefined;
  readonly values: ContextValues;
  readonly previousAttempts: number;
  readonly #call: ViewedCall;
  readonly #request: CallRequest;
  #metadata: Metadata | undefined;
  #abortController: AbortController | undefined;
  #abortReason: (() => unknown) | undefined;
  #outcome: (() => CallOutcome) | undefined;
  #outcomePromise: Promise<CallOutcome> | undefined;
  #resolveOutcome: ((outcome: CallOutcome) => void) | undefined;
  /** Whether `next()` has been called. */
  #begun = false;

  /** What the interceptor asked for. */
  requests: RequestHandling = asIs;
  replaceResponse: Replace | undefined;

  constructor(request: CallRequest, call: ViewedCall) {
    const { method, timeout, values, previousAttempts } = request;
    this.method = method;
    this.deadline = timeout === undefined ? undefined : Deadline.after(timeout);
    this.values = values ?? new ContextValues();
    this.previousAttempts = previousAttempts;
    this.#request = request;
    this.#call = call;
  }

  get metadata(): Metadata {
    this.#metadata ??= new Metadata(this.#request.metadata);
    return this.#metadata;
  }

  /** The options of an attempt. @param count the number of earlier attempts */
  optionsAfter(count: number): ResolvedOptions {
    const { deadline, values } = this;
    const { metadata, timeout, compression, waitForReady, previousAttempts } = this.#request;
    return {
      deadline,
      // What the caller gave, unless time has passed since, see ResolvedOptions.
      timeout: timeout === undefined || (deadline && timeout - deadline.remaining() < 1) ? timeout : undefined,
      signal: undefined,
      parentSignal: undefined,
      // A copy, because the interceptor may change its metadata before another attempt.
      metadata: this.#metadata === undefined ? metadata : new Metadata(this.#metadata),
      compression,
      waitForReady,
      previousAttempts: previousAttempts + count,
      values,
      onHeaders: undefined,
      onTrailers: undefined,
    };
  }

  get signal(): AbortSignal {
    if (this.#abortController === undefined) {
      this.#abortController = new AbortController();
      if (this.#abortReason !== undefined) this.#abortController.abort(this.#abortReason());
    }
    return this.#abortController.signal;
  }

  get peer(): string | undefined {
    return this.#call.peer;
  }

  get committed(): boolean {
    return this.#call.committed;
  }

  get outcome(): Promise<CallOutcome> {
    if (this.#outcome !== undefined) return Promise.resolve(this.#outcome());
    this.#outcomePromise ??= new Promise((resolve) => {
      this.#resolveOutcome = resolve;
    });
    return this.#outcomePromise;
  }

  keepRequests(maxBytes: number = MAX_KEPT_BYTES): void {
    this.#checkNotBegun("keepRequests");
    const keptBytes = Math.max(this.requests.keptBytes, checkNumber("keepRequests()", maxBytes, "bytes"));
    this.requests = { ...this.requests, keptBytes };
  }

  onRequest(callback: MessageFunction): void {
    this.#checkNotBegun("onRequest", callback);
    this.requests = { ...this.requests, replace: chain(this.requests.replace, callback) };
  }

  onResponse(callback: MessageFunction): void {
    this.#checkNotBegun("onResponse", callback);
    this.replaceResponse = chain(this.replaceResponse, callback);
  }

  /** An attempt starts. */
  begin(): void {
    this.#begun = true;
    this.#outcome = undefined;
  }

  /** An attempt, or the whole call, is over. */
  learn(outcome: () => CallOutcome): void {
    this.#outcome = outcome;
    this.#resolveOutcome?.(outcome());
  }

  /** The caller has cancelled the call. */
  abort(reason: () => unknown): void {
    this.#abortReason = reason;
    this.#abortController?.abort(reason());
  }

  #checkNotBegun(name: string, ...functions: readonly unknown[]): void {
    for (const given of functions) {
      if (typeof given !== "function") throw new TypeError(`${name}() takes a function, got ${textOf(given)}`);
    }
    if (this.#begun) throw new ProtocolError(`next() has been called. Call ${name}() before it.`);
  }
}

const asIs: RequestHandling = { replace: undefined, keptBytes: 0 };

function chain(first: Replace | undefined, callback: MessageFunction): Replace {
  return (message) => {
    const given = first === undefined ? message : first(message);
    return callback(given) ?? given;
  };
}
