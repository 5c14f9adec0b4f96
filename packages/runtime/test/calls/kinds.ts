import type { CallOptions, Handlers, Init, ServerContext } from "../../src/index.js";
import { TestServiceBase, type TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import type { TestRequest, TestResponse } from "../gen/test/v1/test_pb.js";

/** The four kinds of methods. The test service has one method of each kind, with these names. */
export const kinds = ["unary", "serverStream", "clientStream", "bidi"] as const;

export type Kind = (typeof kinds)[number];

/** Handlers of the test service. */
export type TestHandlers = Partial<Handlers<TestServiceBase>>;

/** The test service. A call to a method without a handler fails. */
export function testService(handlers: TestHandlers): TestServiceBase {
  return TestServiceBase.of({
    unary: () => unexpected(),
    serverStream: () => unexpected(),
    clientStream: () => unexpected(),
    bidi: () => unexpected(),
    ...handlers,
  });
}

/**
 * Handlers for all four kinds that do the same: read all requests, and then
 * return, yield or throw what `respond` does.
 */
export function handleAll(
  respond: (
    context: ServerContext,
    requests: readonly TestRequest[],
  ) => Init<TestResponse> | Promise<Init<TestResponse>>,
): Required<TestHandlers> {
  return {
    async unary(request, context) {
      return await respond(context, [request]);
    },
    async *serverStream(request, context) {
      yield await respond(context, [request]);
    },
    async clientStream(requests, context) {
      return await respond(context, await all(requests));
    },
    async *bidi(requests, context) {
      yield await respond(context, await all(requests));
    },
  };
}

/** Handlers for the two kinds with streaming requests. They await `read`, and then send an empty response. */
export function handleRequests(
  read: (requests: AsyncIterable<TestRequest>, context: ServerContext) => Promise<void>,
): Pick<Required<TestHandlers>, "clientStream" | "bidi"> {
  return {
    async clientStream(requests, context) {
      await read(requests, context);
      return {};
    },
    async *bidi(requests, context) {
      await read(requests, context);
      yield {};
    },
  };
}

/** Calls the method of a kind with one request. @returns its responses */
export async function call(
  stub: TestServiceStub,
  kind: Kind,
  options: CallOptions = {},
  request: Init<TestRequest> = {},
): Promise<TestResponse[]> {
  switch (kind) {
    case "unary":
      return [await stub.unary(request, options)];
    case "serverStream":
      return await all(stub.serverStream(request, options));
    case "clientStream":
      return [await stub.clientStream([request], options)];
    case "bidi":
      return await all(stub.bidi([request], options));
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function unexpected(): never {
  throw new Error("The test has no handler for this method");
}
