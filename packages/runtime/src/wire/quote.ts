/**
 * The maximum number of characters that a status message quotes from a peer. Percent-encoded, they can become several
 * times as long, and must still fit into a header block that the peer accepts.
 */
const MAX_QUOTED_LENGTH = 100;

/** Shortens text from a peer for use in a status message. */
export function quote(text: string): string {
  return text.length <= MAX_QUOTED_LENGTH ? text : `${text.slice(0, MAX_QUOTED_LENGTH)}…`;
}
