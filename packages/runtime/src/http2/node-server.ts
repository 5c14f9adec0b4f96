import {
  createSecureServer,
  createServer,
  type Http2Server,
  type Http2Session,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { type AddressInfo, type ListenOptions, Server as TcpServer } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContextOptions, TLSSocket, TlsOptions, Server as TlsServer } from "node:tls";
import { definedOnly } from "../core/defined-only.js";
import type { RawHeaders } from "../wire/headers.js";
import { ResetCode } from "../wire/reset-code.js";
import { AcceptedSockets, acceptedSocket, type ConnectionCounts } from "./accepted-sockets.js";
import { headerLimits, MAX_SESSION_MEMORY_MB, settings } from "./connection-limits.js";
import type { ConnectionSnapshot } from "./connection-snapshot.js";
import { isConnecting } from "./is-connecting.js";
import { NodeServerSession } from "./node-server-session.js";
import { NodeServerStream } from "./node-server-stream.js";
import { rawHeaders } from "./raw-headers.js";
import { RESET_LIMITS } from "./reset-budget.js";
import type { ConnectionSettings } from "./server-settings.js";

/** Where a server listens: the options of node:net, and optionally TLS. */
export interface ServerListenOptions extends ListenOptions {
  /** The key, the certificate and other options of node:tls. Default: no TLS (h2c). */
  readonly tls?: TlsOptions | undefined;
}

/** The headers that open a stream. */
export interface RequestHeaders {
  readonly method: string | undefined;
  readonly path: string;
  readonly raw: RawHeaders;
}

/** The events of a {@link NodeServer}. */
export interface ServerEvents {
  onSession(session: NodeServerSession): void;
  onStream(stream: NodeServerStream, headers: RequestHeaders, session: NodeServerSession): void;
  /** An error of a connection or of the server itself, or one thrown by a listener. */
  onError(error: unknown, peer: string | undefined): void;
}

/** The flow-control window of a stream: bytes that a client may send while the call is not being read. */
const STREAM_WINDOW_BYTES = 256 * 1024;

/** The answer to a client that does not offer HTTP/2 in the TLS handshake, as Node's. */
const notHttp2 = "HTTP/1.0 403 Forbidden\r\nContent-Type: text/plain\r\n\r\nMissing ALPN Protocol, expected `h2`";

/** Wraps a server of node:http2. Its listeners let no error escape. */
export class NodeServer {
  readonly #server: Http2Server;
  readonly #settings: ConnectionSettings;
  readonly #events: ServerEvents;
  readonly #sockets: AcceptedSockets;
  readonly #sessions = new Set<NodeServerSession>();
  readonly #sessionOf = new WeakMap<Http2Session, NodeServerSession>();
  #tls: TlsOptions;

  constructor(connectionSettings: ConnectionSettings, tls: TlsOptions | undefined, events: ServerEvents) {
    const { maxConcurrentStreams, handshakeTimeout, maxHeaderBytes } = connectionSettings;
    this.#settings = connectionSettings;
    this.#tls = tls ?? {};
    this.#events = events;
    this.#sockets = new AcceptedSockets(connectionSettings);
    const options = {
      settings: { ...settings(STREAM_WINDOW_BYTES, maxHeaderBytes), maxConcurrentStreams },
      ...headerLimits(maxHeaderBytes),
      maxSessionMemory: MAX_SESSION_MEMORY_MB,
      // How many streams Node may refuse in a row before it ends the connection; by default 100. Node 22 and later
      // refuse streams that a client opens in the packet in which it resets others to make room for them.
      maxSessionRejectedStreams: Math.min(10 * maxConcurrentStreams + 100, 2 ** 32 - 1),
      // Node 20 ignores these two.
      streamResetBurst: RESET_LIMITS.burst,
      streamResetRate: RESET_LIMITS.perSecond,
    };
    // Both kinds of server have the same events, so the type of a plain server fits both.
    this.#server = (
      tls ? createSecureServer({ ...options, ...tls, handshakeTimeout }) : createServer(options)
    ) as Http2Server;
    this.#listen();
  }

  /** See {@link ConnectionCounts}. */
  get counts(): ConnectionCounts {
    const open = this.#established;
    return {
      open: open.length,
      idle: open.filter(({ openCalls }) => openCalls === 0).length,
      connecting: this.#sockets.connecting,
      ...this.#settings.past,
    };
  }

  /** The connections that speak HTTP/2. */
  get connections(): ConnectionSnapshot[] {
    return this.#established.map((session) => session.describe());
  }

  /** Where it listens: `host:port` or `unix:/path`; `undefined` if it does not. */
  get address(): string | undefined {
    const address = this.#server.address();
    if (address === null) return undefined;
    if (typeof address === "string") return `unix:${address}`;
    const { address: host, port, family } = address;
    return family === "IPv6" ? `[${host}]:${port}` : `${host}:${port}`;
  }

  get #established(): readonly NodeServerSession[] {
    return [...this.#sessions].filter(({ established }) => established);
  }

  /** Starts listening. @throws Error of node:net if the address cannot be bound */
  async bind(options: ListenOptions): Promise<AddressInfo | string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      // All that happens if the option `signal` aborts before the server listens.
      this.#server.once("close", () => reject(new Error("The server was closed before it listened")));
      this.#server.listen(options, () => {
        this.#server.off("error", reject);
        this.#server.on("error", (error) => this.#events.onError(error, undefined));
        resolve();
      });
    });
    return this.#server.address() ?? "";
  }

  /** Serves a connection that something else has accepted. */
  accept(socket: Duplex): void {
    if (socket.destroyed) return this.#sockets.addClosed();
    const start = () => this.#server.emit("connection", socket);
    if (!isConnecting(socket)) return void start();
    // node:http2 would take it for a socket without a connection.
    this.#sockets.add(socket);
    socket.once("connect", start);
  }

  /** Uses another certificate for new connections. @throws Error of node:tls if the options are invalid */
  setSecureContext(options: SecureContextOptions): void {
    // Node resets options that are not passed, for example `minVersion` and `crl`.
    const given: SecureContextOptions = definedOnly(options);
    const tls = { ...withoutIdentity(this.#tls, given), ...given };
    (this.#server as unknown as TlsServer).setSecureContext(tls);
    this.#tls = tls;
  }

  /** Accepts no more connections and streams. Resolves when all connections have closed. */
  async close(): Promise<void> {
    // From Node 24 on, close() of an HTTP/2 server also closes the sessions, but without the first GOAWAY of retire().
    await new Promise<void>((resolve) => {
      TcpServer.prototype.close.call(this.#server, () => resolve());
      for (const session of this.#sessions) session.retire("shutdown");
      this.#sockets.closePending();
    });
    await this.#sockets.closed();
  }

  /** Closes all connections at once. */
  destroy(): void {
    for (const session of this.#sessions) session.destroy();
    this.#sockets.destroyAll();
  }

  #listen(): void {
    // Before the listener of node:http2, which creates the session.
    this.#server.prependListener("connection", (socket: Duplex) => this.#sockets.add(socket));
    // A failed handshake or an invalid connection preface ends that connection, not the server.
    const onFailed = (error: Error, socket: TLSSocket) => this.#sockets.fail(acceptedSocket(socket), error);
    this.#server.on("tlsClientError", onFailed);
    this.#server.on("secureConnection", (socket: TLSSocket) => socket.on("error", (error) => onFailed(error, socket)));
    this.#server.on("unknownProtocol", (socket: TLSSocket) => {
      const refuse = () => this.#sockets.refuse(acceptedSocket(socket), "The client did not offer HTTP/2 (ALPN: h2)");
      socket.end(notHttp2, refuse);
    });
    this.#server.on("session", (session: ServerHttp2Session) => this.#onSession(session));
    this.#server.on("stream", (stream: ServerHttp2Stream, headers, _flags, ...rest: unknown[]) => {
      this.#onStream(stream, { method: headers[":method"], path: headers[":path"] ?? "", raw: rawHeaders(rest) });
    });
  }

  #onSession(nodeSession: ServerHttp2Session): void {
    const session = new NodeServerSession(nodeSession);
    this.#sessionOf.set(nodeSession, session);
    this.#sessions.add(session);
    const onGone = () => this.#sessions.delete(session);
    session.onceClosed(onGone);
    // The session may close after its socket, for which close() waits.
    session.accepted.once("close", onGone);
    // Many clients just disconnect, which nghttp2 treats as an error. If that ends calls, their handlers learn of it.
    session.onFailed = (error) => this.#sockets.fail(session.accepted, error);
    session.onceEstablished(() => this.#sockets.settle(session.accepted));
    session.start(this.#settings);
    this.#events.onSession(session);
  }

  #onStream(nodeStream: ServerHttp2Stream, headers: RequestHeaders): void {
    const stream = new NodeServerStream(nodeStream);
    const session = nodeStream.session && this.#sessionOf.get(nodeStream.session);
    // The stream has been destroyed already.
    if (session === undefined) return;
    if (session.refusesCalls) return stream.reset(ResetCode.REFUSED_STREAM);
    try {
      this.#events.onStream(stream, headers, session);
    } catch (error) {
      this.#events.onError(error, session.peer);
      stream.reset(ResetCode.INTERNAL_ERROR);
    }
  }
}

/** TLS options without the identity that other options replace. Node checks whether a key and a certificate fit. */
function withoutIdentity(
  { key, cert, pfx, passphrase, ...others }: TlsOptions,
  given: SecureContextOptions,
): TlsOptions {
  if (given.pfx !== undefined) return others;
  if (given.key !== undefined) return definedOnly({ ...others, cert });
  return definedOnly({ ...others, key, passphrase, ...(given.cert === undefined ? { cert, pfx } : {}) });
}
