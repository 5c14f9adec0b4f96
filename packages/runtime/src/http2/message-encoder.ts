import { type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { GRPCError } from "../core/error.js";
import { Status } from "../core/status.js";
import { encodeFrame } from "../wire/frame.js";
import type { Coding } from "./codings.js";

/** How the messages of a stream are sent. */
export interface SendRules {
  /** A message that is larger, before it is compressed, is not sent. */
  readonly maxSendBytes: number;
  /** What compresses them; `undefined` for nothing. */
  readonly coding: Coding | undefined;
}

/**
 * Turns a message into the frame to send.
 *
 * @throws GRPCError RESOURCE_EXHAUSTED if it is over the limit
 * @throws Error if it cannot be encoded
 */
export function encodeMessage(schema: DescMessage, message: Message, { maxSendBytes, coding }: SendRules): Uint8Array {
  const bytes = toBinary(schema, message);
  if (bytes.length > maxSendBytes) {
    throw new GRPCError(
      Status.RESOURCE_EXHAUSTED,
      `A message of ${bytes.length} bytes is over the limit of ${maxSendBytes} (maxSendMessageBytes)`,
    );
  }
  return coding === undefined ? encodeFrame(bytes) : encodeFrame(coding.compress(bytes), true);
}
