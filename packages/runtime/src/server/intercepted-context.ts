import type { Message } from "@bufbuild/protobuf";
import type { Compression } from "../core/compression.js";
import type { ContextValues } from "../core/context-values.js";
import type { Deadline } from "../core/deadline.js";
import type { Metadata, MetadataInit } from "../core/metadata.js";
import { Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import type { RetryPushback } from "../errors/call-end.js";
import type { CallOutcome } from "../errors/call-outcome.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { ClientCertificate } from "../transport/server.js";
import type { CallContext } from "./call-context.js";
import type { Trailers, TrailersSent } from "./context.js";
import type { Interception, Replace } from "./interception.js";
import type { InterceptedMethod, InterceptedServerCall } from "./interceptor.js";

/** What one interceptor sees of a call: the context of the handler, and more. */
export class InterceptedContext implements InterceptedServerCall {
  readonly #context: CallContext;
  readonly #interception: Interception;
  readonly #inner: () => Promise<void>;
  /** Whether `next()` has been called. */
  #begun = false;
  #outcome: (() => CallOutcome) | undefined;
  #resolveOutcome: ((outcome: CallOutcome) => void) | undefined;
  #outcomePromise: Promise<CallOutcome> | undefined;

  constructor(context: CallContext, interception: Interception, inner: () => Promise<void>) {
    this.#context = context;
    this.#interception = interception;
    this.#inner = inner;
  }

  /** What the interceptor calls to continue. */
  async next(): Promise<void> {
    if (this.#begun) throw new ProtocolError("next() has already been called. It runs the handler, so call it once.");
    this.#begun = true;
    try {
      await this.#inner();
      this.#learn(() => succeeded);
    } catch (error) {
      this.#learn(() => this.#interception.outcomeOf(error));
      throw error;
    }
  }

  get outcome(): Promise<CallOutcome> {
    const known = this.#interception.ended ?? this.#outcome;
    if (known !== undefined) return Promise.resolve(known());
    this.#outcomePromise ??= new Promise((resolve) => {
      this.#resolveOutcome = resolve;
      this.#interception.onEnded(resolve);
    });
    return this.#outcomePromise;
  }

  onRequest(callback: (request: Message) => Message | undefined): void {
    this.#checkNotBegun("onRequest", callback);
    const interception = this.#interception;
    interception.replaceRequest = chain(interception.replaceRequest, orGiven(callback));
  }

  onResponse(callback: (response: Message) => Message | undefined): void {
    this.#checkNotBegun("onResponse", callback);
    const interception = this.#interception;
    interception.replaceResponse = chain(orGiven(callback), interception.replaceResponse);
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
    return this.#context.sendTrailingMetadata(trailers);
  }

  #learn(outcome: () => CallOutcome): void {
    this.#outcome = outcome;
    this.#resolveOutcome?.(outcome());
  }

  #checkNotBegun(name: string, callback: unknown): void {
    if (typeof callback !== "function") throw new TypeError(`${name}() takes a function, got ${textOf(callback)}`);
    if (this.#begun) throw new ProtocolError(`next() has been called. Call ${name}() before it.`);
  }
}

const succeeded: CallOutcome = { status: Status.OK, message: undefined, details: [], endedBy: "server" };

function orGiven(callback: (message: Message) => Message | undefined): Replace {
  return (message) => callback(message) ?? message;
}

function chain(first: Replace | undefined, second: Replace | undefined): Replace | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return (message) => second(first(message));
}
