import { setTimeout } from "node:timers/promises";
import type { StreamingOutputCallRequest } from "../gen/grpc/testing/messages_pb.js";
import { payload } from "../payload.js";

/** The responses that a request specifies, each after its interval. */
export async function* responses({ responseParameters }: StreamingOutputCallRequest, signal: AbortSignal) {
  for (const { size, intervalUs } of responseParameters) {
    if (intervalUs > 0) await setTimeout(intervalUs / 1000, undefined, { signal });
    yield { payload: payload(size) };
  }
}
