import type { Http2Stream } from "node:http2";

/** What happens to a stream. */
export interface StreamEvents {
  onData(chunk: Buffer): void;
  /** No more data comes: the peer has ended its half, or has reset the stream with NO_ERROR. */
  onEnd(): void;
  /** The stream is gone. Nothing follows. */
  onClose(): void;
  /** Node, or one of these functions, threw: the call cannot continue. */
  onBroken(error: unknown): void;
}

/** Listeners are shared by all streams. Each finds here whom to call, until the stream has closed. */
const target: unique symbol = Symbol("target");
type Linked<Events> = Http2Stream & { [target]?: Events | undefined };

/**
 * The only way in which this library talks to a stream of node:http2.
 *
 * Most methods of an `Http2Stream` throw once it is gone, and that can happen
 * between any two events. Its listeners run inside nghttp2, where a throw ends
 * the process. Nothing here throws, and no listener lets an error out: both end
 * the call that the stream belongs to, through `onBroken`.
 */
export class NodeStream<Stream extends Http2Stream = Http2Stream, Events extends StreamEvents = StreamEvents> {
  protected readonly stream: Stream;

  constructor(stream: Stream) {
    this.stream = stream;
    stream.on("error", ignore);
  }

  /** Begins to read, and to deliver events. Call it before anything else. */
  listen(events: Events): void {
    const stream: Linked<Events> = this.stream;
    stream[target] = events;
    stream.on("data", onData);
    stream.on("end", onEnd);
    stream.on("close", onClose);
  }

  /** Whether anything can still be sent. A stream that the peer has reset is `closed` first, and destroyed later. */
  get usable(): boolean {
    return !this.stream.destroyed && !this.stream.closed;
  }

  /** Whether data can still be written. */
  get writable(): boolean {
    return this.stream.writable && this.usable;
  }

  /** Bytes that have been written, and that Node has not passed on yet. */
  get pendingBytes(): number {
    return this.stream.writableLength;
  }

  /** Whether Node asks to wait for `onceDrained` before the next write. */
  get needsDrain(): boolean {
    return this.stream.writableNeedDrain;
  }

  /** Whether the peer has sent all it will. */
  get readableEnded(): boolean {
    return this.stream.readableEnded;
  }

  /** The code of the reset that closed the stream; NO_ERROR where there was none. */
  get resetCode(): number {
    return this.stream.rstCode ?? 0;
  }

  /** Calls back when Node takes more data. Of several callbacks the first one counts. */
  onceDrained(callback: () => void): void {
    if (this.stream.listenerCount("drain") > 0) return;
    this.stream.once("drain", () => this.attempt(callback));
  }

  /** Writes two chunks, or one, in one write of the connection. `last` ends this half of the stream. */
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
      this.#broken(error);
    }
  }

  /** Ends this half of the stream. */
  end(): void {
    if (this.writable) this.attempt(() => this.stream.end());
  }

  /** Stops `onData`. */
  pause(): void {
    this.stream.pause();
  }

  /** Lets `onData` come again, from the next turn on. A stream that stays paused never closes. */
  resume(): void {
    this.stream.resume();
  }

  /** Of a stream that has closed: what has arrived and has not come through `onData`, because the stream was paused. */
  *takePending(): Generator<Buffer> {
    for (let chunk = this.stream.read(); chunk !== null; chunk = this.stream.read()) yield chunk;
  }

  /** Resets the stream, if it is still there. */
  reset(code: number): void {
    if (this.usable) this.attempt(() => this.stream.close(code));
  }

  protected attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#broken(error);
    }
  }

  #broken(error: unknown): void {
    breakOff(this.stream, error);
  }
}

/** Ends the call of a stream. If that throws too, nothing is left but to end the stream. */
function breakOff(stream: Linked<StreamEvents>, error: unknown): void {
  try {
    stream[target]?.onBroken(error);
  } catch {
    stream.destroy();
  }
}

/** A listener for any number of streams, which lets no error out. */
export function sharedListener<Events extends StreamEvents, Args extends unknown[]>(
  deliver: (events: Events, ...args: Args) => void,
): (this: Http2Stream, ...args: Args) => void {
  return function (this: Linked<Events>, ...args) {
    const events = this[target];
    if (events === undefined) return;
    try {
      deliver(events, ...args);
    } catch (error) {
      breakOff(this, error);
    }
  };
}

const onData = sharedListener((events, chunk: Buffer) => events.onData(chunk));
const onEnd = sharedListener((events) => events.onEnd());
const deliverClose = sharedListener((events) => events.onClose());

/** Node may keep a stream for long after it has closed. It must not keep the call, and what hangs on it. */
function onClose(this: Linked<StreamEvents>): void {
  deliverClose.call(this);
  this[target] = undefined;
}

/** "close" tells more. Without a listener, the error of a stream would end the process. */
function ignore(): void {}
