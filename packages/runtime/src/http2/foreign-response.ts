import type { CallEnd } from "../errors/call-end.js";

/** A response that is not gRPC is read up to these limits, in case its trailers carry a status. */
const MAX_BYTES = 16 * 1024;
const MAX_MS = 1000;

/** A response that is not gRPC, such as the error page of a proxy. */
export class ForeignResponse {
  readonly #end: CallEnd;
  readonly #giveUp: (end: CallEnd) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #bytes = 0;

  /**
   * @param end how the call ends, unless the trailers carry a status
   * @param giveUp called when one of the limits is exceeded
   */
  constructor(end: CallEnd, giveUp: (end: CallEnd) => void) {
    this.#end = end;
    this.#giveUp = giveUp;
  }

  /** Starts the timer. */
  start(): this {
    this.#timer = setTimeout(() => this.#giveUp(this.#end), MAX_MS);
    return this;
  }

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_BYTES) this.#giveUp(this.#end);
  }

  /** Stops the timer. */
  release(): void {
    clearTimeout(this.#timer);
  }
}
