import type { Message } from "@bufbuild/protobuf";
import type { ContextValues } from "../core/context-values.js";
import type { Deadline } from "../core/deadline.js";
import type { Metadata } from "../core/metadata.js";
import type { Replace } from "../core/replace-message.js";
import type { CallEnd } from "../errors/call-end.js";
import type { CallRequest, RetriedRequest, Transport } from "../transport/client.js";
import type { Attempt } from "./attempt.js";
import type { CalledMethod } from "./called-method.js";
import type { ResponseRelay } from "./response-relay.js";

/** What all attempts of an intercepted call share. */
export interface Intercepted {
  readonly transport: Transport;
  readonly method: CalledMethod;
  /** What the caller asks for. */
  readonly request: CallRequest;
  readonly deadline: Deadline | undefined;
  readonly values: ContextValues;
  readonly responses: ResponseRelay;
  /** Creates an attempt: a run of the interceptor inside or, from the innermost one, a call on the transport. */
  inside(around: AroundAttempt): Attempt;
}

/** What is around an attempt: the run of an interceptor or, around the run of the outermost one, the caller. */
export interface AroundAttempt {
  /** The index of the interceptor inside. */
  readonly indexInside: number;
  /** The metadata for an attempt that starts now. */
  readonly metadataToSend: Metadata | undefined;
  /** How many attempts have failed before one that starts now. */
  readonly attemptsBefore: number;
  /** What the attempts are of, if `retry()` repeats them. */
  readonly retried: RetriedRequest | undefined;
  /** Called with each response; `undefined` if there are no functions of `onResponse()`. */
  readonly replaceResponse: Replace | undefined;
  /** The response headers of an attempt have arrived. */
  onAttemptHeaders(attempt: Attempt, metadata: Metadata): void;
  /** Passes a streamed response outwards. @returns what the caller gets; `undefined` if a function has thrown an error */
  passOut(attempt: Attempt, response: Message): Message | undefined;
  /** A streamed response cannot be read. Ignored if `next()` has rejected. */
  onUnreadable(attempt: Attempt, failure: CallEnd): void;
  /** An attempt is over. Called in the async context in which it has started, if there is a `replaceResponse`. */
  onAttemptOver(attempt: Attempt): void;
}
