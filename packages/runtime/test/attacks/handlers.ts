import { GRPCError, type Init, type ServerContext, Status } from "../../src/index.js";
import type { TestRequest, TestResponse } from "../gen/test/v1/test_pb.js";

/** Behaves according to the state in the metadata. See `HandlerState`. */
export async function* handle(
  { metadata, signal }: ServerContext,
  requests: AsyncIterable<TestRequest> | undefined,
  onRequestsEnd: () => void = () => {},
): AsyncGenerator<Init<TestResponse>> {
  const state = metadata.get("state");
  if (state === "fails") throw new GRPCError(Status.NOT_FOUND, "It fails at once");
  if (state === "waits") await aborted(signal);
  if (state === "reads" && requests !== undefined) {
    for await (const _ of requests);
    onRequestsEnd();
  }
  if (state === "echoes" && requests !== undefined) {
    for await (const { data } of requests) yield { data };
    onRequestsEnd();
  }
  const data = new Uint8Array(1000);
  while (state === "streams") {
    yield { data };
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield { text: "answer" };
}

/** The first response, for a method with a single response. */
export async function only<T>(responses: AsyncIterable<T>): Promise<T> {
  for await (const response of responses) return response;
  throw new Error("There is no response");
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
