import { Status } from "../core/status.js";
import type { FrameError } from "../wire/frame.js";

/** Why no more messages of a stream can be read. The peer is told the message; the cause stays here. */
export interface ReadFailure {
  readonly status: Status;
  readonly message: string;
  readonly cause?: unknown;
}

export const torn: ReadFailure = { status: Status.INTERNAL, message: "The stream ended within a message" };

export const notDeclared: ReadFailure = {
  status: Status.INTERNAL,
  message: "A message is compressed, without grpc-encoding",
};

export function notCompressedLike(cause: unknown): ReadFailure {
  return { status: Status.INTERNAL, message: "Cannot decompress a message", cause };
}

export function notDecodable(typeName: string, cause: unknown): ReadFailure {
  return { status: Status.INTERNAL, message: `Cannot decode ${typeName}`, cause };
}

export function badFrame(error: FrameError, maxBytes: number): ReadFailure {
  if (error.kind === "length") return tooLarge(`A message of ${error.length} bytes`, maxBytes);
  return { status: Status.INTERNAL, message: `Invalid frame flags ${error.flags}` };
}

export function tooLarge(message: string, maxBytes: number): ReadFailure {
  return {
    status: Status.RESOURCE_EXHAUSTED,
    message: `${message} is over the limit of ${maxBytes} (maxReceiveMessageBytes)`,
  };
}
