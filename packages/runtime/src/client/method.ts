import type { Message } from "@bufbuild/protobuf";
import type { Init } from "../core/init.js";
import type { MethodErrors } from "../errors/contract.js";
import type { GRPCError } from "../errors/error.js";
import type { CallOptions } from "./call-options.js";
import type { Result } from "./result.js";
import type { Open } from "./stream.js";

/**
 * A unary method of a stub: one request, one response.
 *
 * Rejects with a {@link GRPCError} when the call does not succeed.
 */
export interface UnaryMethod<I extends Message, O extends Message, E extends GRPCError = never> {
  (request: Init<I>, options?: CallOptions): Promise<O>;
  /** The same call, but it returns a {@link GRPCError} as a value. It rejects only with other errors. */
  safe(request: Init<I>, options?: CallOptions): Promise<Result<O, E>>;
  /** Opens a call to control it step by step. */
  readonly open: Open<I, O>;
  /** The errors that the method declares. */
  readonly errors: MethodErrors<E>;
}

/**
 * A server streaming method of a stub: one request, any number of responses.
 *
 * The call starts when the iteration starts. The iteration throws a
 * {@link GRPCError} when the call does not succeed; leaving it early (`break`,
 * `return`, `throw`) cancels the call.
 */
export interface ServerStreamingMethod<I extends Message, O extends Message, E extends GRPCError = never> {
  (request: Init<I>, options?: CallOptions): ResponseIterable<O>;
  /** Opens a call to control it step by step. */
  readonly open: Open<I, O>;
  /** The errors that the method declares. */
  readonly errors: MethodErrors<E>;
}

/**
 * A client streaming method of a stub: any number of requests, one response.
 *
 * Rejects with a {@link GRPCError} when the call does not succeed. If
 * `requests` throws an error, the call is cancelled, and rejects with that error.
 */
export interface ClientStreamingMethod<I extends Message, O extends Message, E extends GRPCError = never> {
  (requests: RequestIterable<I>, options?: CallOptions): Promise<O>;
  /** The same call, but it returns a {@link GRPCError} as a value. It rejects only with other errors. */
  safe(requests: RequestIterable<I>, options?: CallOptions): Promise<Result<O, E>>;
  /** Opens a call to control it step by step. */
  readonly open: Open<I, O>;
  /** The errors that the method declares. */
  readonly errors: MethodErrors<E>;
}

/**
 * A bidirectional streaming method of a stub: requests and responses in any
 * order. It starts, fails and is cancelled like a server streaming method, and
 * handles an error in `requests` like a client streaming method.
 */
export interface BidiStreamingMethod<I extends Message, O extends Message, E extends GRPCError = never> {
  (requests: RequestIterable<I>, options?: CallOptions): ResponseIterable<O>;
  /** Opens a call to control it step by step. */
  readonly open: Open<I, O>;
  /** The errors that the method declares. */
  readonly errors: MethodErrors<E>;
}

/** Request messages of a streaming call: an array, a generator, any iterable. */
export type RequestIterable<I extends Message> = Iterable<Init<I>> | AsyncIterable<Init<I>>;

/** Response messages of a streaming call. It can be iterated once. */
export type ResponseIterable<O extends Message> = AsyncIterableIterator<O>;
