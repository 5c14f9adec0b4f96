import type { Duplex } from "node:stream";
import { MAX_TIMER_MS } from "../core/deadline.js";
import { peerOf } from "../wire/address.js";
import { whyRefused } from "./connect-failure.js";
import { isConnecting } from "./is-connecting.js";

/** How many connections a server has, and what became of those that never spoke HTTP/2. */
export interface ConnectionCounts {
  /** Connections that speak HTTP/2. */
  readonly open: number;
  /** Those of the open connections that have no call in flight. */
  readonly idle: number;
  /** Connections that have not completed the TLS handshake, or have not sent the settings of HTTP/2. */
  readonly connecting: number;
  /** All connections that have been accepted so far. */
  readonly accepted: number;
  /** Connections so far that clients closed before they spoke HTTP/2, as TCP probes do. */
  readonly abandoned: number;
  /** Connections so far that the server closed because the client did not speak TLS or HTTP/2, or was too slow. */
  readonly refused: number;
  /** The last connection that was refused, and why; `undefined` if there is none. */
  readonly lastRefusal: RefusedConnection | undefined;
}

/** The counts of connections that have come so far, on all addresses of a server. */
export type PastConnections = {
  -readonly [Name in "accepted" | "abandoned" | "refused" | "lastRefusal"]: ConnectionCounts[Name];
};

/** A connection that a server closed before it carried a call. */
export interface RefusedConnection {
  /** The address of the client; `unknown address` if the socket was never connected. */
  readonly peer: string;
  /** What the client did not do, or why there was no connection. */
  readonly reason: string;
}

/** The limits of connections that do not speak HTTP/2 yet. */
export interface AcceptedLimits {
  /** How long they may last, in milliseconds. */
  readonly handshakeTimeout: number;
  /** How many there may be. */
  readonly maxConnecting: number;
}

/** A connection that does not speak HTTP/2 yet. */
interface Pending {
  peer: string;
  readonly timer: NodeJS.Timeout;
}

/**
 * How long a connection that does not speak HTTP/2 yet outlives a server that is
 * closing, in milliseconds. A client that is just connecting can so be told to
 * go elsewhere, and repeats its calls.
 */
const CLOSING_MS = 100;

/**
 * The sockets that a server has accepted, and that have not closed.
 *
 * Each is pending at first, until the client has sent the settings of HTTP/2
 * (`settle()`), the client leaves, it is refused, or its time is over.
 */
export class AcceptedSockets {
  readonly #limits: AcceptedLimits;
  readonly #past: PastConnections;
  readonly #all = new Set<Duplex>();
  readonly #pending = new Map<Duplex, Pending>();

  constructor(limits: AcceptedLimits & { readonly past: PastConnections }) {
    this.#limits = limits;
    this.#past = limits.past;
  }

  /** The number of connections that are pending. */
  get connecting(): number {
    return this.#pending.size;
  }

  /** Counts a socket that has already closed. */
  addClosed(): void {
    this.#past.accepted += 1;
    this.#past.abandoned += 1;
  }

  /** Call this again when a socket that was still connecting has connected. */
  add(socket: Duplex): void {
    const known = this.#pending.get(socket);
    if (known !== undefined) {
      known.peer = peerOf(socket);
      return;
    }
    added.add(socket);
    this.#past.accepted += 1;
    this.#all.add(socket);
    const { handshakeTimeout: timeout, maxConnecting } = this.#limits;
    const timer = setTimeout(
      () => this.refuse(socket, `The client did not speak HTTP/2 within ${timeout} ms`),
      Math.min(timeout, MAX_TIMER_MS),
    ).unref();
    this.#pending.set(socket, { peer: isConnecting(socket) ? "unknown address" : peerOf(socket), timer });
    const [oldest] = this.#pending.size > maxConnecting ? this.#pending.keys() : [];
    if (oldest !== undefined)
      this.refuse(oldest, `More than ${maxConnecting} connections did not speak HTTP/2 yet (maxConnecting)`);
    socket.on("error", (error) => this.fail(socket, error));
    socket.once("close", () => {
      this.#all.delete(socket);
      if (this.settle(socket) !== undefined) this.#past.abandoned += 1;
    });
  }

  /** A connection has failed. A client that disconnects while it is pending has abandoned it. */
  fail(socket: Duplex, error: Error): void {
    const reason = whyRefused(error);
    if (reason !== undefined) this.refuse(socket, reason);
  }

  /** Closes a connection that is pending. */
  refuse(socket: Duplex, reason: string): void {
    const pending = this.settle(socket);
    if (pending === undefined) return;
    this.#past.refused += 1;
    this.#past.lastRefusal = { peer: pending.peer, reason };
    socket.destroy();
  }

  /** Closes all connections that stay pending. Call it when no more are accepted. */
  closePending(): void {
    if (this.#pending.size === 0) return;
    setTimeout(() => {
      for (const socket of this.#pending.keys()) {
        this.settle(socket);
        socket.destroy();
      }
    }, CLOSING_MS).unref();
  }

  destroyAll(): void {
    for (const socket of this.#all) socket.destroy();
  }

  /** Resolves when the sockets that are open now have closed. */
  async closed(): Promise<void> {
    await Promise.all([...this.#all].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
  }

  /** The connection is no longer pending: the client speaks HTTP/2, or the connection ends. */
  settle(socket: Duplex): Pending | undefined {
    const pending = this.#pending.get(socket);
    clearTimeout(pending?.timer);
    this.#pending.delete(socket);
    return pending;
  }
}

/** All sockets that servers have accepted. */
const added = new WeakSet<Duplex>();

/**
 * The socket that was accepted. The socket of a session may be a layer above it, of TLS
 * or of Node's HTTP/2. One that a program has passed to `accept()` may have layers itself.
 */
export function acceptedSocket(socket: Duplex): Duplex {
  if (added.has(socket)) return socket;
  // Node has no public property for these two: the socket below TLS, and a stream that is not a socket.
  const { _parent: below, stream } = socket as { _parent?: Duplex | null; stream?: Duplex };
  const next = below ?? stream;
  return next === undefined ? socket : acceptedSocket(next);
}
