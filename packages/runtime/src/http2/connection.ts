import type { ConnectionOptions } from "node:tls";
import type { CallEnd } from "../core/call-end.js";
import { Deadline } from "../core/deadline.js";
import { Status } from "../core/status.js";
import type { OutgoingHeaders } from "../wire/headers.js";
import { formatRequestHeaders } from "../wire/request.js";
import { ResetCode } from "../wire/reset-code.js";
import type { Target } from "./address.js";
import type { Carrier, Http2ClientStream, StreamRequest } from "./client-stream.js";
import { NodeClientSession } from "./node-client-session.js";
import type { NodeClientStream } from "./node-client-stream.js";
import { quickHeaders } from "./raw-headers.js";

/** What becomes of a connection, for its owner. */
export interface ConnectionListener {
  /** Calls can be opened. */
  onReady(): void;
  /** A call is over, so that there may be a place for another one. */
  onPlace(): void;
  /** No more calls can be opened. Those that are open may go on. */
  onUnusable(cause: Error): void;
  /** The connection is gone, with all its calls. */
  onClosed(): void;
}

/** Where and how to connect. */
export interface ConnectionSettings {
  readonly target: Target;
  readonly tls: ConnectionOptions | undefined;
  /** Time for connecting, TLS handshake and HTTP/2 settings, in milliseconds. */
  readonly connectTimeout: number;
  readonly userAgent: string;
}

/** One HTTP/2 connection to a server. */
export class Connection implements Carrier {
  readonly #settings: ConnectionSettings;
  readonly #listener: ConnectionListener;
  readonly #session: NodeClientSession;
  #state: "connecting" | "ready" | "unusable" = "connecting";
  /** The headers of calls that have nothing to add, by the path of their method. */
  readonly #plainHeaders = new Map<string, OutgoingHeaders>();
  #lost: CallEnd | undefined;
  #used = false;
  #peer = "";
  #openCalls = 0;

  /** Starts to connect. */
  constructor(connection: ConnectionSettings, listener: ConnectionListener) {
    const { target, connectTimeout } = connection;
    this.#settings = connection;
    this.#listener = listener;
    this.#session = NodeClientSession.connect(target, connection.tls, {
      onSettings: () => {
        stopTimer();
        // Later ones may make room for more calls.
        if (this.#state === "connecting") this.#onReady();
        else listener.onPlace();
      },
      onGoaway: (code) => this.#onUnusable(new Error(`${target.authority} is going away (GOAWAY ${code})`)),
      onError: (error) => this.#onUnusable(error),
      onClose: () => {
        stopTimer();
        this.#onUnusable(new Error(`The connection to ${target.authority} was lost`));
        listener.onClosed();
      },
    });
    const stopTimer = Deadline.after(connectTimeout).onExpired(() => {
      this.#session.destroy(new Error(`No connection to ${target.authority} within ${connectTimeout} ms`));
    });
  }

  get peer(): string {
    return this.#peer;
  }

  explain(rstCode: number): CallEnd | undefined {
    // A server that destroys its session resets the streams with NO_ERROR first: all but the last one close before it.
    return this.#session.destroyed || rstCode === ResetCode.NO_ERROR ? this.#lost : undefined;
  }

  /** Whether it has carried a call. */
  get used(): boolean {
    return this.#used;
  }

  /** Whether a call can be opened now. */
  get hasPlace(): boolean {
    return this.#state === "ready" && this.#session.usable && this.#openCalls < this.#session.maxConcurrentStreams;
  }

  /** Opens a call. @returns false if the connection does not take it; nothing has been sent then */
  open(call: Http2ClientStream): boolean {
    try {
      call.open(this);
    } catch (cause) {
      if (!this.#session.usable || isOutOfStreams(cause)) {
        this.#onUnusable(cause as Error);
        return false;
      }
      // It is this call that cannot be sent, whatever its headers have in them: others can.
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

  request(request: StreamRequest): NodeClientStream {
    const stream = this.#session.open(this.#headersOf(request));
    this.#used = true;
    this.#openCalls += 1;
    if (this.#openCalls === 1) this.#session.ref();
    return stream;
  }

  released(): void {
    this.#openCalls -= 1;
    // Only calls keep the process alive, not idle connections.
    if (this.#openCalls === 0) this.#session.unref();
    this.#listener.onPlace();
  }

  /** Closes the connection at once; this is how the calls end that are open. */
  async close(end: CallEnd): Promise<void> {
    if (this.#session.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#session.onceClosed(resolve);
      this.#lost = end;
      this.#session.destroy();
    });
  }

  #headersOf(request: StreamRequest): OutgoingHeaders {
    const { method, timeout, compression, metadata } = request;
    const { target, userAgent } = this.#settings;
    const headers = () => formatRequestHeaders({ ...target, ...request, path: method.path, userAgent });
    if (timeout !== undefined || metadata !== undefined || compression !== "identity") return headers();
    const plain = this.#plainHeaders.get(method.path) ?? quickHeaders(headers(), "request");
    this.#plainHeaders.set(method.path, plain);
    return plain;
  }

  #onReady(): void {
    this.#state = "ready";
    this.#peer = this.#session.peer;
    this.#session.widen();
    this.#listener.onReady();
    if (this.#openCalls === 0) this.#session.unref();
  }

  #onUnusable(cause: Error): void {
    if (this.#state === "unusable") return;
    this.#state = "unusable";
    this.#lost ??= connectionLost(cause);
    // Calls that are open may finish; with the last one the connection closes.
    this.#session.close();
    this.#listener.onUnusable(cause);
  }
}

/** The end of a call whose connection is gone, or could not be made. */
export function connectionLost(cause: Error): CallEnd {
  return { status: Status.UNAVAILABLE, message: cause.message, origin: "client", cause };
}

/** Whether a connection has used up the numbers of its streams, 2^30 of them. */
function isOutOfStreams(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_HTTP2_OUT_OF_STREAMS";
}
