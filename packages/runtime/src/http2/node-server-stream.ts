import { constants, type ServerHttp2Stream } from "node:http2";
import type { OutgoingHeaders } from "../wire/headers.js";
import { NodeStream, type StreamEvents, sharedListener } from "./node-stream.js";

/** What happens to a stream of a server. */
export interface ServerStreamEvents extends StreamEvents {
  /** The client has reset the stream before the response was complete. A lost connection does not show yet. */
  onAborted(): void;
}

// sendDate is missing in the types of Node.
const withTrailers = { waitForTrailers: true, sendDate: false };
const headersOnly = { endStream: true, sendDate: false };

/** The only way in which a server sends something on a stream. See {@link NodeStream}. */
export class NodeServerStream extends NodeStream<ServerHttp2Stream, ServerStreamEvents> {
  /** Delivers `onAborted` too. A stream that is read to its end without a pause does not need it: `onEnd` comes. */
  listenForAborts(): void {
    this.stream.on("aborted", onAborted);
  }

  /** Whether the client has reset the stream. */
  get aborted(): boolean {
    return this.stream.aborted;
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

  /** Answers with headers, and nothing else. */
  respondHeadersOnly(headers: OutgoingHeaders): void {
    if (!this.usable || this.stream.headersSent) return;
    this.attempt(() => this.stream.respond(headers, headersOnly));
    this.release();
  }

  /** Sends the trailers of a call once all data has been written. */
  sendTrailers(trailers: OutgoingHeaders): void {
    this.stream.on("wantTrailers", () => {
      if (this.usable) this.attempt(() => this.stream.sendTrailers(trailers));
      this.release();
    });
  }

  /** Lets go of a stream that has been answered. */
  release(): void {
    if (this.stream.readableEnded) return;
    this.stream.resume();
    // Where the client is still sending, the stream would stay open until it stops.
    // A reset at once would overtake the trailers.
    setImmediate(() => {
      if (!this.stream.readableEnded) this.reset(constants.NGHTTP2_NO_ERROR);
    });
  }
}

const onAborted = sharedListener((events: ServerStreamEvents) => events.onAborted());
