import { Status } from "../core/status.js";
import { GRPCError } from "../errors/error.js";
import type { OutgoingHeaders, RawHeaders } from "./headers.js";
import { hpackSize } from "./hpack-size.js";

const ENTRY_BYTES = 32;

/** Node closes a connection on which it receives a longer value, after compression. */
const MAX_VALUE_BYTES = 65_536;

/**
 * The size of a header block as HTTP/2 counts it. `NaN`, which is within no limit, if a value is longer than Node accepts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-6.5.2
 */
export function headerBlockSize(headers: OutgoingHeaders): number {
  let size = 0;
  for (const name in headers) {
    // Stryker disable next-line ArrayDeclaration: the header exists
    const values = headers[name] ?? [];
    if (typeof values === "string") size += entrySize(name, values);
    else for (const value of values) size += entrySize(name, value);
  }
  return size;
}

function entrySize(name: string, value: string): number {
  if (value.length > MAX_VALUE_BYTES && hpackSize(value) > MAX_VALUE_BYTES) return Number.NaN;
  return name.length + value.length + ENTRY_BYTES;
}

/** The size of a received header block. */
export function rawHeadersSize(raw: RawHeaders): number {
  let size = 0;
  for (const text of raw) size += text.length;
  return size + (raw.length / 2) * ENTRY_BYTES;
}

/**
 * Checks that the peer accepts a header block.
 *
 * @param size that of the header block, in bytes
 * @param peer who that is, such as "client"
 * @throws GRPCError RESOURCE_EXHAUSTED that names the size and the limit
 */
export function checkHeaderSize(size: number, limit: number, peer: "client" | "server"): void {
  if (size <= limit) return;
  const problem = Number.isNaN(size)
    ? `A value of the metadata has more than ${MAX_VALUE_BYTES} bytes even if it is compressed, which ends connections. Send it in a message`
    : `The headers with the metadata have ${size} bytes, but the ${peer} accepts at most ${limit} (SETTINGS_MAX_HEADER_LIST_SIZE)`;
  throw new GRPCError(Status.RESOURCE_EXHAUSTED, problem);
}
