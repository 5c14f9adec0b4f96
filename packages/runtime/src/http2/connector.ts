import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import type { PendingReason } from "../transport/client.js";
import { backoffDelay } from "./backoff.js";
import type { CallQueue, QueuedCall } from "./call-queue.js";
import { Connection, type ConnectionSettings, connectionLost } from "./connection.js";

/**
 * Finds a connection for each call. Its states:
 *
 * - `idle`: there is no connection. The next call starts one.
 * - `connecting`: calls wait for the connection.
 * - `ready`: calls are opened on the connection. They wait while it is at capacity.
 * - `backing off`: the last connection attempt failed. Calls fail at once, unless they are `waitForReady`.
 * - `closed`: the user has closed the channel. Calls fail.
 */
export class Connector implements CallQueue {
  readonly #settings: ConnectionSettings;
  #state: "idle" | "connecting" | "ready" | "backing off" | "closed" = "idle";
  /** The connection that new calls are opened on. */
  #connection: Connection | undefined;
  /** All connections, including unusable ones whose last calls are finishing. */
  readonly #connections = new Set<Connection>();
  /** Calls that wait for a connection or for capacity on it, in the order of their arrival. */
  readonly #waiting = new Set<QueuedCall>();
  #failures = 0;
  #lastFailure: CallEnd = channelClosed;
  #retry: NodeJS.Timeout | undefined;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  /** Opens a call as soon as a connection has capacity for it. */
  open(call: QueuedCall): void {
    if (this.#waiting.size === 0 && this.#openNow(call)) return;
    if (this.#state === "closed") return failLater(call, channelClosed);
    if (this.#state === "backing off" && !call.request.waitForReady) return failLater(call, this.#lastFailure);
    this.#waiting.add(call);
    this.#retry?.ref();
    if (this.#state === "idle") this.#connect();
  }

  reopen(call: QueuedCall): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.open(call);
    for (const each of waiting) this.#waiting.add(each);
  }

  whyPending(): PendingReason {
    const { name } = this.#settings.target;
    if (this.#state === "ready") return { activity: `waiting for a free stream to ${name}` };
    return { activity: `connecting to ${name}`, cause: this.#failures > 0 ? this.#lastFailure.cause : undefined };
  }

  withdraw(call: QueuedCall): void {
    this.#waiting.delete(call);
    if (this.#waiting.size > 0) return;
    // Nothing waits any more: a pending retry must not keep the process alive, and a pending connection is closed.
    this.#retry?.unref();
    if (this.#state !== "connecting") return;
    this.#state = "idle";
    void this.#connection?.close(channelClosed);
    this.#connection = undefined;
  }

  /** Closes all connections. Calls that are not over end with CANCELLED. */
  async close(): Promise<void> {
    this.#state = "closed";
    clearTimeout(this.#retry);
    this.#failWaiting(channelClosed, () => true);
    await Promise.all([...this.#connections].map((connection) => connection.close(channelClosed)));
  }

  #connect(): void {
    this.#state = "connecting";
    try {
      this.#startConnection();
    } catch (cause) {
      // The TLS options are invalid. Fail in the next tick: a call must not end before start() has returned.
      process.nextTick(() => this.#backOff(connectionLost(cause as Error)));
    }
  }

  #startConnection(): void {
    const connection: Connection = Connection.connect(this.#settings, {
      onReady: () => {
        if (this.#state === "connecting") this.#state = "ready";
        this.#serve();
      },
      onCapacity: () => this.#serve(),
      onUnusable: (lost) => {
        if (this.#connection === connection) this.#onUnusable(connection, lost);
      },
      onClosed: () => this.#connections.delete(connection),
    });
    this.#connection = connection;
    this.#connections.add(connection);
  }

  #onUnusable(connection: Connection, lost: CallEnd): void {
    this.#connection = undefined;
    if (this.#state === "closed") return;
    // An established connection that carried calls or that nobody was waiting for: reconnect on demand, no backoff.
    if (connection.used || (this.#state === "ready" && this.#waiting.size === 0)) {
      this.#failures = 0;
      this.#reconnect();
      return;
    }
    this.#backOff(lost);
  }

  /** Fails waiting calls that are not `waitForReady`, and reconnects after a delay. */
  #backOff(lost: CallEnd): void {
    if (this.#state === "closed") return;
    this.#state = "backing off";
    this.#failures += 1;
    this.#lastFailure = { ...lost, unprocessed: "unsent" };
    this.#retry = setTimeout(() => this.#reconnect(), backoffDelay(this.#failures));
    this.#failWaiting(this.#lastFailure, (call) => !call.request.waitForReady);
    // The timer keeps the process alive only while calls wait.
    if (this.#waiting.size === 0) this.#retry.unref();
  }

  #reconnect(): void {
    this.#state = "idle";
    this.#retry = undefined;
    if (this.#waiting.size > 0) this.#connect();
  }

  /** Opens waiting calls while there is capacity. */
  #serve(): void {
    for (const call of this.#waiting) {
      if (!this.#openNow(call)) return;
      this.#waiting.delete(call);
    }
  }

  #openNow(call: QueuedCall): boolean {
    return this.#connection?.hasCapacity === true && this.#connection.open(call);
  }

  #failWaiting(end: CallEnd, which: (call: QueuedCall) => boolean): void {
    for (const call of this.#waiting) {
      if (!which(call)) continue;
      this.#waiting.delete(call);
      call.refuse(end);
    }
  }
}

const channelClosed: CallEnd = { status: Status.CANCELLED, message: "The channel is closed", origin: "client" };

/** Refuses a call in the next tick: it must not end before start() has returned. */
function failLater(call: QueuedCall, end: CallEnd): void {
  process.nextTick(() => call.refuse(end));
}
