import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { isError } from "../core/is-error.js";
import { peerOf, type Target } from "../wire/address.js";
import type { OutgoingHeaders } from "../wire/headers.js";
import type { SocketAddress } from "./addresses.js";
import { headerLimits, MAX_RESPONSE_HEADER_BYTES, MAX_SESSION_MEMORY_MB, settings } from "./connection-limits.js";
import { NodeClientStream } from "./node-client-stream.js";
import { NodeSession } from "./node-session.js";

/** The flow-control window of a stream: bytes that a server may send while the response is not being read. */
const STREAM_WINDOW_BYTES = 1024 * 1024;

/** The silence after which a connection is checked that may be stuck, on Node 20, in milliseconds. */
const STUCK_MS = 400;

/** The events of a client's connection. */
export interface ClientSessionEvents {
  /** The server has sent its settings: once when the connection becomes usable, then whenever it changes them. */
  onSettings(): void;
  /**
   * The server accepts no more calls on this connection. May be called several times; the last call counts.
   *
   * @param lastStream the last stream that the server processes
   * @param debugData text of the server, such as `too_many_pings`
   */
  onGoaway(code: number, lastStream: number, debugData: string): void;
  onError(error: Error): void;
  /** The connection has closed. No event follows. */
  onClose(): void;
}

/** A connection to a server. See {@link NodeSession}. */
export class NodeClientSession extends NodeSession<ClientHttp2Session> {
  #events: ClientSessionEvents | undefined;

  /** Starts connecting to one address of the target. @throws TypeError if the TLS options are invalid */
  static connect(target: Target, address: SocketAddress, tls: ConnectionOptions | undefined): NodeClientSession {
    return new NodeClientSession(startSession(target, address, tls), STUCK_MS);
  }

  /** The address of the server. Only available while the connection is open. */
  get peer(): string {
    return peerOf(this.session.socket);
  }

  /** The number of streams that the server lets this client have open at a time. */
  get maxConcurrentStreams(): number {
    return this.session.remoteSettings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
  }

  /** The largest header block that the server accepts, in bytes as HTTP/2 counts them. */
  get maxSendHeaderBytes(): number {
    return this.session.remoteSettings.maxHeaderListSize ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Opens a stream.
   *
   * @throws Error if the connection accepts no more streams or the headers are invalid; then nothing has been sent
   */
  open(headers: OutgoingHeaders): NodeClientStream {
    return new NodeClientStream(this.session.request(headers));
  }

  /** Lets the connection keep the process alive. */
  ref(): void {
    if (!this.session.destroyed) this.attempt(() => this.session.ref());
  }

  /** Lets the process exit while the connection is open. */
  unref(): void {
    if (!this.session.destroyed) this.attempt(() => this.session.unref());
  }

  /** Starts delivering events. If called again, the rest of the events go to the new receiver. */
  listen(events: ClientSessionEvents): void {
    const first = this.#events === undefined;
    this.#events = events;
    if (!first) return;
    this.session.on("remoteSettings", () => this.attempt(() => this.#events?.onSettings()));
    // There may be several: the first one need not name the last stream.
    this.session.on("goaway", (code, lastStream, data) => {
      this.attempt(() => this.#events?.onGoaway(code, lastStream, data?.toString("latin1") ?? ""));
    });
    this.session.on("error", (error: Error) => this.attempt(() => this.#events?.onError(error)));
    this.session.once("close", () => this.attempt(() => this.#events?.onClose()));
  }
}

function startSession(target: Target, address: SocketAddress, tls: ConnectionOptions | undefined): ClientHttp2Session {
  return connectHttp2(`${target.scheme}://${target.authority}`, {
    settings: settings(STREAM_WINDOW_BYTES, MAX_RESPONSE_HEADER_BYTES),
    maxSessionMemory: MAX_SESSION_MEMORY_MB,
    ...headerLimits(MAX_RESPONSE_HEADER_BYTES),
    createConnection: () => {
      const socket = target.scheme === "http" ? connectWithoutTls(address) : connectWithTls(target, address, tls);
      // A TLS alert after the handshake, for example about a missing client certificate, destroys the session, but the
      // session emits no event until the socket is destroyed.
      socket.on("error", () => socket.destroy());
      return socket;
    },
  });
}

function connectWithoutTls(address: SocketAddress): Duplex {
  return "socket" in address ? address.socket : connectTcp({ ...address, noDelay: true });
}

function connectWithTls({ serverName }: Target, address: SocketAddress, tls: ConnectionOptions | undefined): Duplex {
  return connectTls({
    ...("socket" in address ? address : { ...address, noDelay: true }),
    // A server name must be a host name, without a final dot, and not an IP address:
    // https://www.rfc-editor.org/rfc/rfc6066#section-3
    ...(serverName !== undefined && isIP(serverName) === 0 ? { servername: serverName.replace(/\.$/, "") } : {}),
    ...tls,
    ...(tls?.checkServerIdentity && { checkServerIdentity: withoutThrowing(tls.checkServerIdentity) }),
    ALPNProtocols: ["h2"],
  });
}

type IdentityCheck = NonNullable<ConnectionOptions["checkServerIdentity"]>;

/** Returns what the check throws, as Node asks it to. If it threw, the process would end. */
function withoutThrowing(check: IdentityCheck): IdentityCheck {
  return (...args) => {
    try {
      return check(...args);
    } catch (error) {
      return isError(error) ? error : new Error("checkServerIdentity() failed", { cause: error });
    }
  };
}
