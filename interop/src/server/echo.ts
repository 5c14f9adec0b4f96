import { GRPCError, type ServerContext } from "@grpclib-ts/runtime";
import { initialKey, trailingKey } from "../echo-keys.js";
import type { EchoStatus } from "../gen/grpc/testing/messages_pb.js";

/** Echoes the request metadata with the keys for that. */
export function echoMetadata(context: ServerContext): void {
  const initial = context.metadata.get(initialKey);
  if (initial !== undefined) context.sendInitialMetadata({ [initialKey]: initial });
  const trailing = context.metadata.get(trailingKey);
  if (trailing !== undefined) context.trailingMetadata.set(trailingKey, trailing);
}

/** Fails the call with the status in the request. @throws GRPCError unless the status is OK or missing */
export function echoStatus(status: EchoStatus | undefined): void {
  if (status !== undefined && status.code !== 0) throw new GRPCError(status.code, status.message);
}
