import type { Http2Stream } from "node:http2";
import { nextTurn } from "./event-loop.js";

/** The events of a stream. */
export interface StreamEvents {
  onData(chunk: Buffer): void;
  /** No more data will come: the peer has ended its half, or has reset the stream with NO_ERROR. */
  onEnd(): void;
  /** The stream has closed. No event follows. */
  onClose(): void;
  /** Node or one of these functions threw, so the call cannot continue. */
  onBroken(error: unknown): void;
}

/**
 * The property of a stream with the receiver of its events, until the stream has
 * closed. All streams share their listener functions, which find it here.
 */
const target: unique symbol = Symbol("target");
type Linked<Events> = Http2Stream & { [target]?: Events | undefined };

/**
 * Wraps a stream of node:http2. The library uses such streams only through this
 * class.
 *
 * Most methods of an `Http2Stream` throw once it is destroyed, which can happen
 * between any two events. Its listeners run inside nghttp2, where a throw ends
 * the process. Methods of this class never throw, and its listeners let no error
 * escape: such an error goes to `onBroken`, which ends the call of the stream.
 */
export class NodeStream<Stream extends Http2Stream = Http2Stream, Events extends StreamEvents = StreamEvents> {
  protected readonly stream: Stream;

  constructor(stream: Stream) {
    this.stream = stream;
    stream.on("error", ignore);
  }

  /** Starts reading and delivering events. Call it before any other method. */
  listen(events: Events): void {
    const stream: Linked<Events> = this.stream;
    stream[target] = events;
    stream.on("data", onData);
    stream.on("end", onEnd);
    stream.on("close", onClose);
  }

  /** Delivers the rest of the events to another receiver. */
  redirect(events: Events): void {
    const stream: Linked<Events> = this.stream;
    if (stream[target] !== undefined) stream[target] = events;
  }

  /** Whether anything can still be sent. A stream that the peer has reset is first `closed`, then `destroyed`. */
  get usable(): boolean {
    return !this.stream.destroyed && !this.stream.closed;
  }

  /** Whether data can still be written. */
  get writable(): boolean {
    return this.stream.writable && this.usable;
  }

  /** Bytes that are written but that Node has not passed on yet. */
  get pendingBytes(): number {
    return this.stream.writableLength;
  }

  /** Whether Node asks to wait for `onceDrained` before the next write. */
  get needsDrain(): boolean {
    return this.stream.writableNeedDrain;
  }

  /** Whether the peer's half has ended and all its data has been delivered. */
  get readableEnded(): boolean {
    return this.stream.readableEnded;
  }

  /** The code of the reset that closed the stream; NO_ERROR if there was none. */
  get resetCode(): number {
    return this.stream.rstCode ?? 0;
  }

  /** Calls back when Node takes more data. Ignored while an earlier callback is pending. */
  onceDrained(callback: () => void): void {
    if (this.stream.listenerCount("drain") > 0) return;
    this.stream.once("drain", () => this.attempt(callback));
  }

  /** Writes one or two chunks in a single write of the connection. `last` also ends this half of the stream. */
  write(chunk: Uint8Array, following: Uint8Array | undefined, last: boolean): void {
    if (!this.writable) return;
    try {
      if (following !== undefined) {
        this.stream.cork();
        this.stream.write(chunk);
      }
      if (last) this.stream.end(following ?? chunk);
      else this.stream.write(following ?? chunk);
      if (following !== undefined) this.stream.uncork();
    } catch (error) {
      failCall(this.stream, error);
    }
  }

  /** Ends this half of the stream. */
  end(): void {
    if (this.writable) this.attempt(() => this.stream.end());
  }

  /** Stops `onData` events. */
  pause(): void {
    this.stream.pause();
  }

  /** Restarts `onData` events, from the next turn on. A stream that stays paused never closes. */
  resume(): void {
    this.stream.resume();
  }

  /** Takes the data of a closed stream that has arrived but was not delivered because the stream was paused. */
  *takePending(): Generator<Buffer> {
    for (let chunk = this.stream.read(); chunk !== null; chunk = this.stream.read()) yield chunk;
  }

  /**
   * Resets the stream in the next turn, unless it has closed by then.
   *
   * Most events come while nghttp2 reads a packet. A reset then frees memory that
   * nghttp2 still uses, and later the process aborts: Node 20, and 22 to 26 before
   * July 2026.
   *
   * @see https://github.com/nodejs/node/issues/64113
   */
  reset(code: number): void {
    nextTurn(() => this.resetNow(code));
  }

  /** Call this only where no packet is being read. */
  protected resetNow(code: number): void {
    if (this.usable) this.attempt(() => this.stream.close(code));
  }

  protected attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      failCall(this.stream, error);
    }
  }
}

/** Ends the call of a stream. If that throws too, destroys the stream. */
function failCall(stream: Linked<StreamEvents>, error: unknown): void {
  try {
    stream[target]?.onBroken(error);
  } catch {
    // In the next turn, because destroying a stream resets it: see `reset()`.
    nextTurn(() => stream.destroy());
  }
}

/** Creates a listener that all streams can share and that lets no error escape. */
export function sharedListener<Events extends StreamEvents, Args extends unknown[]>(
  deliver: (events: Events, ...args: Args) => void,
): (this: Http2Stream, ...args: Args) => void {
  return function (this: Linked<Events>, ...args) {
    const events = this[target];
    if (events === undefined) return;
    try {
      deliver(events, ...args);
    } catch (error) {
      failCall(this, error);
    }
  };
}

const onData = sharedListener((events, chunk: Buffer) => events.onData(chunk));
const onEnd = sharedListener((events) => events.onEnd());
const deliverClose = sharedListener((events) => events.onClose());

/** Node may keep a stream long after it has closed. Clearing its target lets the call be collected before that. */
function onClose(this: Linked<StreamEvents>): void {
  deliverClose.call(this);
  this[target] = undefined;
}

/** "close" is enough to know. But without a listener, an "error" event would end the process. */
function ignore(): void {}
