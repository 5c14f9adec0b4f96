import { Status } from "../core/status.js";
import type { CallFailure } from "../errors/call-end.js";
import type { FrameError } from "./frame.js";

export const endedInMessage: CallFailure = { status: Status.INTERNAL, message: "The stream ended within a message" };

export const encodingNotDeclared: CallFailure = {
  status: Status.INTERNAL,
  message: 'A message is compressed, but grpc-encoding is missing or "identity"',
};

export function cannotDecompress(cause: unknown): CallFailure {
  return { status: Status.INTERNAL, message: "Cannot decompress a message", cause };
}

export function cannotDecode(typeName: string, cause: unknown): CallFailure {
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
