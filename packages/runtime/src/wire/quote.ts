/**
 * The longest text of a peer that a status message quotes, in characters. Percent-encoded it is up to six times as
 * long, and must still fit into the header block that a peer accepts.
 */
const MAX_QUOTED_LENGTH = 100;

/** What a peer sent, as a status message quotes it: cut off where it is long. */
export function quote(text: string): string {
  return text.length <= MAX_QUOTED_LENGTH ? text : `${text.slice(0, MAX_QUOTED_LENGTH)}…`;
}
