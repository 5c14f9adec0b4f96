import type { ConnectionOptions } from "node:tls";
import { Deadline } from "../core/deadline.js";
import { isError } from "../core/is-error.js";
import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import type { CallRequest } from "../transport/client.js";
import type { Target } from "../wire/address.js";
import type { OutgoingHeaders } from "../wire/headers.js";
import { formatRequestHeaders } from "../wire/request.js";
import { describeReset, ResetCode } from "../wire/reset-code.js";
import type { QueuedCall, StreamOpener } from "./call-queue.js";
import { describeConnectFailure } from "./connect-failure.js";
import { NodeClientSession } from "./node-client-session.js";
import type { NodeClientStream } from "./node-client-stream.js";
import { reusableHeaders } from "./raw-headers.js";

/** The events of a {@link Connection}. */
export interface ConnectionListener {
  /** Calls can be opened. */
  onReady(): void;
  /** There may be capacity for another call: a call is over, or the server allows more. */
  onCapacity(): void;
  /** No more calls can be opened. Those in flight may finish. */
  onUnusable(lost: CallEnd): void;
  /** The connection has closed, and all its calls have ended. */
  onClosed(): void;
}

/** Where and how to connect. */
export interface ConnectionSettings {
  readonly target: Target;
  readonly tls: ConnectionOptions | undefined;
  /** The time to connect, including the TLS handshake and the HTTP/2 settings, in milliseconds. */
  readonly connectTimeout: number;
  readonly userAgent: string;
}

/**
 * One HTTP/2 connection to a server. Its states:
 *
 * - `connecting`: from `connect()` until the server has sent its settings.
 * - `ready`: calls can be opened.
 * - `unusable`: the server is going away, or the connection has failed or was lost. Calls in flight may finish; the
 *   connection closes after the last one.
 */
export class Connection implements StreamOpener {
  readonly #settings: ConnectionSettings;
  readonly #listener: ConnectionListener;
  readonly #session: NodeClientSession;
  #state: "connecting" | "ready" | "unusable" = "connecting";
  /** The headers of calls without metadata, timeout or compression, by method path. Reused to save work per call. */
  readonly #plainHeaders = new Map<string, OutgoingHeaders>();
  /** How calls in flight end when the connection closes. */
  #lost: CallEnd | undefined;
  #used = false;
  #peer = "";
  #openCalls = 0;

  private constructor(settings: ConnectionSettings, session: NodeClientSession, listener: ConnectionListener) {
    this.#settings = settings;
    this.#session = session;
    this.#listener = listener;
  }

  /** Starts connecting. @throws TypeError if the TLS options are invalid */
  static connect(settings: ConnectionSettings, listener: ConnectionListener): Connection {
    const session = NodeClientSession.connect(settings.target, settings.tls);
    const connection = new Connection(settings, session, listener);
    connection.#listen();
    return connection;
  }

  #listen(): void {
    const { target, connectTimeout } = this.#settings;
    const stopTimer = Deadline.after(connectTimeout).onExpired(() => {
      this.#session.destroy(new Error(`No connection to ${target.name} within ${connectTimeout} ms`));
    });
    this.#session.listen({
      onSettings: () => {
        stopTimer();
        // Later settings may allow more calls.
        if (this.#state === "connecting") this.#onReady();
        else this.#listener.onCapacity();
      },
      onGoaway: (code) =>
        this.#onUnusable(new Error(`${target.name} is going away: GOAWAY with ${describeReset(code)}`)),
      onError: (error) => this.#onUnusable(error),
      onClose: () => {
        stopTimer();
        this.#onUnusable(new Error(`The connection to ${target.name} was lost`));
        this.#listener.onClosed();
      },
    });
  }

  get peer(): string {
    return this.#peer;
  }

  endFor(resetCode: number): CallEnd | undefined {
    // NO_ERROR may mean that the connection is lost: a server that destroys its session first resets its streams with
    // NO_ERROR, and all of them but the last one close before the session does.
    if (!this.#session.destroyed && resetCode !== ResetCode.NO_ERROR) return undefined;
    // A GOAWAY names the last stream that the server processes. Later streams are closed with REFUSED_STREAM.
    const refused = resetCode === ResetCode.REFUSED_STREAM;
    return this.#lost && refused ? { ...this.#lost, unprocessed: "refused" } : this.#lost;
  }

  /** Whether the connection has carried a call. */
  get used(): boolean {
    return this.#used;
  }

  /** Whether a call can be opened now. */
  get hasCapacity(): boolean {
    return this.#state === "ready" && this.#session.usable && this.#openCalls < this.#session.maxConcurrentStreams;
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
      const end = {
        status: Status.INTERNAL,
        message: `Cannot send the request: ${cause}`,
        origin: "client",
        cause,
      } as const;
      process.nextTick(() => call.refuse(end));
    }
    return true;
  }

  request(request: CallRequest): NodeClientStream {
    const stream = this.#session.open(this.#headersOf(request));
    this.#used = true;
    this.#openCalls += 1;
    if (this.#openCalls === 1) this.#session.ref();
    return stream;
  }

  onStreamClosed(): void {
    this.#openCalls -= 1;
    // An idle connection must not keep the process alive.
    if (this.#openCalls === 0) this.#session.unref();
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

  #headersOf(request: CallRequest): OutgoingHeaders {
    const { method, timeout, compression = "identity", metadata, previousAttempts } = request;
    const { target, userAgent } = this.#settings;
    const headers = () => formatRequestHeaders({ ...target, ...request, compression, path: method.path, userAgent });
    const isPlain =
      timeout === undefined && metadata === undefined && compression === "identity" && previousAttempts === 0;
    if (!isPlain) return headers();
    const plain = this.#plainHeaders.get(method.path) ?? reusableHeaders(headers(), "request");
    this.#plainHeaders.set(method.path, plain);
    return plain;
  }

  #onReady(): void {
    this.#state = "ready";
    this.#peer = this.#session.peer;
    this.#session.enlargeWindow();
    this.#listener.onReady();
    if (this.#openCalls === 0) this.#session.unref();
  }

  #onUnusable(cause: Error): void {
    if (this.#state === "unusable") return;
    const { target } = this.#settings;
    const message = this.#state === "connecting" ? describeConnectFailure(cause, target) : cause.message;
    const lost = connectionLost(cause, message);
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

/** Whether a connection has used up its 2^30 stream numbers. */
function isOutOfStreams(error: unknown): boolean {
  return isError(error) && "code" in error && error.code === "ERR_HTTP2_OUT_OF_STREAMS";
}
