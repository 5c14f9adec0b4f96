import { GRPCError, type ServerContext, Status, wasCompressed } from "@grpclib-ts/runtime";
import type { BoolValue, SimpleRequest, StreamingInputCallRequest } from "../gen/grpc/testing/messages_pb.js";

/** Checks that a request was compressed, or was not, as it says. @throws GRPCError INVALID_ARGUMENT if not */
export function checkCompressed(request: SimpleRequest | StreamingInputCallRequest): void {
  const expected = request.expectCompressed?.value;
  const actual = wasCompressed(request);
  if (expected === undefined || expected === actual) return;
  const say = (compressed: boolean) => (compressed ? "compressed" : "not compressed");
  throw new GRPCError(Status.INVALID_ARGUMENT, `The request is ${say(actual)}, but should be ${say(expected)}`);
}

/** Compresses the next responses, or does not, if a request asks for one of both. */
export function setCompression(context: ServerContext, compressed: BoolValue | undefined): void {
  if (compressed !== undefined) context.compression = compressed.value ? "gzip" : "identity";
}
