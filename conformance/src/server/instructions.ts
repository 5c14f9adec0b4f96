import { setTimeout } from "node:timers/promises";
import type { BinaryKey, ServerContext } from "@grpclib-ts/runtime";
import type { StreamResponseDefinition, UnaryResponseDefinition } from "../gen/connectrpc/conformance/v1/service_pb.js";
import { metadataOf } from "../headers.js";

type ResponseDefinition = UnaryResponseDefinition | StreamResponseDefinition;

/** Sends the headers that a response definition specifies, and sets its trailers. */
export function sendMetadata(definition: ResponseDefinition, context: ServerContext): void {
  context.sendInitialMetadata(metadataOf(definition.responseHeaders));
  for (const [key, value] of metadataOf(definition.responseTrailers)) {
    if (typeof value === "string") context.trailingMetadata.append(key, value);
    else context.trailingMetadata.append(key as BinaryKey, value);
  }
}

/** Waits for the delay before a response. Rejects with an AbortError when the call is cancelled. */
export async function delay(definition: ResponseDefinition | undefined, context: ServerContext): Promise<void> {
  const ms = definition?.responseDelayMs ?? 0;
  if (ms > 0) await setTimeout(ms, undefined, { signal: context.signal });
}
