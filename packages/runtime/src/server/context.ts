import type { Compression } from "../core/compression.js";
import type { ContextValues } from "../core/context-values.js";
import type { Deadline } from "../core/deadline.js";
import type { Metadata, MetadataInit } from "../core/metadata.js";
import type { Method } from "../core/method.js";
import type { Status } from "../core/status.js";
import type { RetryPushback } from "../errors/call-end.js";
import type { Detail } from "../errors/detail.js";
import type { ClientCertificate } from "../transport/server.js";

/** What a handler knows about its call, and what it can do besides returning messages. */
export interface ServerContext {
  /**
   * The method: its path, e.g. `/library.v1.LibraryService/GetBook`, and its descriptor, from which
   * `getOption(context.method.desc, …)` of `@bufbuild/protobuf` reads the options in the `.proto` file.
   */
  readonly method: Method;
  /** The metadata that came with the request headers. */
  readonly metadata: Metadata;
  /** When the caller stops waiting; `undefined` if it set no limit. */
  readonly deadline: Deadline | undefined;
  /** Address of the client. */
  readonly peer: string;
  /**
   * The certificate of the client, verified by mutual TLS; `undefined` without TLS,
   * and for a client whose certificate is missing or not trusted.
   */
  readonly auth: ClientCertificate | undefined;
  /**
   * Aborts when the call is cancelled: the deadline passed, the client reset the
   * stream, or the connection was lost. `signal.reason` says which: a
   * `GRPCError` (DEADLINE_EXCEEDED) or a `StreamTerminatedError`. It also aborts
   * when the server shuts down or a request cannot be read. The reason is then the
   * `GRPCError` that the client receives. If an interceptor ends the call while the
   * handler runs, the reason is the error of the interceptor, or one with the status
   * that it sends. It does not abort when the call ends normally.
   */
  readonly signal: AbortSignal;

  /** What interceptors have attached to the call. */
  readonly values: ContextValues;

  /** How many earlier attempts of this call have failed, according to a client that retries automatically. */
  readonly previousAttempts: number;

  /**
   * How the next responses are compressed. At first this is the server's
   * `compression` if the client accepts that, and `"identity"` otherwise.
   *
   * Set it before the response headers are sent to choose another compression.
   * After that, a handler of streaming responses can set it to `"identity"` and
   * back between two messages. One that the client does not accept becomes
   * `"identity"`.
   *
   * @throws TypeError if the compression is not supported
   * @throws ProtocolError if the headers, already sent, do not declare a compression that the client accepts
   */
  compression: Compression;

  /** Metadata to send with the trailers, whatever the outcome. */
  readonly trailingMetadata: Metadata;

  /**
   * Tells clients that retry how many milliseconds to wait before the next attempt
   * of this call, or with `"never"` to make none. Sent with the trailers.
   *
   * @throws TypeError for any other value
   * @see https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback
   */
  setRetryPushback(pushback: RetryPushback): void;

  /**
   * Sends the response headers now, with metadata. Otherwise they are sent with the
   * first message, without metadata.
   *
   * @throws ProtocolError if the headers have already been sent
   * @throws TypeError for metadata that cannot be sent
   * @throws GRPCError RESOURCE_EXHAUSTED for more metadata than the client accepts; then nothing has been sent
   */
  sendInitialMetadata(metadata: MetadataInit): void;

  /**
   * Ends the call with a status, like throwing a `GRPCError`, but without an error.
   * The handler returns the result of this function.
   *
   * @throws ProtocolError if the call has already ended, or if the status is OK and
   *   the method has a single response: return the message instead
   * @throws TypeError if the status is not a `Status`
   */
  sendTrailingMetadata(trailers: Trailers): TrailersSent;
}

/** What {@link ServerContext.sendTrailingMetadata} ends a call with. */
export interface Trailers {
  /** The status. OK is only possible for a method with streaming responses. */
  readonly status: Status;
  /** The status message. Default: none. */
  readonly message?: string | undefined;
  /** The typed details, as for a `GRPCError`. Default: none. */
  readonly details?: readonly Detail[] | undefined;
  /** Sent in addition to `context.trailingMetadata`. */
  readonly metadata?: MetadataInit | undefined;
}

/** The result of {@link ServerContext.sendTrailingMetadata}: the call has ended. */
export interface TrailersSent {
  /** Tells it apart from a message: names in `.proto` files have no `$`. */
  readonly $trailersSent: true;
}

/** The only value of type {@link TrailersSent}. */
export const TRAILERS_SENT: TrailersSent = Object.freeze({ $trailersSent: true });
