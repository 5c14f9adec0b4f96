import type { Duplex } from "node:stream";
import { textOf } from "../core/text-of.js";
import { Fault } from "./fault.js";
import { FaultyConnection } from "./faulty-connection.js";

/**
 * Faults on purpose, for the option `faults` of `serve()`. They happen on the wire,
 * between the client and the server.
 *
 * ```ts
 * const faults = new Faults();
 * await using served = await serve([new Library()], { faults });
 * faults.nextCall(after(0).reset("REFUSED_STREAM"));
 * ```
 */
export class Faults {
  readonly #next: Fault[] = [];
  #every: Fault | undefined;
  readonly #connections = new Set<FaultyConnection>();

  /**
   * The next call has this fault, instead of that of `everyCall()`. Called again, the call after that.
   *
   * @throws TypeError if it is not a fault
   */
  nextCall(fault: Fault): void {
    this.#next.push(checkFault(fault));
  }

  /** All calls from now on have this fault. Without an argument, they have none. @throws TypeError if it is not a fault */
  everyCall(fault?: Fault): void {
    this.#every = fault && checkFault(fault);
  }

  /** The server asks the client to open no more calls on its connections: GOAWAY. The next call connects again. */
  goAway(): void {
    for (const connection of this.#connections) connection.goAway();
  }

  /** Nothing passes through the connections any more, in either direction. */
  stall(): void {
    for (const connection of this.#connections) connection.stall();
  }

  /** All connections are lost. */
  disconnect(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** @internal Both ends of a new connection: the client's, and the server's. */
  connect(): readonly [Duplex, Duplex] {
    const connection = new FaultyConnection(() => (this.#next.shift() ?? this.#every)?.effect);
    this.#connections.add(connection);
    connection.client.once("close", () => this.#connections.delete(connection));
    return [connection.client, connection.server];
  }
}

function checkFault(fault: Fault): Fault {
  if (fault instanceof Fault) return fault;
  throw new TypeError(
    `A fault is made by after(), delay(), dropTrailers() or malformedDetails(), got ${textOf(fault)}`,
  );
}
