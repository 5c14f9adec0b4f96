import type { CallEnd } from "../errors/call-end.js";
import type { CallRequest, PendingReason } from "../transport/client.js";
import type { NodeClientStream } from "./node-client-stream.js";

/** What a call needs from the connection that it runs on. */
export interface StreamOpener {
  /** The address of the server. */
  readonly peer: string;
  /** Opens a stream for a call. @throws Error if the stream cannot be opened; then nothing has been sent */
  request(request: CallRequest): NodeClientStream;
  /**
   * If the connection is the reason why a stream closed without a status, tells
   * how its call ends.
   */
  endFor(stream: NodeClientStream): CallEnd | undefined;
  /** A stream has closed, with the code of a reset or NO_ERROR. */
  onStreamClosed(resetCode: number): void;
}

/** A call that waits until it can be opened on a connection. */
export interface QueuedCall {
  readonly request: Pick<CallRequest, "waitForReady">;
  /** Whether it waits for a stream. Default: true. If not, any connection will do. */
  readonly needsStream?: false;
  /** Whether its time is up. Such a call must not be opened, as it is about to be withdrawn. */
  readonly expired: boolean;
  /** Opens the call on a connection. @throws Error if the stream cannot be opened; then nothing has been sent */
  open(opener: StreamOpener): void;
  /** Ends the call because it cannot be opened. */
  refuse(end: CallEnd): void;
}

/** Where calls wait until they are opened. */
export interface CallQueue {
  /**
   * Opens a call as soon as a connection has capacity for it.
   *
   * @param again whether it has been opened before. Then it goes before those that have not. Default: false
   */
  open(call: QueuedCall, again?: boolean): void;
  /** Tells why calls have to wait. */
  whyPending(): PendingReason;
  /** Removes a call that is cancelled before it has been opened. */
  withdraw(call: QueuedCall): void;
}
