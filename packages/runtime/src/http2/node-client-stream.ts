import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from "node:http2";
import type { RawHeaders } from "../wire/headers.js";
import { nextTurn } from "./event-loop.js";
import { NodeStream, type StreamEvents, sharedListener } from "./node-stream.js";
import { rawHeaders } from "./raw-headers.js";

/** The events of a client's stream. */
export interface ClientStreamEvents extends StreamEvents {
  /** The response headers have arrived. `last` if they are the whole response. */
  onResponse(httpStatus: number, last: boolean, raw: RawHeaders): void;
  /** The trailers have arrived. If the stream is paused, they are delivered before the rest of the data. */
  onTrailers(raw: RawHeaders): void;
}

const noBytes = Buffer.alloc(0);

/** A stream on the client's side. See {@link NodeStream}. */
export class NodeClientStream extends NodeStream<ClientHttp2Stream, ClientStreamEvents> {
  override listen(events: ClientStreamEvents): void {
    super.listen(events);
    this.stream.on("response", onResponse);
    this.stream.on("trailers", onTrailers);
  }

  /** The number of the stream. */
  get id(): number {
    return this.stream.id ?? 0;
  }

  /** Stops `onData` events. Node holds back the end of a paused stream, so one that the server resets is resumed. */
  override pause(): void {
    if (this.stream.aborted) return;
    this.stream.pause();
    if (this.stream.listenerCount("aborted") === 0) this.stream.on("aborted", () => this.resume());
  }

  /** Releases a stream that does not carry the call any more. Of its events, only its close is delivered. */
  abandon(onClose: () => void): void {
    this.redirect({ onResponse() {}, onTrailers() {}, onData() {}, onEnd() {}, onBroken() {}, onClose });
    this.release();
  }

  /** Releases a stream that is no longer needed. Resets it in the next turn, unless both halves have ended by then. */
  release(): void {
    // A stream that is paused never closes.
    this.stream.resume();
    if (!this.stream.writableFinished || !this.stream.readableEnded) nextTurn(() => this.#releaseNow());
  }

  #releaseNow(): void {
    const { stream } = this;
    // Up to Node 25, a stream that the server reset with NO_ERROR while written data was pending never closes. It would
    // count against the maximum of concurrent streams for ever.
    if (stream.closed && this.resetCode === constants.NGHTTP2_NO_ERROR && !stream.writableFinished) stream.destroy();
    if (!this.usable || (stream.writableFinished && stream.readableEnded)) return;
    // close() first ends this half of the stream, which the server would take for the regular end of the requests. A
    // pending write, even an empty one, delays that end, so that the reset goes out before it.
    if (!stream.writableEnded) this.attempt(() => stream.write(noBytes));
    this.resetNow(constants.NGHTTP2_CANCEL);
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
