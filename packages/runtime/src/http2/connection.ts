import type { ConnectionOptions } from "node:tls";
import { isError } from "../core/is-error.js";
import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import { GRPCError } from "../errors/error.js";
import type { CallRequest } from "../transport/client.js";
import type { Target } from "../wire/address.js";
import { quote } from "../wire/quote.js";
import { describeReset, ResetCode } from "../wire/reset-code.js";
import type { QueuedCall, StreamOpener } from "./call-queue.js";
import type { ConnectionSnapshot } from "./connection-snapshot.js";
import { keepAlive, nextTick } from "./event-loop.js";
import type { KeepaliveTimes } from "./keepalive.js";
import type { NodeClientSession } from "./node-client-session.js";
import type { NodeClientStream } from "./node-client-stream.js";
import { QuietTimer } from "./quiet-timer.js";
import { RequestFormatter } from "./request-formatter.js";
import { UnconfirmedResets } from "./unconfirmed-resets.js";

/** The events of a {@link Connection}. */
export interface ConnectionListener {
  /** There may be capacity for another call: a call is over, or the server allows more. */
  onCapacity(): void;
  /** No more calls can be opened. Those in flight may finish. */
  onUnusable(lost: CallEnd): void;
  /** The server closes the connection because it gets pings too often. */
  onTooManyPings(): void;
  /** The connection has closed, and all its calls have ended. */
  onClosed(): void;
}

/** Where and how to connect. */
export interface ConnectionSettings {
  readonly target: Target;
  readonly tls: ConnectionOptions | undefined;
  /** The time to connect, including the TLS handshake and the HTTP/2 settings, in milliseconds. */
  readonly connectTimeout: number;
  readonly keepalive: ClientKeepalive;
  /** The time without calls after which a connection is closed, in milliseconds. */
  readonly idleTimeout: number;
  readonly userAgent: string;
}

/** When a client pings its server. */
export interface ClientKeepalive extends KeepaliveTimes {
  /** Whether it pings on connections without calls. */
  readonly withoutCalls: boolean;
}

/**
 * One HTTP/2 connection to a server. Its states:
 *
 * - `ready`: calls can be opened.
 * - `unusable`: the server is going away, the connection was lost, or it is no longer needed. Calls in flight may
 *   finish; the connection closes after the last one.
 */
export class Connection implements StreamOpener {
  readonly #settings: ConnectionSettings;
  readonly #listener: ConnectionListener;
  readonly #session: NodeClientSession;
  #state: "ready" | "unusable" = "ready";
  /** The address of the server. */
  readonly peer: string;
  readonly #formatter: RequestFormatter;
  /** How calls in flight end when the connection closes. */
  #lost: CallEnd | undefined;
  /** The error code of a GOAWAY, and the last stream that the server processes according to the latest one. */
  #goaway = { code: ResetCode.NO_ERROR as number, lastStream: Number.POSITIVE_INFINITY };
  /** Whether it has been used since this was last checked. */
  #usedLately = false;
  #openCalls = 0;
  #awaited = false;
  readonly #resets: UnconfirmedResets;
  readonly #idle: QuietTimer;

  constructor(settings: ConnectionSettings, session: NodeClientSession, listener: ConnectionListener) {
    this.#settings = settings;
    this.#session = session;
    this.#listener = listener;
    this.peer = session.peer;
    this.#formatter = new RequestFormatter({ ...settings.target, userAgent: settings.userAgent });
    this.#resets = new UnconfirmedResets(session, () => listener.onCapacity());
    this.#idle = new QuietTimer(
      () => this.#isQuiet(),
      () => this.#onUnusable(new Error("The connection was idle")),
    );
  }

  /** Starts handling the events of the session. The server has already sent its settings. */
  listen(): this {
    const { keepalive, idleTimeout } = this.#settings;
    const session = this.#session;
    session.listen({
      // The server may allow more calls than before.
      onSettings: () => this.#listener.onCapacity(),
      onGoaway: (code, lastStream, debugData) => this.#onGoaway(code, lastStream, debugData),
      onError: (error) => this.#onUnusable(error),
      onClose: () => {
        this.#idle.stop();
        this.#onUnusable();
        this.#listener.onClosed();
      },
    });
    session.enlargeWindow();
    session.keepAlive(keepalive, () => keepalive.withoutCalls || this.#busy || this.#resets.held > 0);
    session.isAwaited = () => this.#busy;
    session.unref();
    this.#idle.start(idleTimeout);
    return this;
  }

  endFor({ id, resetCode }: NodeClientStream): CallEnd | undefined {
    if (this.#session.lost) this.#onUnusable();
    const { code, lastStream } = this.#goaway;
    // The server has not processed streams after the last one. Node closes them with REFUSED_STREAM.
    const isLate = id > lastStream;
    // After any GOAWAY, Node also does so with streams whose headers it has not sent yet.
    const refused = isLate || (resetCode === ResetCode.REFUSED_STREAM && lastStream !== Number.POSITIVE_INFINITY);
    // NO_ERROR may mean a lost connection: a server that destroys its session first resets its streams with NO_ERROR,
    // and all but the last close before the session does. A GOAWAY with an error closes all streams with its code.
    const lost = this.#session.lost || refused || resetCode === ResetCode.NO_ERROR || resetCode === code;
    if (!lost) return undefined;
    return this.#lost && refused ? { ...this.#lost, unprocessed: "refused" } : this.#lost;
  }

  /** Whether the connection has carried a call. */
  get used(): boolean {
    return this.#session.calls > 0;
  }

  /** The connection at this moment. */
  describe(): ConnectionSnapshot {
    const closing = this.#state === "unusable";
    return this.#session.snapshot({ peer: this.peer, streams: this.#openCalls, calls: this.#session.calls, closing });
  }

  /** Whether a call can be opened now. */
  get hasCapacity(): boolean {
    return this.#state === "ready" && this.#session.usable && this.#belowLimit;
  }

  get #belowLimit(): boolean {
    return this.#openCalls + this.#resets.held < this.#session.maxConcurrentStreams;
  }

  /** Whether calls wait for a stream. Like calls in flight, they keep the process alive. */
  set awaited(awaited: boolean) {
    this.#awaited = awaited;
    if (this.#openCalls === 0) keepAlive(this.#session, awaited);
  }

  /** Opens a call. @returns false if the connection accepts no more calls; then nothing has been sent */
  open(call: QueuedCall): boolean {
    try {
      call.open(this);
    } catch (cause) {
      if (!this.#session.usable || isOutOfStreams(cause)) {
        this.#onUnusable(cause as Error);
        return false;
      }
      // The headers of this call cannot be sent. Other calls are not affected.
      nextTick(() => call.refuse(notSendable(cause)));
    }
    return true;
  }

  request(request: CallRequest): NodeClientStream {
    const stream = this.#session.open(this.#formatter.format(request, this.#session.maxSendHeaderBytes));
    this.#session.calls += 1;
    this.#usedLately = true;
    this.#openCalls += 1;
    if (this.#openCalls === 1) this.#session.ref();
    return stream;
  }

  onStreamClosed(resetCode: number): void {
    if (resetCode !== ResetCode.NO_ERROR && !this.#belowLimit) this.#resets.hold();
    this.#openCalls -= 1;
    // An idle connection must not keep the process alive.
    if (this.#openCalls === 0) keepAlive(this.#session, this.#awaited);
    this.#listener.onCapacity();
  }

  /** Closes the connection at once. Calls in flight end with `end`. */
  async close(end: CallEnd): Promise<void> {
    if (this.#session.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#session.onceClosed(resolve);
      this.#lost = end;
      this.#session.destroy();
    });
  }

  #isQuiet(): boolean {
    const used = this.#usedLately || this.#busy;
    this.#usedLately = false;
    return !used;
  }

  /**
   * Whether calls are in flight or wait for a stream. The streams that they wait for may
   * be those of calls that are over, of which the server has not confirmed the end.
   */
  get #busy(): boolean {
    return this.#openCalls > 0 || this.#awaited;
  }

  #onGoaway(code: number, lastStream: number, debugData: string): void {
    // Once for each connection.
    if (debugData === "too_many_pings" && this.#goaway.code === ResetCode.NO_ERROR) this.#listener.onTooManyPings();
    this.#goaway = { code: code || this.#goaway.code, lastStream };
    const details = debugData === "" ? "" : ` (${quote(debugData)})`;
    this.#onUnusable(
      new Error(`${this.#settings.target.name} is going away: GOAWAY with ${describeReset(code)}${details}`),
    );
  }

  #onUnusable(cause: Error = new Error(`The connection to ${this.#settings.target.name} was lost`)): void {
    if (this.#state === "unusable") return;
    const lost = connectionLost(cause);
    this.#state = "unusable";
    this.#lost ??= lost;
    // Calls in flight may finish. The connection closes after the last one.
    this.#session.close();
    this.#listener.onUnusable(lost);
  }
}

/** The end of a call whose connection was lost or could not be established. */
export function connectionLost(cause: Error, message: string = cause.message): CallEnd {
  return { status: Status.UNAVAILABLE, message, origin: "client", cause };
}

/** The end of a call whose headers cannot be sent. */
function notSendable(cause: unknown): CallEnd {
  const { status, message } =
    cause instanceof GRPCError ? cause : { status: Status.INTERNAL, message: `Cannot send the request: ${cause}` };
  return { status, message, origin: "client", cause };
}

/** Whether a connection has used up its 2^30 stream numbers. */
function isOutOfStreams(error: unknown): boolean {
  return isError(error) && "code" in error && error.code === "ERR_HTTP2_OUT_OF_STREAMS";
}
