import { setTimeout } from "node:timers/promises";
import type { BinaryKey, ServerContext } from "@grpclib-ts/runtime";
import type { StreamResponseDefinition, UnaryResponseDefinition } from "../gen/connectrpc/conformance/v1/service_pb.js";
import { metadataOf } from "../headers.js";

type ResponseDefinition = UnaryResponseDefinition | StreamResponseDefinition;

/** Sends the headers of a response, and sees to its trailers. */
export function sendMetadata(definition: ResponseDefinition, context: ServerContext): void {
  context.sendInitialMetadata(metadataOf(definition.responseHeaders));
  for (const [key, value] of metadataOf(definition.responseTrailers)) {
    if (typeof value === "string") context.trailingMetadata.append(key, value);
    else context.trailingMetadata.append(key as BinaryKey, value);
  }
}

/** Waits before a response. A call that is cancelled waits no longer. */
export async function delay(definition: ResponseDefinition | undefined, context: ServerContext): Promise<void> {
  const ms = definition?.responseDelayMs ?? 0;
  if (ms > 0) await setTimeout(ms, undefined, { signal: context.signal });
}
