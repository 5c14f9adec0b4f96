import {
  constants,
  createSecureServer,
  createServer,
  type Http2Server,
  type Http2Session,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, ListenOptions, Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import { peerOf } from "../wire/address.js";
import type { RawHeaders } from "../wire/headers.js";
import { reportOfConnectFailure } from "./connect-failure.js";
import { MAX_SESSION_MEMORY_MB, settings } from "./connection-limits.js";
import type { ConnectionMemory } from "./memory-budget.js";
import { NodeServerStream } from "./node-server-stream.js";
import { NodeSession } from "./node-session.js";
import { rawHeaders } from "./raw-headers.js";
import { RESET_LIMITS, ResetBudget } from "./reset-budget.js";
import type { ConnectionSettings } from "./server-settings.js";

/** Where a server listens: the options of node:net, and optionally TLS. */
export interface ServerListenOptions extends ListenOptions {
  /** The key, the certificate and other options of node:tls. Default: no TLS (h2c). */
  readonly tls?: TlsOptions | undefined;
}

/** The part of its resets at which a connection is closed. It is a reserve for resets that Node does not report. */
const RETIRED_BELOW = 0.1;

/** The highest stream number of a client. */
const LAST_STREAM = 2 ** 31 - 1;

/** A connection from a client. See {@link NodeSession}. */
export class NodeServerSession extends NodeSession<ServerHttp2Session> {
  /** The address of the client. It stays available after the connection has closed. */
  readonly peer: string;
  /** Whether the client has sent its settings, and so speaks HTTP/2. */
  established = false;
  /** The memory for requests. */
  memory: ConnectionMemory | undefined;

  readonly #resets = new ResetBudget(RESET_LIMITS);
  #retiring = false;

  constructor(session: ServerHttp2Session) {
    super(session);
    this.peer = peerOf(session.socket);
    session.once("remoteSettings", () => {
      this.established = true;
    });
  }

  /**
   * Counts a stream that the client has reset, or may reset although it has closed
   * on this side. Closes the connection before nghttp2 cuts it.
   *
   * When nghttp2 cuts a connection, it sends a GOAWAY with an error, on which many
   * clients end all their calls. Node 20 then also stops reading, and keeps the
   * socket for ever, even if the client disconnects.
   */
  countReset(): void {
    if (this.#resets.spend() < RETIRED_BELOW && !this.#retiring) this.#retire();
  }

  /**
   * Closes the connection once its calls are over.
   *
   * The first GOAWAY makes nghttp2 stop counting. It cannot wait, since the packet
   * that is being read may contain more resets than are left. But streams later in
   * the packet still become calls. So `close()` waits for them: its GOAWAY tells
   * the client which calls it can repeat.
   */
  #retire(): void {
    this.#retiring = true;
    if (this.usable) this.attempt(() => this.session.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM));
    setImmediate(() => this.close());
  }
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

/** Wraps a server of node:http2. Its listeners let no error escape. */
export class NodeServer {
  readonly #server: Http2Server;
  readonly #events: ServerEvents;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<NodeServerSession>();
  readonly #sessionOf = new WeakMap<Http2Session, NodeServerSession>();

  constructor(
    { maxConcurrentStreams, handshakeTimeout }: ConnectionSettings,
    tls: TlsOptions | undefined,
    events: ServerEvents,
  ) {
    this.#events = events;
    const options = {
      settings: { ...settings(STREAM_WINDOW_BYTES), maxConcurrentStreams },
      maxSessionMemory: MAX_SESSION_MEMORY_MB,
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

  /** Starts listening. @throws Error of node:net if the address cannot be bound */
  async bind(options: ListenOptions): Promise<AddressInfo | string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(options, () => {
        this.#server.off("error", reject);
        this.#server.on("error", (error) => this.#events.onError(error, undefined));
        resolve();
      });
    });
    return this.#server.address() ?? "";
  }

  /** Accepts no more connections and streams. Resolves when all connections have closed. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    await closed;
  }

  /** Closes all connections at once. */
  destroy(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  #listen(): void {
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    // A failed handshake or an invalid connection preface ends that connection, not the server.
    this.#server.on("tlsClientError", (error: Error, socket: Socket) => this.#onConnectFailure(error, peerOf(socket)));
    // The session reports the same error.
    this.#server.on("secureConnection", (socket: Socket) => socket.on("error", () => {}));
    this.#server.on("session", (session: ServerHttp2Session) => this.#onSession(session));
    this.#server.on("sessionError", (error: Error, session: ServerHttp2Session) => {
      const { established, peer } = this.#sessionOf.get(session) ?? { established: false, peer: undefined };
      // Many clients just disconnect, which nghttp2 treats as an error. If that ends calls, their handlers learn of it.
      if (!established) this.#onConnectFailure(error, peer);
    });
    this.#server.on("stream", (stream: ServerHttp2Stream, headers, _flags, ...rest: unknown[]) => {
      this.#onStream(stream, { method: headers[":method"], path: headers[":path"] ?? "", raw: rawHeaders(rest) });
    });
  }

  #onConnectFailure(error: Error, peer: string | undefined): void {
    const report = reportOfConnectFailure(error);
    if (report !== undefined) this.#events.onError(report, peer);
  }

  #onSession(nodeSession: ServerHttp2Session): void {
    const session = new NodeServerSession(nodeSession);
    this.#sessionOf.set(nodeSession, session);
    this.#sessions.add(session);
    session.onceClosed(() => this.#sessions.delete(session));
    session.enlargeWindow();
    this.#events.onSession(session);
  }

  #onStream(nodeStream: ServerHttp2Stream, headers: RequestHeaders): void {
    const stream = new NodeServerStream(nodeStream);
    const session = nodeStream.session && this.#sessionOf.get(nodeStream.session);
    // The stream has been destroyed already.
    if (session === undefined) return;
    try {
      this.#events.onStream(stream, headers, session);
    } catch (error) {
      this.#events.onError(error, session.peer);
      nodeStream.destroy();
    }
  }
}
