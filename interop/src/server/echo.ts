import { GRPCError, type ServerContext } from "@grpclib-ts/runtime";
import { initialKey, trailingKey } from "../echo-keys.js";
import type { EchoStatus } from "../gen/grpc/testing/messages_pb.js";

/** Sends back the metadata that a client wants to see again. */
export function echoMetadata(context: ServerContext): void {
  const initial = context.metadata.get(initialKey);
  if (initial !== undefined) context.sendInitialMetadata({ [initialKey]: initial });
  const trailing = context.metadata.get(trailingKey);
  if (trailing !== undefined) context.trailingMetadata.set(trailingKey, trailing);
}

/** @throws GRPCError with the status that a client asks for */
export function echoStatus(status: EchoStatus | undefined): void {
  if (status !== undefined && status.code !== 0) throw new GRPCError(status.code, status.message);
}
