import type { Http2Stream } from "node:http2";

/** Frames of one tick go out together, up to about this many bytes a write. */
const MAX_WRITE_BYTES = 16 * 1024;

/**
 * Writes frames to a stream.
 *
 * The frames that are added within one tick share a write: `process.nextTick`
 * runs once all promise reactions have, so that a generator that yields without
 * waiting for I/O fills a whole write. Frames can be added before there is a
 * stream.
 */
export class FrameWriter {
  readonly #onDrain: () => void;
  #stream: Http2Stream | undefined;
  #frames: Uint8Array[] = [];
  #bytes = 0;
  #scheduled = false;
  #ended = false;
  #full = false;

  /** @param onDrain called when frames can be added again after `add` returned false */
  constructor(onDrain: () => void) {
    this.#onDrain = onDrain;
  }

  /** Sends what has been added, and all that comes, to a stream. */
  attach(stream: Http2Stream): void {
    this.#stream = stream;
    stream.on("drain", () => this.#drained());
    if (this.#ended) {
      this.#writeEnd(stream);
      return;
    }
    this.#flush();
    this.#drained();
  }

  /** Adds a frame. @returns false if no more should be added until `onDrain` */
  add(frame: Uint8Array): boolean {
    this.#frames.push(frame);
    this.#bytes += frame.length;
    if (this.#bytes >= MAX_WRITE_BYTES) this.#flush();
    else if (!this.#scheduled) this.#schedule();
    this.#full = this.#stream === undefined ? this.#bytes >= MAX_WRITE_BYTES : this.#stream.writableNeedDrain;
    return !this.#full;
  }

  /** Ends the stream after what has been added, if possible in the same write. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#stream !== undefined) this.#writeEnd(this.#stream);
  }

  #schedule(): void {
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#bytes === 0 || this.#stream === undefined || this.#ended) return;
    const chunk = this.#take();
    if (!this.#stream.destroyed) this.#stream.write(chunk);
  }

  #writeEnd(stream: Http2Stream): void {
    if (stream.destroyed) return;
    if (this.#bytes === 0) stream.end();
    else stream.end(this.#take());
  }

  #take(): Uint8Array {
    const [first] = this.#frames;
    const chunk = this.#frames.length === 1 && first !== undefined ? first : Buffer.concat(this.#frames, this.#bytes);
    this.#frames = [];
    this.#bytes = 0;
    return chunk;
  }

  #drained(): void {
    if (!this.#full || this.#stream?.writableNeedDrain) return;
    this.#full = false;
    this.#onDrain();
  }
}
