import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, isIP, type NetConnectOpts, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { peerOf, type Target } from "../wire/address.js";
import type { OutgoingHeaders } from "../wire/headers.js";
import { MAX_SESSION_MEMORY_MB, settings } from "./connection-limits.js";
import { NodeClientStream } from "./node-client-stream.js";
import { NodeSession } from "./node-session.js";

/** Stream window: what a server may send of a response that is not being read. */
const STREAM_WINDOW_BYTES = 1024 * 1024;

/** What happens to a connection of a client. */
export interface ClientSessionEvents {
  /** The server has sent its settings: first when the connection can be used, then when it changes them. */
  onSettings(): void;
  /** The server takes no more calls. */
  onGoaway(code: number): void;
  onError(error: Error): void;
  /** The connection is gone. Nothing follows. */
  onClose(): void;
}

/** A connection to a server. See {@link NodeSession}. */
export class NodeClientSession extends NodeSession<ClientHttp2Session> {
  /** Starts to connect. @throws TypeError for options of TLS that cannot be used */
  static connect(target: Target, tls: ConnectionOptions | undefined): NodeClientSession {
    return new NodeClientSession(startSession(target, tls));
  }

  /** Address of the server. Ask while the connection is there. */
  get peer(): string {
    return peerOf(this.session.socket);
  }

  /** Calls that may be open at a time. */
  get maxConcurrentStreams(): number {
    return this.session.remoteSettings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
  }

  /** Opens a stream. @throws Error if the connection takes no more, or the headers cannot be sent; nothing has been sent */
  open(headers: OutgoingHeaders): NodeClientStream {
    return new NodeClientStream(this.session.request(headers));
  }

  /** Lets the connection keep the process alive. */
  ref(): void {
    if (!this.session.destroyed) this.attempt(() => this.session.ref());
  }

  /** Lets the process end though the connection is open. */
  unref(): void {
    if (!this.session.destroyed) this.attempt(() => this.session.unref());
  }

  /** Begins to deliver events. */
  listen(events: ClientSessionEvents): void {
    this.session.on("remoteSettings", () => this.attempt(() => events.onSettings()));
    this.session.once("goaway", (code) => this.attempt(() => events.onGoaway(code)));
    this.session.on("error", (error: Error) => this.attempt(() => events.onError(error)));
    this.session.once("close", () => this.attempt(() => events.onClose()));
  }
}

function startSession(target: Target, tls: ConnectionOptions | undefined): ClientHttp2Session {
  return connectHttp2(`${target.scheme}://${target.authority}`, {
    settings: settings(STREAM_WINDOW_BYTES),
    maxSessionMemory: MAX_SESSION_MEMORY_MB,
    createConnection: () => {
      const socket = target.scheme === "http" ? connectTcp(socketOptions(target)) : connectWithTls(target, tls);
      // An alert that comes after the handshake, as for a missing client certificate, destroys the session, but without
      // an event while the socket is there.
      socket.on("error", () => socket.destroy());
      return socket;
    },
  });
}

function connectWithTls(target: Target, tls: ConnectionOptions | undefined): Socket {
  return connectTls({
    ...socketOptions(target),
    // Server names are those of hosts: https://www.rfc-editor.org/rfc/rfc6066#section-3
    ...(target.host !== undefined && isIP(target.host) === 0 ? { servername: target.host } : {}),
    ...tls,
    ALPNProtocols: ["h2"],
  });
}

function socketOptions({ host, port, path }: Target): NetConnectOpts {
  return path === undefined ? { host, port: port ?? 0, noDelay: true } : { path };
}
