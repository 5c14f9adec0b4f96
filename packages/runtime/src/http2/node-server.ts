import {
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
import { MAX_SESSION_MEMORY_MB, settings } from "./connection-limits.js";
import type { ConnectionMemory } from "./memory-budget.js";
import { NodeServerStream } from "./node-server-stream.js";
import { NodeSession } from "./node-session.js";
import { rawHeaders } from "./raw-headers.js";
import type { ConnectionSettings } from "./server-settings.js";

/** Where a server is to listen: the options of node:net, and TLS if it is wanted. */
export interface ServerListenOptions extends ListenOptions {
  /** Key, certificate and so on, as node:tls takes them. Default: no TLS (h2c). */
  readonly tls?: TlsOptions | undefined;
}

/** A connection of a client. */
export class NodeServerSession extends NodeSession<ServerHttp2Session> {
  /** Address of the client. It stays known when the connection is gone. */
  readonly peer: string;
  /** Whether it has carried a call. */
  used = false;
  /** What requests may take. */
  memory: ConnectionMemory | undefined;

  constructor(session: ServerHttp2Session) {
    super(session);
    this.peer = peerOf(session.socket);
  }
}

/** What opens a stream. */
export interface RequestHeaders {
  readonly method: string | undefined;
  readonly path: string;
  readonly raw: RawHeaders;
}

/** What happens to a {@link NodeServer}. */
export interface ServerEvents {
  onSession(session: NodeServerSession): void;
  onStream(stream: NodeServerStream, headers: RequestHeaders, session: NodeServerSession): void;
  /** An error of one connection, or of the server itself; or one that a listener threw. */
  onError(error: unknown, peer: string | undefined): void;
}

/**
 * Resets that a client may send at once, and per second, before it is taken for
 * an attacker and loses its connection. The defaults of Node, 1000 and 33, hit
 * clients whose calls are cancelled or time out. Node 20 cannot be told otherwise.
 */
const RESET_LIMITS = { streamResetBurst: 10_000, streamResetRate: 1000 };

/** Stream window: what a client may send of a call that is not being read. */
const STREAM_WINDOW_BYTES = 256 * 1024;

/** The server of node:http2, whose listeners let no error out. */
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
      ...RESET_LIMITS,
    };
    // The two have the same events, and the types of a plain server serve for both.
    this.#server = (
      tls ? createSecureServer({ ...options, ...tls, handshakeTimeout }) : createServer(options)
    ) as Http2Server;
    this.#listen();
  }

  /** Binds the address. @throws Error of node:net if that fails */
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

  /** Takes no more connections and streams. Resolves when all connections have ended. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    await closed;
  }

  /** Ends all connections at once. */
  destroy(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  #listen(): void {
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    // A failed handshake, a garbled preface: the connection is gone, the server goes on.
    this.#server.on("tlsClientError", (error: Error, socket: Socket) => this.#events.onError(error, peerOf(socket)));
    // Its session hears of it too.
    this.#server.on("secureConnection", (socket: Socket) => socket.on("error", () => {}));
    this.#server.on("session", (session: ServerHttp2Session) => this.#onSession(session));
    this.#server.on("sessionError", (error: Error, session: ServerHttp2Session) => {
      const { used, peer } = this.#sessionOf.get(session) ?? { used: false, peer: undefined };
      // Clients come and go, and not all of them say goodbye as nghttp2 wants it. Those whose calls it ends are told.
      if (!used) this.#events.onError(error, peer);
    });
    this.#server.on("stream", (stream: ServerHttp2Stream, headers, _flags, ...rest: unknown[]) => {
      this.#onStream(stream, { method: headers[":method"], path: headers[":path"] ?? "", raw: rawHeaders(rest) });
    });
  }

  #onSession(nodeSession: ServerHttp2Session): void {
    const session = new NodeServerSession(nodeSession);
    this.#sessionOf.set(nodeSession, session);
    this.#sessions.add(session);
    session.onceClosed(() => this.#sessions.delete(session));
    session.widen();
    this.#events.onSession(session);
  }

  #onStream(nodeStream: ServerHttp2Stream, headers: RequestHeaders): void {
    const stream = new NodeServerStream(nodeStream);
    const session = nodeStream.session && this.#sessionOf.get(nodeStream.session);
    // The stream is gone already.
    if (session === undefined) return;
    try {
      this.#events.onStream(stream, headers, session);
    } catch (error) {
      this.#events.onError(error, session.peer);
      nodeStream.destroy();
    }
  }
}
