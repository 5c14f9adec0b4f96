import { setTimeout } from "node:timers/promises";
import type { ServerContext } from "@grpclib-ts/runtime";
import type { StreamingOutputCallRequest } from "../gen/grpc/testing/messages_pb.js";
import { payload } from "../payload.js";
import { setCompression } from "./compression.js";

/** The responses that a request specifies, each after its interval. */
export async function* responses({ responseParameters }: StreamingOutputCallRequest, context: ServerContext) {
  for (const { size, intervalUs, compressed } of responseParameters) {
    if (intervalUs > 0) await setTimeout(intervalUs / 1000, undefined, { signal: context.signal });
    setCompression(context, compressed);
    yield { payload: payload(size) };
  }
}
