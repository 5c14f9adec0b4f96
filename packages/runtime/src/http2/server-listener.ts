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
import type { Compression } from "../core/compression.js";
import { Deadline } from "../core/deadline.js";
import { Status } from "../core/status.js";
import type { CallHandler } from "../transport/server.js";
import { acceptsEncoding } from "../wire/encoding.js";
import { ReceivedMetadata } from "../wire/headers.js";
import { parseRequest, refuseRequest } from "../wire/request.js";
import { peerOf } from "./address.js";
import { MAX_SESSION_MEMORY_MB, type MessageLimits, settings, widenConnection } from "./limits.js";
import { OpenCalls } from "./open-calls.js";
import { ignore } from "./owner.js";
import { rawHeaders } from "./raw-headers.js";
import { closeUnread, Http2ServerStream, respondTrailersOnly } from "./server-stream.js";

/** What a server does with connections and messages. */
export interface ServerSettings extends MessageLimits {
  /** How responses are compressed, for clients that can read that. */
  readonly compression: Compression;
  /** Calls that a client may have open on a connection; it waits with further ones. */
  readonly maxConcurrentStreams: number;
  /** Time for the TLS handshake of a connection, in milliseconds. */
  readonly handshakeTimeout: number;
}

/** Where a server is to listen: the options of node:net, and TLS if it is wanted. */
export interface ServerListenOptions extends ListenOptions {
  /** Key, certificate and so on, as node:tls takes them. Default: no TLS (h2c). */
  readonly tls?: TlsOptions | undefined;
}

/** Stream window: what a client may send of a call that is not being read. */
const STREAM_WINDOW_BYTES = 256 * 1024;

/**
 * Resets that a client may send at once, and per second, before it is taken for
 * an attacker and loses its connection. The defaults of Node, 1000 and 33, hit
 * clients whose calls are cancelled or time out. Node 20 cannot be told otherwise.
 */
const RESET_LIMITS = { streamResetBurst: 10_000, streamResetRate: 1000 };

/** Listens on one address, and turns the HTTP/2 streams that arrive into calls. */
export class ServerListener {
  readonly #handler: CallHandler;
  readonly #settings: ServerSettings;
  readonly #server: Http2Server;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #peers = new WeakMap<Http2Session, string>();
  readonly #openCalls = new OpenCalls<Http2ServerStream>();
  /** Connections that have carried a call. */
  readonly #used = new WeakSet<Http2Session>();
  #bound: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(handler: CallHandler, serverSettings: ServerSettings, tls: TlsOptions | undefined) {
    this.#handler = handler;
    this.#settings = serverSettings;
    const options = {
      settings: { ...settings(STREAM_WINDOW_BYTES), maxConcurrentStreams: serverSettings.maxConcurrentStreams },
      maxSessionMemory: MAX_SESSION_MEMORY_MB,
      ...RESET_LIMITS,
    };
    const { handshakeTimeout } = serverSettings;
    // The two have the same events, and the types of a plain server serve for both.
    this.#server = (
      tls ? createSecureServer({ ...options, ...tls, handshakeTimeout }) : createServer(options)
    ) as Http2Server;
    this.#server.on("connection", (socket: Socket) => this.#track(this.#sockets, socket));
    // A failed handshake, a garbled preface: the connection is gone, the server goes on.
    this.#server.on("tlsClientError", (error: Error, socket: Socket) => this.#report(error, socket));
    // Its session hears of it too.
    this.#server.on("secureConnection", (socket: Socket) => socket.on("error", () => {}));
    this.#server.on("session", (session) => this.#onSession(session));
    this.#server.on("sessionError", (error, session) => {
      // Clients come and go, and not all of them say goodbye as nghttp2 wants it. Those whose calls it ends are told.
      if (!this.#used.has(session)) this.#handler.report(error, { peer: this.#peerOf(session) });
    });
    this.#server.on("stream", (stream: ServerHttp2Stream, headers, _flags, ...rest: unknown[]) => {
      this.#onStream(stream, headers[":method"], headers[":path"] ?? "", rawHeaders(rest));
    });
  }

  /** Binds the address. @throws Error of node:net if that fails */
  async listen(options: ListenOptions): Promise<AddressInfo | string> {
    const bound = new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(options, () => {
        this.#server.off("error", reject);
        this.#server.on("error", (error) => this.#report(error));
        resolve();
      });
    });
    this.#bound = bound.catch(() => {});
    await bound;
    return this.#server.address() ?? "";
  }

  /** Takes no more calls, and waits until those under way are over. With several graces the shortest one counts. */
  async close(graceMs: number): Promise<void> {
    this.#closed ??= this.#close();
    const stopTimer = Deadline.after(graceMs).onExpired(() => this.#abortAll());
    await this.#closed;
    stopTimer();
  }

  async #close(): Promise<void> {
    await this.#bound;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    await closed;
  }

  #abortAll(): void {
    for (const call of this.#openCalls.list()) call.abort();
    // After the trailers: see closeUnread.
    setImmediate(() =>
      setImmediate(() => {
        for (const session of this.#sessions) session.destroy();
        for (const socket of this.#sockets) socket.destroy();
      }),
    );
  }

  #onSession(session: ServerHttp2Session): void {
    this.#track(this.#sessions, session);
    this.#peers.set(session, peerOf(session.socket));
    widenConnection(session);
    if (this.#closed !== undefined) session.close();
  }

  #onStream(stream: ServerHttp2Stream, method: string | undefined, path: string, raw: readonly string[]): void {
    stream.on("error", ignore);
    const httpStatus = refuseRequest(method, raw);
    if (httpStatus !== undefined) {
      stream.respond({ ":status": httpStatus }, { endStream: true });
      closeUnread(stream);
      return;
    }
    const route = this.#handler.find(path);
    if (route === undefined) {
      respondTrailersOnly(stream, { status: Status.UNIMPLEMENTED, message: `Method not found: ${path}` });
      return;
    }
    const request = parseRequest(raw);
    if (request.refusal !== undefined) {
      respondTrailersOnly(stream, request.refusal);
      return;
    }
    const { compression } = this.#settings;
    if (stream.session !== undefined) this.#used.add(stream.session);
    const head = {
      headers: new ReceivedMetadata(raw),
      timeout: request.timeout,
      encoding: request.encoding,
      compression: acceptsEncoding(raw, compression) ? compression : "identity",
      peer: this.#peerOf(stream.session),
    } as const;
    new Http2ServerStream(stream, route, head, { limits: this.#settings, openCalls: this.#openCalls });
  }

  #track<T extends Socket | ServerHttp2Session>(set: Set<T>, item: T): void {
    set.add(item);
    item.once("close", () => set.delete(item));
  }

  #peerOf(session: Http2Session | undefined): string {
    return (session && this.#peers.get(session)) ?? "unknown address";
  }

  #report(error: unknown, socket?: Socket): void {
    this.#handler.report(error, { peer: socket && peerOf(socket) });
  }
}
