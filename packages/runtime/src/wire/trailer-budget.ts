import type { CallStatus } from "../errors/call-end.js";
import { typeNameOf } from "../errors/detail.js";
import type { PackedDetail } from "../errors/status-details.js";
import { headerBlockSize } from "./header-size.js";
import type { OutgoingHeaders } from "./headers.js";
import { formatStatus } from "./response.js";

/**
 * The default maximum size of trailers, in bytes. Peers limit header blocks
 * (C-core to 8 KiB) and reset the stream if a block is larger, which hides the
 * error.
 */
export const TRAILER_BUDGET_BYTES: number = 7 * 1024;

/**
 * The maximum size of the trailers, in bytes, that are sent as the only block of
 * headers. Proxies bound the block at the start of a response (nginx the frames
 * up to its end to 4 KiB: `grpc_buffer_size`), but not the one at the end.
 */
export const TRAILERS_ONLY_BYTES = 3_500;

/** Trailers within a budget. */
export interface FittedTrailers {
  readonly headers: OutgoingHeaders;
  /** The size of the headers, in bytes. */
  readonly size: number;
  /** Descriptions of the parts that were left out. */
  readonly dropped: readonly string[];
}

/**
 * Formats the trailers of a call within a budget of bytes. If they do not fit,
 * drops as much as necessary in this order: metadata with a value that is too long to be sent, the details of type
 * `google.rpc.DebugInfo`, the other details from the last to the first, the
 * metadata, and as the last resort the end of the message.
 */
export function fitTrailers(status: CallStatus, budget: number): FittedTrailers {
  const end = withoutExcess(status, budget);
  const fits = (candidate: CallStatus) => format(candidate).size <= budget;
  const whole = format(end);
  // Stryker disable next-line EqualityOperator: at the limit, nothing would be dropped either
  if (whole.size <= budget) return { ...whole, dropped: nothing };
  if (end.metadata !== undefined && Number.isNaN(format({ status: end.status, metadata: end.metadata }).size)) {
    const rest = fitTrailers({ ...status, metadata: undefined }, budget);
    return { ...rest, dropped: ["the trailing metadata, of which a value is too long", ...rest.dropped] };
  }

  const details = end.details ?? [];
  const dropOrder = [...details.filter(isDebugInfo).reverse(), ...details.filter((any) => !isDebugInfo(any)).reverse()];
  const without = (count: number): CallStatus => {
    const left = new Set(dropOrder.slice(count));
    return { ...end, details: details.filter((any) => left.has(any)) };
  };
  const count = lowest(dropOrder.length, (number) => fits(without(number)));
  const dropped = dropOrder.slice(0, count).map(({ typeUrl }) => `the detail ${typeNameOf(typeUrl)}`);
  if (count <= dropOrder.length) return { ...format(without(count)), dropped };

  const withoutDetails = { ...end, details: undefined };
  if (fits(withoutDetails)) return { ...format(withoutDetails), dropped };
  if (end.metadata !== undefined) dropped.push("the trailing metadata");
  const bare = { ...withoutDetails, metadata: undefined };
  if (end.message === undefined || fits(bare)) return { ...format(bare), dropped };

  const characters = [...end.message];
  const shortened = (cut: number): CallStatus => ({
    ...bare,
    message: characters.slice(0, characters.length - cut).join(""),
  });
  const cut = Math.min(
    lowest(characters.length, (number) => fits(shortened(number))),
    characters.length,
  );
  return { ...format(shortened(cut)), dropped: [...dropped, "the end of the message"] };
}

/**
 * The report that parts of the trailers were left out.
 *
 * @param accepted the maximum size of a header block that the client accepts, in bytes
 */
export function droppedError(dropped: readonly string[], budget: number, accepted: number): Error {
  const limit =
    accepted < budget
      ? `the ${accepted} bytes that the client accepts (SETTINGS_MAX_HEADER_LIST_SIZE)`
      : `their budget of ${budget} bytes (trailerBudgetBytes)`;
  return new Error(`The trailers exceed ${limit}. Not sent: ${dropped.join(", ")}`);
}

/**
 * Finds the lowest number from 0 to `highest` that passes a test, by binary
 * search; `highest + 1` if none passes. If a number passes, all higher ones must.
 */
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

function format(status: CallStatus): { headers: OutgoingHeaders; size: number } {
  const headers = formatStatus(status);
  return { headers, size: headerBlockSize(headers) };
}

const nothing: readonly string[] = [];

function isDebugInfo(any: PackedDetail): boolean {
  return typeNameOf(any.typeUrl) === "google.rpc.DebugInfo";
}

/**
 * Cuts off most of what cannot fit of a message, because each character takes at
 * least one byte. Formatting all of a message of some MB would take seconds.
 */
function withoutExcess(status: CallStatus, budget: number): CallStatus {
  const message = status.message?.slice(0, budget);
  // Stryker disable next-line ConditionalExpression: saves a copy
  return message === status.message ? status : { ...status, message };
}
