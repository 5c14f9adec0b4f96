import { Status } from "../core/status.js";
import type { CallFailure } from "../errors/call-end.js";
import type { FrameError } from "./frame.js";

export const torn: CallFailure = { status: Status.INTERNAL, message: "The stream ended within a message" };

export const notDeclared: CallFailure = {
  status: Status.INTERNAL,
  message: "A message is compressed, without grpc-encoding",
};

export function notCompressedLike(cause: unknown): CallFailure {
  return { status: Status.INTERNAL, message: "Cannot decompress a message", cause };
}

export function notDecodable(typeName: string, cause: unknown): CallFailure {
  return { status: Status.INTERNAL, message: `Cannot decode ${typeName}`, cause };
}

export function badFrame(error: FrameError, maxBytes: number): CallFailure {
  if (error.kind === "length") return tooLarge(`A message of ${error.length} bytes`, maxBytes);
  return { status: Status.INTERNAL, message: `Invalid frame flags ${error.flags}` };
}

export function tooLarge(message: string, maxBytes: number): CallFailure {
  return {
    status: Status.RESOURCE_EXHAUSTED,
    message: `${message} is over the limit of ${maxBytes} (maxReceiveMessageBytes)`,
  };
}
