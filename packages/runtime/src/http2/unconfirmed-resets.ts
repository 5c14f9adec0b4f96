import { nextTurn } from "./event-loop.js";

/** What {@link UnconfirmedResets} needs of a connection. */
export interface RoundTrips {
  /** Sends a frame that the peer acknowledges. */
  roundTrip(onAck: () => void): void;
}

/**
 * The streams that this side has reset while the server's maximum of concurrent
 * streams was reached, until the server has certainly processed the resets.
 *
 * Servers on Node 22 and later still count such a stream when the next one arrives
 * in the same packet as the reset. They refuse that one with ENHANCE_YOUR_CALM, and
 * after 100 refusals they end the connection.
 */
export class UnconfirmedResets {
  readonly #connection: RoundTrips;
  readonly #onConfirmed: () => void;
  /** The number of these streams. No other stream may take their place yet. */
  held = 0;
  #asking = false;

  constructor(connection: RoundTrips, onConfirmed: () => void) {
    this.#connection = connection;
    this.#onConfirmed = onConfirmed;
  }

  /** Adds a stream. */
  hold(): void {
    this.held += 1;
    // In the next turn, so that one question serves for all resets of this turn.
    if (!this.#asking) nextTurn(() => this.#ask());
    this.#asking = true;
  }

  #ask(): void {
    const asked = this.held;
    this.#connection.roundTrip(() => {
      this.held -= asked;
      this.#asking = this.held > 0;
      if (this.#asking) this.#ask();
      this.#onConfirmed();
    });
  }
}
