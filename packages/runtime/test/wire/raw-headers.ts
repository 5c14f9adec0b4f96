import type { OutgoingHeaders } from "../../src/wire/headers.js";

/** Headers as they arrive when they have been sent: a header with several values comes several times. */
export function rawHeadersOf(headers: OutgoingHeaders): string[] {
  return Object.entries(headers).flatMap(([name, values]) => [values].flat().flatMap((value) => [name, value]));
}
