import type { Message } from "@bufbuild/protobuf";
import type { ContextValues } from "../core/context-values.js";
import type { Deadline } from "../core/deadline.js";
import type { Metadata } from "../core/metadata.js";
import type { Method } from "../core/method.js";
import type { MessageFunction } from "../core/replace-message.js";
import type { CallOutcome } from "../errors/call-outcome.js";

/**
 * A function around each outgoing call, of any kind of method.
 *
 * ```ts
 * const authenticate: ClientInterceptor = async (call, next) => {
 *   call.metadata.set("authorization", `Bearer ${await fetchToken()}`);
 *   return next();
 * };
 * ```
 *
 * It returns the result of `next()`. It may wait before it calls `next()`, throw
 * an error instead, which the caller then gets, or return a result of its own:
 * a message for a method with a single response, otherwise the responses.
 *
 * `next()` sends the call, and settles when the call is over. It rejects with the
 * {@link GRPCError} of a call that fails, which has its `kind` if the method
 * declares it. Streamed responses go to the caller meanwhile. `next()` can be
 * called again until the response headers have arrived, for example to retry, but
 * not after the interceptor has returned; see
 * {@link InterceptedClientCall.committed}. Attempts of a method with a single
 * response may run at the same time: the first one whose headers arrive continues,
 * and the others are cancelled.
 *
 * When the caller cancels the call or its deadline passes, the caller does not
 * wait for the interceptors: `next()` rejects, `call.signal` aborts, and what the
 * interceptor does afterwards has no effect on the caller.
 *
 * The interceptor runs in the async context of the caller.
 */
export type ClientInterceptor = (
  call: InterceptedClientCall,
  next: () => Promise<ClientResult>,
) => Promise<ClientResult>;

/**
 * The result of a call: the response of a method with a single response. For
 * other methods, `undefined` from `next()`, and from an interceptor either that or,
 * without a call of `next()`, the responses.
 */
export type ClientResult = Message | Iterable<Message> | AsyncIterable<Message> | undefined;

/** An outgoing call, as a {@link ClientInterceptor} sees it. */
export interface InterceptedClientCall {
  /** The method, with its descriptor. */
  readonly method: Method;
  /** The metadata of the request headers. Changes apply to the next call of `next()`. */
  readonly metadata: Metadata;
  /** When the call must be over, whatever interceptors do; `undefined` if there is no limit. */
  readonly deadline: Deadline | undefined;
  /** Aborts when the caller cancels the call or its deadline passes. The reason is the caller's error. */
  readonly signal: AbortSignal;
  /** What the caller and interceptors have attached to the call. */
  readonly values: ContextValues;
  /** Address of the server, once there is a connection. */
  readonly peer: string | undefined;
  /** How many earlier attempts of this call have failed, according to interceptors outside this one. */
  readonly previousAttempts: number;

  /**
   * Whether `next()` cannot be called again: the response headers have arrived, or
   * requests have been sent that were not kept.
   */
  readonly committed: boolean;

  /**
   * Keeps streamed requests, so that `next()` can be called again. A single request
   * is always kept.
   *
   * @param maxBytes the size that they may have together. Above it, none are kept. Default: 1 MiB
   * @throws ProtocolError after `next()` has been called
   */
  keepRequests(maxBytes?: number): void;

  /**
   * Calls a function with each request before it is sent.
   *
   * @throws ProtocolError after `next()` has been called
   */
  onRequest(callback: MessageFunction): void;

  /**
   * Calls a function with each response before the caller gets it.
   *
   * @throws ProtocolError after `next()` has been called
   */
  onResponse(callback: MessageFunction): void;

  /**
   * How the call has ended: resolves when `next()` settles and no other attempt is
   * running, when the call is cancelled, or with the result of the interceptor if it
   * has not called `next()`. Each further `next()` has its own outcome: read this
   * property again. Never rejects. Interceptors outside this one may still change
   * what the caller gets.
   */
  readonly outcome: Promise<CallOutcome>;
}
