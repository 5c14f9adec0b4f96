import { decodeText } from "./header-text.js";

/**
 * The maximum number of characters that a status message quotes from a peer. Percent-encoded, they can become several
 * times as long, and must still fit into a header block that the peer accepts.
 */
const MAX_QUOTED_LENGTH = 100;

/** Decodes and shortens a header of a peer for use in a status message. */
export function quote(header: string): string {
  const text = decodeText(header);
  if (text.length <= MAX_QUOTED_LENGTH) return text;
  // Do not cut a surrogate pair in two.
  return `${text.slice(0, MAX_QUOTED_LENGTH).replace(/[\ud800-\udbff]$/, "")}…`;
}
