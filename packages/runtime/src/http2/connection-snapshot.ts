import type { TLSSocket } from "node:tls";
import type { KeepaliveTimes } from "./keepalive.js";

/** A connection at one moment, as plain data. */
export interface ConnectionSnapshot {
  /** The address of the peer. */
  readonly peer: string;
  /** When the connection was created, in the form `2026-01-31T12:00:00.000Z`. */
  readonly since: string;
  /** The calls in flight. */
  readonly streams: number;
  /** All calls so far. */
  readonly calls: number;
  /** Whether no call is in flight. */
  readonly idle: boolean;
  /** Whether the connection closes once its calls are over. */
  readonly closing: boolean;
  /** The bytes received so far. */
  readonly bytesRead: number;
  /** The bytes sent so far. */
  readonly bytesWritten: number;
  /** When the peer is pinged; left out if it is not. */
  readonly keepalive?: KeepaliveSnapshot;
  /** How the connection is encrypted; left out without TLS. */
  readonly tls?: TlsSnapshot;
}

/** When the peer of a connection is pinged. */
export interface KeepaliveSnapshot {
  /** The silence after which a ping is sent, in milliseconds. */
  readonly time: number;
  /** The time to answer a ping, in milliseconds; left out without a limit. */
  readonly timeout?: number;
}

/** How a connection is encrypted. */
export interface TlsSnapshot {
  /** The version of TLS, such as `TLSv1.3`. */
  readonly protocol: string;
  /** The name of the cipher suite, as IANA writes it. */
  readonly cipher: string;
  /**
   * On a server, the subject of the verified certificate of the client, such as
   * `{ CN: "billing" }`; left out if there is none.
   */
  readonly client?: Readonly<Record<string, string | readonly string[]>>;
}

/** What the user of a connection knows about it. */
export type ConnectionUse = Pick<ConnectionSnapshot, "peer" | "streams" | "calls" | "closing">;

/** The times as plain data: JSON has no `Infinity`. */
export function keepaliveSnapshot({ time, timeout }: KeepaliveTimes): Pick<ConnectionSnapshot, "keepalive"> {
  if (!Number.isFinite(time)) return {};
  return { keepalive: { time, ...(Number.isFinite(timeout) ? { timeout } : {}) } };
}

/** How a socket is encrypted. Sockets that programs pass to `accept()` may lack any of these methods. */
export function tlsSnapshot(
  socket: Partial<TLSSocket>,
  client: TlsSnapshot["client"],
): Pick<ConnectionSnapshot, "tls"> {
  const protocol = socket.getProtocol?.();
  if (protocol == null) return {};
  const { standardName = "" } = socket.getCipher?.() ?? {};
  return { tls: { protocol, cipher: standardName, ...(client === undefined ? {} : { client }) } };
}
