import type { CallStatus } from "../core/call-end.js";
import { typeNameOf } from "../core/detail.js";
import { encodeStatusDetails, type PackedDetail } from "../core/status-details.js";

/**
 * Bytes that the trailers may have by default. Peers limit header blocks (8 KiB
 * in C-core), and answer a larger one with a reset, which hides the error.
 */
export const TRAILER_BUDGET_BYTES: number = 7 * 1024;

/**
 * Makes the trailers of a call fit into a budget. What does not fit is dropped:
 * first the details of type `google.rpc.DebugInfo`, then details from the last
 * one on, then the metadata, and as the last resort the end of the message.
 */
export function fitTrailers(
  status: CallStatus,
  packed: readonly PackedDetail[] | undefined,
  budget: number,
): { readonly status: CallStatus; readonly dropped: readonly string[] } {
  const all = packed ?? [];
  const encode = (kept: readonly PackedDetail[]): CallStatus => ({
    ...status,
    details: packed && encodeStatusDetails(status.status, status.message ?? "", kept),
  });
  const whole = encode(all);
  if (sizeOf(whole) <= budget) return { status: whole, dropped: [] };
  const victims = [...all.filter(isDebugInfo).reverse(), ...all.filter((any) => !isDebugInfo(any)).reverse()];
  const without = (count: number): CallStatus => {
    const dropped = new Set(victims.slice(0, count));
    return encode(all.filter((any) => !dropped.has(any)));
  };
  const count = lowest(victims.length, (dropped) => sizeOf(without(dropped)) <= budget);
  const dropped = victims.slice(0, count).map(({ typeUrl }) => `the detail ${typeNameOf(typeUrl)}`);
  if (count <= victims.length) return { status: without(count), dropped };
  // Not even an empty list of details fits.
  if (sizeOf(status) <= budget) return { status, dropped };
  if (status.metadata !== undefined) dropped.push("the trailing metadata");
  const bare = { status: status.status, message: status.message };
  if (sizeOf(bare) <= budget) return { status: bare, dropped };
  const room = budget - sizeOf({ ...bare, message: "" });
  return {
    status: { ...bare, message: truncate(status.message ?? "", room) },
    dropped: [...dropped, "the end of the message"],
  };
}

/** The lowest number up to `highest` that passes a test which all higher ones pass too; `highest + 1` if none does. */
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
function sizeOf({ message, details, metadata }: CallStatus): number {
  let size = entrySize("grpc-status", 2);
  if (message !== undefined) size += entrySize("grpc-message", messageLength(message));
  if (details !== undefined) size += entrySize("grpc-status-details-bin", base64Length(details));
  for (const [key, value] of metadata ?? []) {
    size += entrySize(key, typeof value === "string" ? value.length : base64Length(value));
  }
  return size;
}

function entrySize(name: string, valueLength: number): number {
  return name.length + valueLength + 32;
}

function base64Length(bytes: Uint8Array): number {
  return Math.ceil((bytes.length * 4) / 3);
}

/** The length of a message in its percent-encoding, in which a space at an end takes three bytes. */
function messageLength(message: string): number {
  return (
    (message.startsWith(" ") ? 2 : 0) + encodedLength(message) + (message.length > 1 && message.endsWith(" ") ? 2 : 0)
  );
}

/** The length of text inside of a message: a byte of other than printable ASCII takes three. */
function encodedLength(text: string): number {
  return encoder.encode(text).reduce((length, byte) => length + (isPlain(byte) ? 1 : 3), 0);
}

function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
}

/** The longest beginning of a message, in whole characters, that takes no more than `room` bytes. */
function truncate(message: string, room: number): string {
  let text = "";
  // There may be spaces at its ends.
  let length = 4;
  for (const character of message) {
    length += encodedLength(character);
    if (length > room) break;
    text += character;
  }
  return text;
}

function isDebugInfo(any: PackedDetail): boolean {
  return typeNameOf(any.typeUrl) === "google.rpc.DebugInfo";
}

const encoder = new TextEncoder();
