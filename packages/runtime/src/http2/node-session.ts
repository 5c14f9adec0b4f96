import type { Http2Session } from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { isError } from "../core/is-error.js";
import { timestamp } from "../core/timestamp.js";
import { CONNECTION_WINDOW_BYTES } from "./connection-limits.js";
import {
  type ConnectionSnapshot,
  type ConnectionUse,
  keepaliveSnapshot,
  type TlsSnapshot,
  tlsSnapshot,
} from "./connection-snapshot.js";
import { nextTurn } from "./event-loop.js";
import { Keepalive, type KeepaliveTimes, type PingableConnection } from "./keepalive.js";
import { keepNativePart } from "./node-native-part.js";
import { watchForStuck } from "./node-stuck-session.js";

/** How long a connection that has closed regularly waits for its peer to do the same, in milliseconds without traffic. */
const LINGER_MS = 10_000;

/** The same, in milliseconds, if it has had no calls. A peer that is gone must not delay the end of a server. */
const UNUSED_LINGER_MS = 1000;

/** The arguments of `session.destroy()`, which Node calls too. */
type Reason = readonly [error?: Error | number | null | undefined, code?: number | undefined];

/**
 * Wraps a connection of node:http2. The library uses such connections only
 * through this class. As with `NodeStream`, methods never throw and listeners let
 * no error escape: an error thrown by Node or by a listener ends this connection.
 */
export class NodeSession<Session extends Http2Session = Http2Session> implements PingableConnection {
  protected readonly session: Session;
  protected readonly socket: Socket;
  readonly #destroy: (...reason: Reason) => void;
  readonly #keepalive = new Keepalive(this);
  readonly #since = Date.now();
  /** All calls so far. */
  calls = 0;
  #hasSocket = true;
  /** Called when the connection has failed, before its socket is destroyed. Must not throw. */
  onFailed: ((error: Error) => void) | undefined;
  /** Whether anything waits for the peer, so that it matters whether it violates HTTP/2. Must not throw. */
  isAwaited: () => boolean = () => true;
  /** Why the connection ends. Set once the end has been requested. */
  #reason: Reason | undefined;

  /** @param silence in milliseconds, after which it is checked whether the peer has violated HTTP/2, on Node 20 */
  constructor(session: Session, silence: number) {
    this.session = session;
    // Runs before Node's own listener, which would destroy the session without a reason. `session.socket` is a proxy on
    // which destroy() throws, but its methods that add listeners return the socket itself.
    this.socket = session.socket.prependOnceListener("close", () => this.#onSocketClosed()) as Socket;
    this.#destroy = session.destroy.bind(session) as (...reason: Reason) => void;
    session.destroy = (...reason: Reason) => this.#end(reason, !reason[0]);
    const close = session.close.bind(session);
    // Node also calls close() itself, when the peer sends a GOAWAY without an error.
    session.close = (callback) => {
      const closes = !session.closed && !session.destroyed;
      close(callback);
      // Not before: `received` has another meaning from now on.
      if (closes) this.#keepalive.onClosing();
    };
    session.once("close", () => this.#keepalive.stop());
    keepNativePart(session);
    const isAwaited = () => this.isAwaited();
    watchForStuck(session, this.socket, silence, isAwaited, (error) => this.destroy(error));
  }

  /** Whether the connection is destroyed. Its streams may learn of that before. */
  get destroyed(): boolean {
    return this.session.destroyed;
  }

  /**
   * Whether the connection has ended. In Bun and Deno, its streams close with
   * CANCEL before the session is destroyed, as if the peer had reset them.
   */
  get lost(): boolean {
    return this.session.destroyed || this.socket.destroyed;
  }

  /** Whether streams can be opened. */
  get usable(): boolean {
    return this.#reason === undefined && !this.session.closed && !this.session.destroyed;
  }

  /** Whether the connection closes once its open streams have finished, because of this side or of the peer. */
  get closing(): boolean {
    return this.session.closed;
  }

  /**
   * Changes when something arrives; while the connection is closing, only when data
   * does that nghttp2 has accepted. If a peer violates HTTP/2 after a GOAWAY, nghttp2
   * discards what it receives, and node:http2 reports nothing (Node 20 to 26). It does
   * not even notice that the peer has disconnected, and would keep the connection and
   * its streams for ever.
   */
  get received(): number {
    if (!this.closing) return this.socket.bytesRead;
    // Grows with data, and shrinks when this side enlarges its window. Deno has no state.
    const { effectiveRecvDataLength = 0 } = this.session.state ?? {};
    return effectiveRecvDataLength;
  }

  /** @param client the subject of the client's certificate, on a server that knows it */
  snapshot(use: ConnectionUse, client?: TlsSnapshot["client"]): ConnectionSnapshot {
    const { bytesRead, bytesWritten } = this.socket;
    return {
      peer: use.peer,
      since: timestamp(this.#since),
      streams: use.streams,
      calls: use.calls,
      idle: use.streams === 0,
      closing: use.closing,
      bytesRead,
      bytesWritten,
      ...keepaliveSnapshot(this.#keepalive.times),
      ...tlsSnapshot(this.socket as Partial<TLSSocket>, client),
    };
  }

  /**
   * Sends pings while the peer is silent, and destroys the connection with an
   * error if it does not answer. Can be called again to change the times.
   *
   * @param isNeeded whether to ping now. If not, the silence goes on until it is. Default: always.
   */
  keepAlive(times: KeepaliveTimes, isNeeded?: () => boolean): void {
    if (this.usable) this.#keepalive.start(times, isNeeded);
  }

  /** Sends a frame that the peer has to acknowledge. `onAck` is not called if the connection ends before. */
  ping(onAck: () => void): void {
    if (this.session.destroyed) return;
    // Node no longer sends a PING once the session is closing.
    if (this.session.closed) return this.roundTrip(onAck);
    this.attempt(() =>
      this.session.ping((error) => {
        if (error === null) onAck();
      }),
    );
  }

  /**
   * Sends settings, which the peer has to acknowledge, like a ping. But no peer
   * takes offence at them. `onAck` is not called if the connection ends before.
   */
  roundTrip(onAck: () => void): void {
    if (this.session.destroyed) return;
    this.attempt(() =>
      this.session.settings({}, (error) => {
        if (error === null) onAck();
      }),
    );
  }

  /** Accepts no more streams, and closes the connection when all open streams have finished. */
  close(): void {
    if (this.usable) this.attempt(() => this.session.close());
  }

  /** Destroys the connection in the next turn. If there is an error, the session emits it as an "error" event. */
  destroy(error?: Error): void {
    this.#end([error], false);
  }

  /** Enlarges the flow-control window of the connection, which is 64 KiB by default in HTTP/2. */
  enlargeWindow(): void {
    // Bun's connections hang after that: https://github.com/oven-sh/bun/issues/40180
    if (this.session.destroyed || process.versions.bun !== undefined) return;
    this.attempt(() => this.session.setLocalWindowSize(CONNECTION_WINDOW_BYTES));
  }

  onceClosed(callback: () => void): void {
    this.session.once("close", () => this.attempt(callback));
  }

  protected attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.destroy(isError(error) ? error : new Error("A listener failed", { cause: error }));
    }
  }

  /**
   * Replaces `session.destroy()`, which Node calls in many places. In two
   * situations it would crash the process, so this method avoids them:
   *
   * - within a callback of nghttp2. Node calls it there when it receives a GOAWAY
   *   with an error code; then HEADERS and DATA after it in the same packet fail an
   *   assertion (on Node 22 in a server as well). This method waits for the next turn.
   * - while a write is pending: see `keepNativePart()`. This method destroys the
   *   socket first, which ends all writes.
   *
   * @param flush whether the last frames may still be sent, if the session has closed regularly and no stream is left
   */
  #end(reason: Reason, flush: boolean): void {
    // A connection that has closed regularly, but whose peer does not close its side, can still be cut.
    if (!flush && this.session.destroyed && this.#hasSocket) this.socket.destroy();
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    if (reason[0] instanceof Error) this.onFailed?.(reason[0]);
    nextTurn(() => {
      if (!this.#hasSocket) this.#destroyNow();
      else if (flush && this.session.closed) {
        this.#destroyNow();
        this.attempt(() => {
          readToEnd(this.socket);
          this.socket.setTimeout(this.calls === 0 ? UNUSED_LINGER_MS : LINGER_MS, () => this.socket.destroy());
        });
      } else this.socket.destroy();
    });
  }

  #onSocketClosed(): void {
    this.#hasSocket = false;
    if (this.#reason !== undefined) this.#destroyNow();
  }

  #destroyNow(): void {
    const reason = this.#reason ?? [];
    // Keeping the reason would be a leak: the stack of an error from Node refers to its native session, which refers
    // back to this object.
    this.#reason = [];
    this.#destroy(...reason);
  }
}

/**
 * Makes Node read from a socket again that its connection has just left.
 *
 * node:http2 can have stopped reading, and no public method starts it again. Over
 * TLS, that happens when a client closes the connection right after it has reset a
 * stream. Then neither the last write ends nor is it noticed that the client has
 * disconnected.
 */
function readToEnd(socket: Socket): void {
  const { _handle: handle } = socket as { _handle?: { readStart?(): unknown } | null };
  handle?.readStart?.();
}
