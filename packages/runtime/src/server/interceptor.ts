import type { DescMethod } from "@bufbuild/protobuf";
import type { MessageFunction } from "../core/replace-message.js";
import { textOf } from "../core/text-of.js";
import type { CallOutcome } from "../errors/call-outcome.js";
import type { ServerContext } from "./context.js";

/**
 * A function around each call that a server receives, of any kind of method.
 *
 * ```ts
 * const user = createContextKey<User>("user");
 *
 * const authenticate: ServerInterceptor = async (call, next) => {
 *   call.values.set(user, await verify(call.metadata.get("authorization")));
 *   await next();
 * };
 * ```
 *
 * `next()` runs the handler, and settles when the handler is done. It rejects with
 * what the handler threw, or, for a call that ended before its handler did, with
 * the reason of `call.signal`. The interceptor may throw another error instead,
 * which the client then gets as if the handler had thrown it, or end the call
 * without a call of `next()` by throwing a `GRPCError`.
 *
 * If it returns, throws or sends the status while `next()` is pending, the signal of
 * the handler aborts. Two mistakes end the call with UNKNOWN, and `onError` gets a
 * `ProtocolError`: to return while `next()` is pending, and to return without the
 * response of a method that has a single one, for example because the error of
 * `next()` was caught.
 *
 * The handler runs in the async context in which `next()` was called.
 *
 * The client gets each message as soon as the handler has returned or yielded it,
 * and the status once the outermost interceptor is done. When the deadline passes
 * or the client leaves, the call ends at once, whatever interceptors do: only
 * `onError` learns of errors that they throw afterwards, and not of a `GRPCError`
 * that is an answer to the client.
 *
 * Interceptors also run for unknown methods, and for calls that the runtime
 * refuses. `next()` then rejects without running a handler.
 */
export type ServerInterceptor = (call: InterceptedServerCall, next: () => Promise<void>) => Promise<void>;

/** A method, as the interceptors of a server see it. */
export interface InterceptedMethod {
  /** The path of the HTTP/2 request, e.g. `/library.v1.LibraryService/GetBook`. */
  readonly path: string;
  /** The descriptor of the method; `undefined` if no service of the server has it. */
  readonly desc: DescMethod | undefined;
}

/** A call that a server receives, as a {@link ServerInterceptor} sees it: the context of its handler, and more. */
export interface InterceptedServerCall extends Omit<ServerContext, "method"> {
  /** The method that the client calls. */
  readonly method: InterceptedMethod;

  /**
   * Calls a function with each request before the handler gets it. The function may
   * return another message to replace it. If it throws, the call ends with that
   * error, as if the handler had thrown it.
   *
   * @throws ProtocolError after `next()` has been called
   */
  onRequest(callback: MessageFunction): void;

  /**
   * Calls a function with each response before it is sent. The function may return
   * another message to replace it. If it throws, that is an error of the handler.
   *
   * @throws ProtocolError after `next()` has been called
   */
  onResponse(callback: MessageFunction): void;

  /**
   * Passes an error to the `onError` of the server. The client does not notice it.
   * For errors that the interceptor does not throw, because what it throws goes to
   * `onError` by itself unless the client gets it.
   */
  report(error: unknown): void;

  /**
   * How the call ends: resolves when `next()` settles, or when the call ends before
   * that. Never rejects. In the outermost interceptor, it is what the client gets,
   * unless that interceptor throws another error itself.
   */
  readonly outcome: Promise<CallOutcome>;
}

/** @throws TypeError if the interceptors are not a list of functions */
export function checkInterceptors(interceptors: readonly ServerInterceptor[]): readonly ServerInterceptor[] {
  if (!Array.isArray(interceptors)) {
    throw new TypeError(`interceptors takes a list of functions, got ${textOf(interceptors)}`);
  }
  for (const interceptor of interceptors) {
    if (typeof interceptor === "function") continue;
    throw new TypeError(`An interceptor is a function, as in async (call, next) => next(), got ${textOf(interceptor)}`);
  }
  return [...interceptors];
}
