import type { Http2Session } from "node:http2";
import { CONNECTION_WINDOW_BYTES } from "./limits.js";

/**
 * The only way in which this library talks to a connection of node:http2. As
 * with a `NodeStream`, nothing here throws, and no listener lets an error out:
 * what Node throws all the same ends this one connection with that error.
 */
export class NodeSession<Session extends Http2Session = Http2Session> {
  protected readonly session: Session;
  readonly #destroy: Session["destroy"];

  constructor(session: Session) {
    this.session = session;
    this.#destroy = session.destroy;
    // Node destroys a session from within nghttp2 when it reads a GOAWAY with an error. HEADERS and DATA behind it in the
    // same packet then fail an assertion, which ends the process (on Node 22 a server's too). Node's own call is therefore
    // deferred until nghttp2 has read the packet.
    session.destroy = (...reason) => void setImmediate(() => this.#destroy.apply(session, reason));
  }

  /** Whether the connection is gone. The streams on it may hear of that first. */
  get destroyed(): boolean {
    return this.session.destroyed;
  }

  /** Whether streams can be opened. */
  get usable(): boolean {
    return !this.session.closed && !this.session.destroyed;
  }

  /** Takes no more streams, and ends the connection when those that are open have finished. */
  close(): void {
    if (this.usable) this.attempt(() => this.session.close());
  }

  /** Ends the connection at once; an error comes as its "error" event. */
  destroy(error?: Error): void {
    this.#destroy.call(this.session, error);
  }

  /** Makes the window of the connection larger than the 64 KiB of HTTP/2. */
  widen(): void {
    if (!this.session.destroyed) this.attempt(() => this.session.setLocalWindowSize(CONNECTION_WINDOW_BYTES));
  }

  onceClosed(callback: () => void): void {
    this.session.once("close", () => this.attempt(callback));
  }

  protected attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.session.destroy(error instanceof Error ? error : new Error("A listener failed", { cause: error }));
    }
  }
}
