import { create } from "@bufbuild/protobuf";
import { describe, expect, test, vi } from "vitest";
import { GRPCError, Metadata, Status, StreamTerminatedError } from "../../src/index.js";
import { Dispatcher, type RequestListener } from "../../src/transport.js";
import { type TestHandlers, testService } from "../calls/kinds.js";
import { TestRequestSchema } from "../gen/test/v1/test_pb.js";

// What a dispatcher does with a call, as the transport of the call sees it.

const request = create(TestRequestSchema);
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

interface Options {
  readonly timeout?: number;
  readonly takeTurn?: () => Promise<void> | undefined;
}

/** Starts a unary call. The caller of this function answers its pulls. */
function start(unary: Required<TestHandlers>["unary"], { timeout, takeTurn }: Options = {}) {
  const onError = vi.fn();
  const finish = vi.fn();
  const route = new Dispatcher([testService({ unary })], { onError }, takeTurn).find("/test.v1.TestService/Unary");
  const useCompression = vi.fn(() => true);
  const call = { compression: "gzip", useCompression, sendHeaders() {}, send: () => true, finish, pull() {} } as const;
  const head = { metadata: new Metadata(), timeout, peer: "a test", previousAttempts: 0 };
  const listener = route?.handle(call, head) as RequestListener;
  return { listener, finish, onError, useCompression };
}

describe("a call that has been answered", () => {
  test("is not answered again when its request turns out to be invalid", async () => {
    const { listener, finish } = start(() => ({}));
    listener.onMessage(request);
    listener.onMessagesEnd();
    await settle();
    listener.onFailure({ status: Status.INTERNAL, message: "late" });
    listener.onClientLost(new StreamTerminatedError("late"));
    expect(finish.mock.calls).toMatchObject([[{ status: Status.OK }]]);
  });

  test("does not abort its signal afterwards", async () => {
    let signal: AbortSignal | undefined;
    const { listener } = start((_request, context) => {
      ({ signal } = context);
      return {};
    });
    listener.onMessage(request);
    listener.onMessagesEnd();
    await settle();
    listener.onFailure({ status: Status.INTERNAL, message: "late" });
    expect(signal?.aborted).toBe(false);
  });

  test("is not answered again when its handler throws", async () => {
    const late = new Error("late");
    const { listener, finish, onError } = start((_request, context) => {
      context.sendTrailingMetadata({ status: Status.ABORTED });
      throw late;
    });
    listener.onMessage(request);
    listener.onMessagesEnd();
    await settle();
    expect(finish.mock.calls).toMatchObject([[{ status: Status.ABORTED }]]);
    expect(onError.mock.calls).toMatchObject([[late, { method: "/test.v1.TestService/Unary", peer: "a test" }]]);
  });
});

test("a call whose client is lost is not answered, whatever its handler sends", async () => {
  const { listener, finish, onError } = start(async (_request, context) => {
    await settle();
    return context.sendTrailingMetadata({ status: 99 as Status }) as never;
  });
  listener.onMessage(request);
  listener.onMessagesEnd();
  listener.onClientLost(new StreamTerminatedError("lost"));
  await settle();
  await settle();
  expect(finish).not.toHaveBeenCalled();
  expect(onError).not.toHaveBeenCalled();
});

test("a handler that sets no compression takes back the one that is set", async () => {
  const { listener, useCompression } = start((_request, context) => {
    expect(context.compression).toBe("gzip");
    context.compression = undefined as never;
    return {};
  });
  listener.onMessage(request);
  listener.onMessagesEnd();
  await settle();
  expect(useCompression.mock.calls).toEqual([["identity"]]);
});

test("a request that cannot be read ends the call, and its cause is reported", async () => {
  const { listener, finish, onError } = start(() => ({}));
  const cause = new Error("why");
  listener.onFailure({ status: Status.INTERNAL, message: "Cannot decode it", cause });
  expect(finish.mock.calls).toMatchObject([[{ status: Status.INTERNAL, message: "Cannot decode it" }]]);
  expect(onError.mock.calls[0]?.[0]).toMatchObject({ message: "Cannot decode it", cause });
});

test.for([0, 2])("%d requests where one is expected end the call", async (count) => {
  const handler = vi.fn(() => ({}));
  const { listener, finish } = start(handler);
  for (let i = 0; i < count; i++) listener.onMessage(request);
  listener.onMessagesEnd();
  await settle();
  const message = `Expected one request message, got ${count}`;
  expect(finish.mock.calls).toMatchObject([[{ status: Status.UNIMPLEMENTED, message }]]);
  expect(handler).not.toHaveBeenCalled();
});

describe("the deadline", () => {
  const exceeded = { status: Status.DEADLINE_EXCEEDED, message: "Deadline exceeded" };

  test("that has passed on arrival ends the call, and its handler does not run", async () => {
    const handler = vi.fn(() => ({}));
    const { finish } = start(handler, { timeout: 0 });
    expect(finish.mock.calls).toMatchObject([[exceeded]]);
    expect(handler).not.toHaveBeenCalled();
  });

  test("that passes before the turn of the handler ends the call, even if no timer has fired", async () => {
    const handler = vi.fn(() => ({}));
    const takeTurn = async () => {
      const start = performance.now();
      while (performance.now() - start < 10);
    };
    const { listener, finish } = start(handler, { timeout: 5, takeTurn });
    listener.onMessage(request);
    listener.onMessagesEnd();
    for (let i = 0; i < 5; i++) await Promise.resolve();
    expect(finish.mock.calls).toMatchObject([[exceeded]]);
    expect(handler).not.toHaveBeenCalled();
  });
});

test("a GRPCError with an invalid status is withheld, and the report says why", async () => {
  const error = Object.assign(new GRPCError(Status.ABORTED), { status: 99 });
  const { listener, finish, onError } = start(() => {
    throw error;
  });
  listener.onMessage(request);
  listener.onMessagesEnd();
  await settle();
  expect(finish.mock.calls).toMatchObject([[{ status: Status.UNKNOWN, message: "Internal Server Error" }]]);
  const message = "The handler threw a GRPCError that cannot be sent: TypeError: 99 is not a status of a failed call";
  expect(onError.mock.calls[0]?.[0]).toMatchObject({ message, cause: error });
});
