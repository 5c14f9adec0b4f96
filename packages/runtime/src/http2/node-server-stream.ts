import { constants, type ServerHttp2Stream } from "node:http2";
import type { OutgoingHeaders } from "../wire/headers.js";
import { nextTurn } from "./event-loop.js";
import { NodeStream, type StreamEvents, sharedListener } from "./node-stream.js";

/** The events of a server's stream. */
export interface ServerStreamEvents extends StreamEvents {
  /**
   * The client has reset the stream before the response was complete, or the
   * connection was lost. Which of the two cannot be seen yet.
   */
  onAborted(): void;
}

// The types of Node omit sendDate.
const withTrailers = { waitForTrailers: true, sendDate: false };
const headersOnly = { endStream: true, sendDate: false };

/** A stream on the server's side. See {@link NodeStream}. */
export class NodeServerStream extends NodeStream<ServerHttp2Stream, ServerStreamEvents> {
  /** Whether this side has ended the stream before the client had ended its half. */
  #endedEarly = false;

  /** Also delivers `onAborted`. A stream that is read to its end without a pause does not need it: it gets `onEnd`. */
  listenForAborts(): void {
    if (this.stream.listenerCount("aborted") === 0) this.stream.on("aborted", onAborted);
  }

  /**
   * Frees a stream that the client has reset. After a reset with NO_ERROR, Node waits until all data has been
   * written, which never happens.
   */
  freeIfReset(): void {
    if (this.stream.closed && !this.#endedEarly) nextTurn(() => this.attempt(() => this.stream.destroy()));
  }

  /** Stops `onData` events. A stream that has been reset, or is reset later, is not paused: it would never close. */
  override pause(): void {
    if (this.stream.aborted) return;
    this.listenForAborts();
    this.stream.pause();
  }

  /** Whether the client has reset the stream. */
  get aborted(): boolean {
    return this.stream.aborted;
  }

  /**
   * Whether the client has reset the stream, or may yet do so: some clients reset a
   * stream that is answered before they have ended their half.
   */
  get mayBeReset(): boolean {
    return this.#endedEarly || this.stream.aborted || this.resetCode !== constants.NGHTTP2_NO_ERROR;
  }

  get headersSent(): boolean {
    return this.stream.headersSent;
  }

  /** Sends the response headers, unless they have been sent. @returns whether data may follow */
  respond(headers: OutgoingHeaders): boolean {
    if (!this.usable || this.stream.headersSent) return false;
    this.attempt(() => this.stream.respond(headers, withTrailers));
    return this.stream.headersSent;
  }

  /** Sends a response that consists of headers only, and releases the stream. */
  respondHeadersOnly(headers: OutgoingHeaders): void {
    if (!this.usable || this.stream.headersSent) return;
    this.attempt(() => this.stream.respond(headers, headersOnly));
    this.release();
  }

  /** Sends the trailers once all data has been written, then releases the stream. */
  sendTrailers(trailers: OutgoingHeaders): void {
    this.stream.on("wantTrailers", () => {
      if (this.usable) this.attempt(() => this.stream.sendTrailers(trailers));
      this.release();
    });
  }

  /** Releases a stream that has been answered. If the client is still sending, resets the stream. */
  release(): void {
    if (this.stream.readableEnded) return;
    this.stream.resume();
    // If the client is still sending, the stream would stay open until the client stops.
    // Wait a turn: a reset sent now would go out before the trailers.
    nextTurn(() => {
      if (this.stream.readableEnded) return;
      this.#endedEarly = true;
      this.resetNow(constants.NGHTTP2_NO_ERROR);
    });
  }
}

const onAborted = sharedListener((events: ServerStreamEvents) => events.onAborted());
