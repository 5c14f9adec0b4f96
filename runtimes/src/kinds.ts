import type { CallOptions } from "@grpclib-ts/runtime";
import { CallsServiceErrors, type CallsServiceStub } from "./gen/runtimes/v1/calls_grpclib.js";
import type { Task } from "./gen/runtimes/v1/calls_pb.js";

export interface Request {
  readonly id: string;
  readonly task: Task;
  readonly data?: Uint8Array;
}

/** A call of any kind, with as many requests and responses as its kind has. */
export type Call = (
  stub: CallsServiceStub,
  requests: AsyncIterable<Request>,
  options: CallOptions,
) => AsyncIterable<{ data: Uint8Array }>;

/** The four kinds of calls as one. */
export const kinds = {
  async *unary(stub, requests, options) {
    yield await stub.unary(await first(requests), options);
  },
  async *"server streaming"(stub, requests, options) {
    yield* stub.serverStream(await first(requests), options);
  },
  async *"client streaming"(stub, requests, options) {
    yield await stub.clientStream(requests, options);
  },
  "bidirectional streaming": (stub, requests, options) => stub.bidi(requests, options),
} satisfies Record<string, Call>;

export type Kind = keyof typeof kinds;

async function first(requests: AsyncIterable<Request>): Promise<Request> {
  for await (const request of requests) return request;
  throw new TypeError("No request");
}

/** The errors that the methods of each kind declare. */
export const errorsOf = {
  unary: CallsServiceErrors.Unary,
  "server streaming": CallsServiceErrors.ServerStream,
  "client streaming": CallsServiceErrors.ClientStream,
  "bidirectional streaming": CallsServiceErrors.Bidi,
};
