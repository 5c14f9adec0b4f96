import type { OutgoingHeaders } from "../../src/wire/headers.js";

/** Turns outgoing headers into the raw headers that a peer receives: one line for each value. */
export function rawHeadersOf(headers: OutgoingHeaders): string[] {
  return Object.entries(headers).flatMap(([name, values]) => [values].flat().flatMap((value) => [name, value]));
}
