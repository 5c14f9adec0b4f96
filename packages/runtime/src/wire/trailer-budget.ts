import type { CallStatus } from "../errors/call-end.js";
import { typeNameOf } from "../errors/detail.js";
import type { PackedDetail } from "../errors/status-details.js";
import type { OutgoingHeaders } from "./headers.js";
import { formatStatus } from "./response.js";

/**
 * Bytes that the trailers may have by default. Peers limit header blocks (8 KiB
 * in C-core) and answer a larger one with a reset, which hides the error.
 */
export const TRAILER_BUDGET_BYTES: number = 7 * 1024;

/** Trailers within a budget. */
export interface FittedTrailers {
  readonly headers: OutgoingHeaders;
  /** What had to be left out, for people. */
  readonly dropped: readonly string[];
}

/**
 * Formats the trailers of a call so that they stay within a budget. What does not
 * fit is dropped: first the details of type `google.rpc.DebugInfo`, then details
 * from the last one on, then the metadata, and as the last resort the end of the
 * message.
 */
export function fitTrailers(end: CallStatus, budget: number): FittedTrailers {
  const fits = (candidate: CallStatus) => sizeOf(formatStatus(candidate)) <= budget;
  const headers = formatStatus(end);
  if (sizeOf(headers) <= budget) return { headers, dropped: nothing };

  const details = end.details ?? [];
  const dropOrder = [...details.filter(isDebugInfo).reverse(), ...details.filter((any) => !isDebugInfo(any)).reverse()];
  const without = (count: number): CallStatus => {
    const left = new Set(dropOrder.slice(count));
    return { ...end, details: details.filter((any) => left.has(any)) };
  };
  const count = lowest(dropOrder.length, (number) => fits(without(number)));
  const dropped = dropOrder.slice(0, count).map(({ typeUrl }) => `the detail ${typeNameOf(typeUrl)}`);
  if (count <= dropOrder.length) return { headers: formatStatus(without(count)), dropped };

  const withoutDetails = { ...end, details: undefined };
  if (fits(withoutDetails)) return { headers: formatStatus(withoutDetails), dropped };
  if (end.metadata !== undefined) dropped.push("the trailing metadata");
  const bare = { ...withoutDetails, metadata: undefined };
  if (fits(bare)) return { headers: formatStatus(bare), dropped };

  // In whole characters, each of which takes a byte at least.
  const characters = [...(end.message ?? "").slice(0, budget)];
  const shortened = (cut: number): CallStatus => ({
    ...bare,
    message: characters.slice(0, characters.length - cut).join(""),
  });
  const cut = Math.min(
    lowest(characters.length, (number) => fits(shortened(number))),
    characters.length,
  );
  return { headers: formatStatus(shortened(cut)), dropped: [...dropped, "the end of the message"] };
}

/** The lowest number up to `highest` that passes a test that all higher ones pass too; `highest + 1` if none does. */
function lowest(highest: number, passes: (value: number) => boolean): number {
  let low = 0;
  let high = highest + 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The size of a header block as HTTP/2 counts it: https://www.rfc-editor.org/rfc/rfc9113#section-6.5.2 */
function sizeOf(headers: OutgoingHeaders): number {
  let size = 0;
  for (const name in headers) {
    const values = headers[name] ?? [];
    if (typeof values === "string") size += name.length + values.length + ENTRY_BYTES;
    else for (const value of values) size += name.length + value.length + ENTRY_BYTES;
  }
  return size;
}

const ENTRY_BYTES = 32;

const nothing: readonly string[] = [];

function isDebugInfo(any: PackedDetail): boolean {
  return typeNameOf(any.typeUrl) === "google.rpc.DebugInfo";
}
