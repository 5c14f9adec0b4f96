import { type BackoffTimes, backoffDelay } from "../core/backoff.js";
import { MAX_TIMER_MS } from "../core/deadline.js";
import { timestamp } from "../core/timestamp.js";
import type { CallEnd } from "../errors/call-end.js";
import type { PendingReason } from "../transport/client.js";
import { channelClosed } from "../transport/closing.js";
import type { AddressSource } from "./addresses.js";
import type { CallQueue, QueuedCall } from "./call-queue.js";
import type { ConnectFailure, ConnectorState } from "./channel-snapshot.js";
import { Connection, type ConnectionSettings, connectionLost } from "./connection.js";
import type { Connectivity, ConnectivityState } from "./connectivity.js";
import { Dial } from "./dial.js";
import { keepAlive, nextTick } from "./event-loop.js";
import { warnOfPings } from "./keepalive.js";
import type { NodeClientSession } from "./node-client-session.js";
import { WaitingCalls } from "./waiting-calls.js";

/** How a {@link Connector} connects. */
export interface ConnectorSettings extends ConnectionSettings {
  readonly backoff: BackoffTimes;
  /** The connections that may carry calls at a time. */
  readonly maxConnections: number;
}

/**
 * Finds a connection for each call, and establishes connections: one when the
 * first call needs it, and further ones, up to a limit, when all have as many
 * calls as the server allows. See {@link ConnectivityState} for its states.
 */
export class Connector implements CallQueue {
  #settings: ConnectorSettings;
  readonly #addresses: AddressSource;
  readonly #connectivity: Connectivity;
  /** The connections that new calls are opened on. The list is replaced when it changes. */
  #usable: readonly Connection[] = [];
  /** All connections, including unusable ones whose last calls are finishing. */
  readonly #connections = new Set<Connection>();
  readonly #waiting = new WaitingCalls(() => this.#updateAwaited());
  /** The connection that is being established. */
  #dial: Dial | undefined;
  /** Whether the dial keeps the process alive even if no call waits for it. */
  #dialKeepsAlive = false;
  #failures = 0;
  #lastFailure: CallEnd = channelClosed;
  /** The last failure, as snapshots show it. */
  #failed: ConnectFailure | undefined;
  #nextAttempt = 0;
  /** Whether the channel has warned that the server wants fewer pings. */
  #warned = false;
  /** The timer for the next attempt to connect. */
  #retry: NodeJS.Timeout | undefined;

  constructor(settings: ConnectorSettings, addresses: AddressSource, connectivity: Connectivity) {
    this.#settings = settings;
    this.#addresses = addresses;
    this.#connectivity = connectivity;
  }

  open(call: QueuedCall, again = false): void {
    // This overtakes no other call: whenever there is capacity, all calls that wait are opened first.
    if (this.#openNow(call)) return;
    const { state } = this.#connectivity;
    if (state === "SHUTDOWN") return failLater(call, channelClosed);
    if (state === "TRANSIENT_FAILURE" && !call.request.waitForReady) return failLater(call, this.#lastFailure);
    this.#waiting.add(call, again);
    this.#startDial();
  }

  whyPending(): PendingReason {
    const { name } = this.#settings.target;
    if (this.#connectivity.state === "READY") return { activity: `waiting for a free stream to ${name}` };
    return { activity: `connecting to ${name}`, cause: this.#failures > 0 ? this.#lastFailure.cause : undefined };
  }

  withdraw(call: QueuedCall): void {
    this.#waiting.delete(call);
  }

  /**
   * Calls that wait keep the process alive, whatever they wait for. When the last one
   * gives up, the dial and the retry continue: otherwise, calls with short deadlines
   * could never get a connection.
   */
  #updateAwaited(): void {
    const awaited = this.#waiting.size > 0;
    for (const connection of this.#usable) connection.awaited = awaited;
    this.#dial?.keepAlive(awaited || this.#dialKeepsAlive);
    keepAlive(this.#retry, awaited);
  }

  /** Connects if the state is `IDLE`, although no call needs it. Until the dial ends, it keeps the process alive. */
  connect(): void {
    const { state } = this.#connectivity;
    if (state !== "IDLE" && state !== "CONNECTING") return;
    this.#dialKeepsAlive = true;
    this.#startDial();
    this.#updateAwaited();
  }

  describe(): ConnectorState {
    return {
      target: this.#settings.target.name,
      addresses: this.#addresses.describe?.() ?? [],
      connections: [...this.#connections].map((connection) => connection.describe()),
      waiting: this.#waiting.size,
      failures: this.#failures,
      ...(this.#failed === undefined ? {} : { lastFailure: this.#failed }),
      ...(this.#connectivity.state === "TRANSIENT_FAILURE" ? { nextAttempt: timestamp(this.#nextAttempt) } : {}),
    };
  }

  /** Closes all connections. Calls that are not over end with CANCELLED. */
  async close(): Promise<void> {
    this.#connectivity.set("SHUTDOWN");
    clearTimeout(this.#retry);
    this.#dial?.cancel();
    this.#failWaiting(channelClosed, () => true);
    await Promise.all([...this.#connections].map((connection) => connection.close(channelClosed)));
  }

  /** Starts establishing a connection, unless one is under way, the next attempt has to wait, or there are enough. */
  #startDial(): void {
    const { maxConnections } = this.#settings;
    if (this.#dial !== undefined || this.#retry !== undefined || this.#usable.length >= maxConnections) return;
    this.#dial = Dial.start(this.#settings, this.#addresses, {
      onConnected: (session) => this.#onConnected(session),
      onFailed: (error, message) => {
        this.#endDial();
        this.#backOff(connectionLost(error, message));
      },
    });
    this.#update();
  }

  #endDial(): void {
    this.#dial = undefined;
    this.#dialKeepsAlive = false;
  }

  #onConnected(session: NodeClientSession): void {
    const connection = new Connection(this.#settings, session, {
      onCapacity: () => this.#serve(),
      onUnusable: (lost) => this.#onUnusable(connection, lost),
      onTooManyPings: () => this.#pingLess(),
      onClosed: () => this.#connections.delete(connection),
    });
    this.#endDial();
    this.#connections.add(connection);
    this.#usable = [...this.#usable, connection];
    connection.listen();
    connection.awaited = this.#waiting.size > 0;
    this.#update();
    this.#serve();
    // The same condition as in #onUnusable(): a server that closes each connection before it has carried a call fails.
    if (connection.used || this.#waiting.size === 0) this.#failures = 0;
  }

  #onUnusable(connection: Connection, lost: CallEnd): void {
    this.#usable = this.#usable.filter((each) => each !== connection);
    connection.awaited = false;
    // A connection that carried calls or that nobody was waiting for: reconnect on demand, without a delay.
    if (!connection.used && this.#waiting.size > 0) return this.#backOff(lost);
    this.#failures = 0;
    // The pending attempt was for a further connection. Now the first one is needed.
    if (this.#usable.length === 0) {
      clearTimeout(this.#retry);
      this.#retry = undefined;
    }
    this.#reconnect();
  }

  /** Schedules the next attempt to connect. Until then, calls fail that are not `waitForReady`. */
  #backOff(lost: CallEnd): void {
    if (this.#connectivity.state === "SHUTDOWN") return;
    this.#failures += 1;
    this.#lastFailure = { ...lost, unprocessed: "unsent" };
    const now = Date.now();
    this.#failed = { time: timestamp(now), message: lost.message ?? "" };
    clearTimeout(this.#retry);
    const delay = Math.min(backoffDelay(this.#settings.backoff, this.#failures), MAX_TIMER_MS);
    this.#nextAttempt = now + delay;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#reconnect();
    }, delay);
    this.#update();
    if (this.#usable.length === 0) this.#failWaiting(this.#lastFailure, (call) => !call.request.waitForReady);
    keepAlive(this.#retry, this.#waiting.size > 0);
  }

  #reconnect(): void {
    if (this.#connectivity.state === "SHUTDOWN") return;
    if (this.#waiting.size > 0) this.#startDial();
    this.#update();
  }

  /** Derives the state of the channel. */
  #update(): void {
    this.#connectivity.set(this.#state);
  }

  get #state(): ConnectivityState {
    if (this.#usable.length > 0) return "READY";
    if (this.#dial !== undefined) return "CONNECTING";
    return this.#retry === undefined ? "IDLE" : "TRANSIENT_FAILURE";
  }

  /** Opens waiting calls while there is capacity. */
  #serve(): void {
    for (const call of this.#waiting) {
      if (call.expired) continue;
      if (!this.#openNow(call)) break;
      this.#waiting.delete(call);
    }
    if (this.#waiting.size > 0) this.#startDial();
  }

  #openNow(call: QueuedCall): boolean {
    for (const connection of this.#usable) {
      if ((connection.hasCapacity || call.needsStream === false) && connection.open(call)) return true;
    }
    return false;
  }

  #failWaiting(end: CallEnd, which: (call: QueuedCall) => boolean): void {
    for (const call of this.#waiting) {
      if (!which(call)) continue;
      this.#waiting.delete(call);
      call.refuse(end);
    }
  }

  /** Doubles the time between the pings of later connections, as the server asks for. Warns of that once. */
  #pingLess(): void {
    const { keepalive, target } = this.#settings;
    // Some servers also say so to channels that do not ping.
    if (keepalive.time === Number.POSITIVE_INFINITY) return;
    const time = 2 * keepalive.time;
    this.#settings = { ...this.#settings, keepalive: { ...keepalive, time } };
    if (!this.#warned) warnOfPings(target.name, keepalive.time, time);
    this.#warned = true;
  }
}

/** Refuses a call in the next tick: it must not end before start() has returned. */
function failLater(call: QueuedCall, end: CallEnd): void {
  nextTick(() => call.refuse(end));
}
