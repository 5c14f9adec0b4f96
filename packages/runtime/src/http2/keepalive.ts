import { MAX_TIMER_MS } from "../core/deadline.js";
import { QuietTimer } from "./quiet-timer.js";

/** When the peer of a connection is checked. */
export interface KeepaliveTimes {
  /** The silence after which a ping is sent, in milliseconds. `Infinity`: none is sent while the connection is open. */
  readonly time: number;
  /** The time to answer a ping, in milliseconds. */
  readonly timeout: number;
}

/** The connection of a {@link Keepalive}. */
export interface PingableConnection {
  /** Changes whenever something arrives that shows that the peer responds. */
  readonly received: number;
  /** Sends a frame that the peer has to acknowledge. Never throws. */
  ping(onAck: () => void): void;
  /** Ends the connection. */
  destroy(error: Error): void;
}

/** The longest silence after which the peer of a connection that is closing is pinged, in milliseconds. */
const CLOSING_MS = 20_000;

const off: KeepaliveTimes = { time: Number.POSITIVE_INFINITY, timeout: CLOSING_MS };

/**
 * Checks that the peer of a connection still responds: pings it after a silence,
 * and destroys the connection if the peer does not answer. It is in one of these
 * states:
 *
 * - off: initially, and after `stop()`.
 * - listening: what has been received is compared at intervals. A packet costs nothing, whether this is on or off.
 * - waiting: a ping has been sent. Anything received is an answer to it.
 *
 * @see https://github.com/grpc/proposal/blob/master/A8-client-side-keepalive.md
 */
export class Keepalive {
  readonly #connection: PingableConnection;
  #times = off;
  #isNeeded: () => boolean = () => true;
  #received = 0;
  readonly #silence = new QuietTimer(
    () => !this.#hasAnswered(),
    () => this.#ping(),
    () => this.#isNeeded(),
  );
  /** The timer of a ping that waits for its answer. */
  #answer: NodeJS.Timeout | undefined;

  constructor(connection: PingableConnection) {
    this.#connection = connection;
  }

  get times(): KeepaliveTimes {
    return this.#times;
  }

  /**
   * Starts, or changes the times.
   *
   * @param isNeeded whether to ping now. If not, a silence goes on until it is, so that calls that come and go do not
   *   hide a peer that is gone.
   */
  start(times: KeepaliveTimes, isNeeded: () => boolean = () => true): void {
    this.#times = times;
    this.#isNeeded = isNeeded;
    this.#listen();
  }

  /** To be called when the connection starts closing. Until it has closed, a ping is needed after a silence of 20 s. */
  onClosing(): void {
    const { time, timeout } = this.#times;
    this.start({ time: Math.min(time, CLOSING_MS), timeout });
  }

  stop(): void {
    this.#silence.stop();
    clearTimeout(this.#answer);
    this.#answer = undefined;
  }

  #listen(): void {
    this.stop();
    this.#silence.start(this.#times.time);
  }

  #ping(): void {
    const { timeout } = this.#times;
    const answer = setTimeout(
      () => {
        // If the event loop was blocked, an answer may have arrived that has not been read yet.
        setImmediate(() => {
          if (this.#answer !== answer) return;
          if (this.#hasAnswered()) this.#listen();
          else this.#connection.destroy(new Error(`The peer has not answered a ping within ${timeout} ms`));
        });
      },
      Math.min(timeout, MAX_TIMER_MS),
    ).unref();
    this.#answer = answer;
    this.#connection.ping(() => {
      if (this.#answer === answer) this.#listen();
    });
  }

  /** Whether something has arrived since the last call. */
  #hasAnswered(): boolean {
    const { received } = this.#connection;
    const isNew = received !== this.#received;
    this.#received = received;
    return isNew;
  }
}

/** Warns that a server wants fewer pings than one every `before` milliseconds, and gets one every `now` milliseconds. */
export function warnOfPings(server: string, before: number, now: number): void {
  process.emitWarning(
    `${server} closes connections with keepalive pings every ${before} ms (too_many_pings). ` +
      `The channel now sends them every ${now} ms. Set keepalive.time to what the server allows.`,
    "GrpcKeepaliveWarning",
  );
}
