import { constants, type ServerHttp2Session } from "node:http2";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { ClientCertificate } from "../transport/server.js";
import { peerOf } from "../wire/address.js";
import { acceptedSocket } from "./accepted-sockets.js";
import { clientCertificate } from "./client-certificate.js";
import { closeWhenIdle, closeWhenOld } from "./connection-age.js";
import type { ConnectionSnapshot } from "./connection-snapshot.js";
import { nextTurn } from "./event-loop.js";
import type { MessageMemory } from "./memory-budget.js";
import { LAST_STREAM, sendFirstGoaway } from "./node-first-goaway.js";
import { NodeSession } from "./node-session.js";
import { PingEnforcement } from "./ping-enforcement.js";
import { RESET_LIMITS, ResetBudget } from "./reset-budget.js";
import type { ConnectionSettings } from "./server-settings.js";

/** More bytes than the acknowledgement of a ping has, also with TLS. */
const ACK_BYTES = 80;

/**
 * The silence after which a connection is checked that may be stuck, on Node 20, in milliseconds, also without calls: the
 * socket of a client that has left must not stay. A server may have many connections.
 */
const STUCK_MS = 4000;

/** The part of its resets at which a connection is closed. It is a reserve for resets that Node does not report. */
const RETIRED_BELOW = 0.1;

/**
 * How long a client may take to acknowledge that it has got the first GOAWAY, in milliseconds. Enough for a round trip,
 * but a client that never does must not delay the end of a server.
 */
const ROUND_TRIP_MS = 200;

/**
 * The same, in milliseconds, if the connection has had calls. grpc-go waits as long.
 *
 * A slow client needs the time to read the responses before the connection ends. If nginx (1.22) reads the end of a
 * response, the ping and the end of the connection at once, it cuts the response off.
 */
const RESPONSES_MS = 5000;

/**
 * How long a connection stays open after its client has reset too many calls, in milliseconds. The delay slows down a
 * client that waits for the end of a connection before it opens the next one.
 */
const STOPPED_MS = 1000;

/** A connection from a client. See {@link NodeSession}. */
export class NodeServerSession extends NodeSession<ServerHttp2Session> {
  /** The address of the client. It stays available after the connection has closed. */
  readonly peer: string;
  /** The socket that was accepted for this connection. */
  readonly accepted: Duplex;
  /** Whether the client has sent its settings, and so speaks HTTP/2. */
  established = false;
  /** The verified certificate of the client. */
  readonly certificate: ClientCertificate | undefined;
  /** The memory for requests. */
  memory: MessageMemory | undefined;
  /** Ends the calls and closes the connection, because of its age. */
  expire: () => void = () => this.destroy();
  /** Whether headers or data have been sent since the last ping. */
  hasSent = false;
  /** Whether the client has been told that no further call is processed. Node may still report some that it has read. */
  refusesCalls = false;

  readonly #resets = new ResetBudget(RESET_LIMITS);
  #openCalls = 0;
  /** `retiring`: about to close. `stopped`: the client has reset too many calls, and the connection takes no more. */
  #stage: "open" | "retiring" | "stopped" = "open";

  constructor(session: ServerHttp2Session) {
    super(session, STUCK_MS);
    this.peer = peerOf(session.socket);
    this.accepted = acceptedSocket(this.socket);
    this.certificate = clientCertificate(this.socket as Partial<TLSSocket>);
  }

  /** The calls in flight. */
  get openCalls(): number {
    return this.#openCalls;
  }

  /** The connection at this moment. */
  describe(): ConnectionSnapshot {
    const { peer, openCalls: streams, calls, certificate } = this;
    return this.snapshot(
      { peer, streams, calls, closing: this.#stage !== "open" || !this.usable },
      certificate?.subject,
    );
  }

  /** The largest list of headers that the client accepts, in bytes as HTTP/2 counts them. */
  get maxHeaderBytes(): number {
    return this.session.remoteSettings.maxHeaderListSize ?? Number.POSITIVE_INFINITY;
  }

  /** Applies the settings of the server to this connection, which the client has just opened. */
  start({ keepalive, maxConnectionIdle, maxConnectionAge, maxConnectionAgeGrace }: ConnectionSettings): void {
    this.enlargeWindow();
    this.keepAlive(keepalive);
    const enforcement = new PingEnforcement(keepalive.enforce);
    let bytesWritten = 0;
    this.session.on("ping", () => {
      // Node sends the rest of a large response by itself, as the client accepts it.
      const isSending = this.socket.bytesWritten - bytesWritten > ACK_BYTES;
      ({ bytesWritten } = this.socket);
      if (enforcement.onPing(this.hasSent || isSending, this.#openCalls)) this.#expel("too_many_pings");
      this.hasSent = false;
    });
    closeWhenIdle(this, maxConnectionIdle);
    closeWhenOld(this, maxConnectionAge, maxConnectionAgeGrace);
  }

  onceEstablished(callback: () => void): void {
    this.session.once("remoteSettings", () => {
      this.established = true;
      this.attempt(callback);
    });
  }

  onCallOpened(): void {
    this.#openCalls += 1;
    this.calls += 1;
  }

  /**
   * Counts a stream that has closed, and its reset, if the client has reset it or
   * may do so although it has closed on this side. Closes the connection before
   * nghttp2 cuts it.
   *
   * When nghttp2 cuts a connection, it sends a GOAWAY with an error, on which many
   * clients end all their calls. Node 20 then also stops reading, and keeps the
   * socket for ever, even if the client disconnects.
   */
  onCallClosed(mayBeReset: boolean): void {
    this.#openCalls -= 1;
    const isAbuse = mayBeReset && this.#resets.spend() < RETIRED_BELOW;
    if (isAbuse && this.#stage === "open" && this.usable) this.#stop("too_many_resets");
  }

  /**
   * Closes the connection once its calls are over, so that the client loses none.
   *
   * The first GOAWAY, without a limit, asks the client to open no more streams. The
   * second one, of `close()`, follows a round trip later. It names the last stream that
   * is processed, so that the client can repeat later ones elsewhere. Proxies do not
   * (HAProxy 2.6, Envoy 1.40, nginx 1.22), so calls that are on their way when the first
   * GOAWAY is sent have to be processed.
   *
   * @param reason debug data for the client
   * @see https://www.rfc-editor.org/rfc/rfc9113#section-6.8
   */
  retire(reason: string): void {
    if (this.#stage === "stopped") this.close();
    if (this.#stage !== "open" || !this.usable) return;
    this.#stage = "retiring";
    // In the next turn, node:http2 has sent what is pending, at least its settings.
    nextTurn(() => {
      if (this.usable) this.attempt(() => this.#announceEnd(reason));
    });
  }

  #announceEnd(reason: string): void {
    // Below TLS, a frame in plain text would be noise.
    const isPlain = this.accepted === this.socket && !("encrypted" in this.socket);
    if (!isPlain || !this.established || !sendFirstGoaway(this.socket, reason)) {
      // Both at once: after a GOAWAY of `session.goaway()`, nghttp2 ignores new streams, stops counting resets, and no
      // longer reads without an open stream.
      this.#sayGoodbye(constants.NGHTTP2_NO_ERROR, reason);
      // A turn later, calls in flight can still be followed by others.
      if (this.#openCalls > 0) nextTurn(() => this.close());
      else this.close();
      return;
    }
    this.#closeAfter(this.calls === 0 ? ROUND_TRIP_MS : RESPONSES_MS);
    this.ping(() => this.close());
  }

  /** Takes no more calls from a client that has reset too many, and closes the connection a second later. */
  #stop(reason: string): void {
    this.#stage = "stopped";
    this.#sayGoodbye(constants.NGHTTP2_NO_ERROR, reason);
    // The rest of a packet that is being read can still become calls, which the second GOAWAY has to name.
    nextTurn(() => {
      this.refusesCalls = true;
      if (this.usable) this.attempt(() => this.session.goaway());
    });
    this.#closeAfter(STOPPED_MS);
  }

  #closeAfter(ms: number): void {
    const timer = setTimeout(() => this.close(), ms).unref();
    this.onceClosed(() => clearTimeout(timer));
  }

  /** Ends the connection and its calls because the client misbehaves. */
  #expel(reason: string): void {
    if (!this.usable) return;
    // Node makes a buffer for each ping that is listened to, and thousands may have arrived.
    this.session.removeAllListeners("ping");
    this.#sayGoodbye(constants.NGHTTP2_ENHANCE_YOUR_CALM, reason);
    nextTurn(() => this.destroy());
  }

  #sayGoodbye(code: number, reason: string): void {
    this.attempt(() => this.session.goaway(code, LAST_STREAM, Buffer.from(reason)));
  }
}
