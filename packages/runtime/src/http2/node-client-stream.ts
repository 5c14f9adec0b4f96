import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from "node:http2";
import type { RawHeaders } from "../wire/headers.js";
import { NodeStream, type StreamEvents, sharedListener } from "./node-stream.js";
import { rawHeaders } from "./raw-headers.js";

/** What happens to a stream of a client. */
export interface ClientStreamEvents extends StreamEvents {
  /** The response headers are there; `last` if they are the whole response. */
  onResponse(httpStatus: number, last: boolean, raw: RawHeaders): void;
  /** The trailers are there. While the stream is paused they come before the rest of the data. */
  onTrailers(raw: RawHeaders): void;
}

const nothing = Buffer.alloc(0);

/** The only way in which a client talks to a stream. See {@link NodeStream}. */
export class NodeClientStream extends NodeStream<ClientHttp2Stream, ClientStreamEvents> {
  override listen(events: ClientStreamEvents): void {
    super.listen(events);
    this.stream.on("response", onResponse);
    this.stream.on("trailers", onTrailers);
  }

  /** Lets go of a stream that is of no more use, and tells the server unless both sides are through. */
  release(): void {
    const { stream } = this;
    if (this.usable && !(stream.writableEnded && stream.readableEnded)) {
      // close() ends the stream first, which a server would take for the regular end of the requests. While a write
      // is under way, even an empty one, the end has to wait, and the reset overtakes it.
      if (!stream.writableEnded) this.attempt(() => stream.write(nothing));
      this.reset(constants.NGHTTP2_CANCEL);
    }
    // A stream that is paused never closes.
    stream.resume();
    // Nor does one that was reset with NO_ERROR while its data was held back, up to Node 25. It would keep its slot among
    // the streams of the connection.
    if (stream.closed && stream.rstCode === constants.NGHTTP2_NO_ERROR && !stream.writableFinished) {
      setImmediate(() => stream.destroy());
    }
  }
}

const onResponse = sharedListener(
  (events: ClientStreamEvents, headers: IncomingHttpHeaders, flags: number, ...rest: unknown[]) =>
    events.onResponse(Number(headers[":status"]), (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0, rawHeaders(rest)),
);

const onTrailers = sharedListener(
  (events: ClientStreamEvents, _headers: IncomingHttpHeaders, _flags: number, ...rest: unknown[]) =>
    events.onTrailers(rawHeaders(rest)),
);
