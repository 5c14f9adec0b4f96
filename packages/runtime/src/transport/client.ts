import type { Message } from "@bufbuild/protobuf";
import type { CallEnd } from "../core/call-end.js";
import type { Compression } from "../core/compression.js";
import type { DetailRegistry } from "../core/detail-registry.js";
import type { Metadata } from "../core/metadata.js";
import type { Method } from "../core/method.js";

/**
 * What stubs make their calls on. `Channel` of `@grpclib-ts/runtime/node` is one.
 *
 * It speaks messages and metadata. It reports what goes wrong as a plain
 * `CallEnd`, which becomes an error only where the caller waits for it.
 */
export interface Transport {
  /** The types that error details are decoded to, in place of the default ones. */
  readonly registry: DetailRegistry | undefined;

  /** Starts a call. Never throws: a call that cannot be started ends with `onEnd`. */
  start(request: CallRequest, listener: ResponseListener): OutgoingCall;
}

/** What goes out with the request headers. */
export interface CallRequest {
  readonly method: Method;
  readonly metadata: Metadata | undefined;
  /** Milliseconds that the call may take, for the peer's information: the caller watches the time. */
  readonly timeout: number | undefined;
  /** How the requests are compressed, if the call says so. */
  readonly compression: Compression | undefined;
  /** Wait for a connection instead of failing while there is none. */
  readonly waitForReady: boolean;
}

/** The request half of a call, and its flow control. */
export interface OutgoingCall {
  /** Address of the server, once there is a connection. */
  readonly peer: string | undefined;

  /**
   * Sends a message, with `last` also the end of the requests.
   *
   * @returns false when the peer does not keep up: wait for `onDrain` before the next one
   * @throws GRPCError if the message must not be sent, Error if it cannot be encoded
   */
  send(message: Message, last: boolean): boolean;

  /** Sends the end of the requests. */
  end(): void;

  /** Resets the call. The listener hears nothing more. */
  cancel(): void;

  /** Stops reading from the peer; up to one packet of messages may still come. */
  pause(): void;

  /** Reads on. */
  resume(): void;
}

/** Takes what arrives. `onEnd` comes exactly once, as the last call, unless the call was cancelled. */
export interface ResponseListener {
  onHeaders(headers: { readonly metadata: Metadata }): void;
  /** @param bytes the encoded size, for flow control */
  onMessage(message: Message, bytes: number): void;
  /** `send` may go on. */
  onDrain(): void;
  onEnd(end: CallEnd): void;
}
