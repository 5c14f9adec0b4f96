import { Duplex } from "node:stream";
// Not the global one, which fake timers replace.
import { setImmediate } from "node:timers";

/** Taken when this module is loaded, before fake timers replace it. */
const { nextTick } = process;

/** Both ends of a connection in memory. As with TCP, the one learns when the other one closes. */
export function socketPair(): readonly [Duplex, Duplex] {
  const near = new MemorySocket();
  const far = new MemorySocket();
  near.peer = far;
  far.peer = near;
  return [near, far];
}

/**
 * One end. It takes all that is written, as the buffers of TCP sockets take much.
 * Sessions of node:http2 do not read while a write is pending, so with a
 * `duplexPair()`, whose writes wait until they are read, both ends would wait for
 * each other. The flow control of HTTP/2 limits how much can be on its way.
 */
class MemorySocket extends Duplex {
  peer: MemorySocket | undefined;

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, written: () => void): void {
    this.peer?.push(chunk);
    // At once, it would end the process: node:http2 is still in the middle of its write.
    nextTick(written);
  }

  override _final(ended: () => void): void {
    this.#endPeer();
    ended();
  }

  override _destroy(error: Error | null, destroyed: (error: Error | null) => void): void {
    destroyed(error);
    const { peer } = this;
    if (peer === undefined || peer.destroyed) return;
    // What has been sent before can still be read.
    this.#endPeer();
    setImmediate(() => setImmediate(() => peer.destroy()));
  }

  #endPeer(): void {
    if (this.peer?.readableEnded === false && !this.peer.destroyed) this.peer.push(null);
  }
}
