import type { Http2Session } from "node:http2";
import type { Socket } from "node:net";
import { CONNECTION_WINDOW_BYTES } from "./connection-limits.js";
import { watchClosing } from "./node-closing.js";
import { keepNativePart } from "./node-native-part.js";

/** The arguments of `session.destroy()`, from Node too. */
type Reason = readonly [error?: Error | number | null | undefined, code?: number | undefined];

/**
 * The only way in which this library talks to a connection of node:http2. As
 * with a `NodeStream`, nothing here throws, and no listener lets an error out:
 * what Node throws all the same ends this one connection with that error.
 */
export class NodeSession<Session extends Http2Session = Http2Session> {
  protected readonly session: Session;
  readonly #socket: Socket;
  readonly #destroy: (...reason: Reason) => void;
  #hasSocket = true;
  /** Why the connection ends. Set once it is to end. */
  #reason: Reason | undefined;

  constructor(session: Session) {
    this.session = session;
    // Before Node's own listener, for which there is no reason. Node shows a stand-in for the socket, which cannot be
    // destroyed; methods for listeners return the socket itself.
    this.#socket = session.socket.prependOnceListener("close", () => this.#onSocketClosed()) as Socket;
    this.#destroy = session.destroy.bind(session) as (...reason: Reason) => void;
    session.destroy = (...reason: Reason) => this.#end(reason, !reason[0]);
    watchClosing(session, () => this.attempt(() => this.destroy(new Error("The peer does not answer"))));
    keepNativePart(session);
  }

  /** Whether the connection is gone. The streams on it may hear of that first. */
  get destroyed(): boolean {
    return this.session.destroyed;
  }

  /** Whether streams can be opened. */
  get usable(): boolean {
    return this.#reason === undefined && !this.session.closed && !this.session.destroyed;
  }

  /** Takes no more streams, and ends the connection when those that are open have finished. */
  close(): void {
    if (this.usable) this.attempt(() => this.session.close());
  }

  /** Ends the connection in the next turn; an error comes as its "error" event. */
  destroy(error?: Error): void {
    this.#end([error], false);
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
      this.destroy(error instanceof Error ? error : new Error("A listener failed", { cause: error }));
    }
  }

  /**
   * Does what `session.destroy()` does, which Node calls in many places, but only
   * when that cannot end the process:
   *
   * - not from within nghttp2. When a GOAWAY with an error makes Node do that,
   *   HEADERS and DATA behind it in the same packet fail an assertion (on Node 22
   *   a server's too).
   * - not while a write is under way: see `keepNativePart()`. Together with its
   *   socket all writes come to their end.
   *
   * @param flush lets the last words of a connection go out that has closed by itself, when no stream is left
   */
  #end(reason: Reason, flush: boolean): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    setImmediate(() => {
      if ((flush && this.session.closed) || !this.#hasSocket) this.#destroyNow();
      else this.#socket.destroy();
    });
  }

  #onSocketClosed(): void {
    this.#hasSocket = false;
    if (this.#reason !== undefined) this.#destroyNow();
  }

  #destroyNow(): void {
    const reason = this.#reason ?? [];
    // Kept any longer it would be a leak: the stack of an error of Node's refers to what Node has in C++, which refers to us.
    this.#reason = [];
    this.#destroy(...reason);
  }
}
