import { afterEach, describe, expect, test, vi } from "vitest";
import { BadRequestSchema } from "../../src/error-details.js";
import { detail, GRPCError, Status } from "../../src/index.js";
import { after, delay, dropTrailers, type Fault, Faults, malformedDetails, serve } from "../../src/testing.js";
import { call, handleAll, kinds, type TestHandlers, testService } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { moment, rejection } from "../harness.js";

/** Serves in memory, with faults. */
async function start(handlers: TestHandlers, fault?: Fault) {
  const faults = new Faults();
  const served = await serve([testService(handlers)], { faults, channel: { backoff: { initial: 1 } } });
  if (fault !== undefined) faults.nextCall(fault);
  return Object.assign(served, { faults, stub: new TestServiceStub(served.channel) });
}

const texts = ["a", "b", "c"];
const stream: TestHandlers = {
  unary: ({ text }) => ({ text }),
  async *serverStream() {
    for (const text of texts) yield { text };
  },
};

/** What a stream delivers, and how it ends. */
async function read(stub: TestServiceStub, options = {}) {
  const seen: string[] = [];
  const end = (async () => {
    for await (const { text } of stub.serverStream({}, options)) seen.push(text);
  })();
  const error = await end.then(
    () => undefined,
    (reason: unknown) => reason as GRPCError,
  );
  return { seen, error };
}

afterEach(() => {
  vi.useRealTimers();
});

test.for(kinds)("%s: without a fault, calls are the same", async (kind) => {
  await using served = await start(handleAll(() => ({})));
  for (const _ of [1, 2, 3]) expect(await call(served.stub, kind)).toBeDefined();
});

test("large messages pass in both directions", async () => {
  await using served = await start(stream, delay(1));
  const text = "x".repeat(2_000_000);
  for (const _ of [1, 2]) expect((await served.stub.unary({ text })).text).toBe(text);
});

describe("after(n).reset()", () => {
  test.for([1, 2, 3])("the client has the first %i messages, and then the error", async (count) => {
    const cancelled = moment<unknown>();
    const fault = after(count).reset("ENHANCE_YOUR_CALM");
    const handlers: TestHandlers = {
      async *serverStream(_, { signal }) {
        for (const text of texts) yield { text };
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        cancelled.happens(signal.reason);
      },
    };
    await using served = await start(handlers, fault);
    const { seen, error } = await read(served.stub);
    expect(seen).toEqual(texts.slice(0, count));
    expect(error).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, cause: { name: "StreamTerminatedError" } });
    expect(await cancelled.promise).toMatchObject({ name: "StreamTerminatedError" });
  });

  test("with 0, before the server answers; a refused call is repeated", async () => {
    const unary = vi.fn(stream.unary);
    await using served = await start({ unary }, after(0).reset("CANCEL"));
    expect(await rejection(served.stub.unary({}))).toMatchObject({ status: Status.CANCELLED });
    served.faults.nextCall(after(0).reset("REFUSED_STREAM"));
    expect((await served.stub.unary({ text: "again" })).text).toBe("again");
    expect(served.server.connections.accepted).toBe(1);
  });

  test("only the next call has it, and other calls continue, however much is dropped", async () => {
    const large = "x".repeat(400_000);
    const handlers: TestHandlers = {
      ...stream,
      async *serverStream() {
        for (const _ of [1, 2, 3, 4]) yield { text: large };
      },
    };
    await using served = await start(handlers);
    for (const _ of [1, 2, 3, 4, 5]) {
      served.faults.nextCall(after(1).reset("INTERNAL_ERROR"));
      const { seen, error } = await read(served.stub);
      expect([seen.length, error?.status]).toEqual([1, Status.INTERNAL]);
    }
    expect((await read(served.stub)).seen).toHaveLength(4);
    expect(served.server.connections.accepted).toBe(1);
  });
});

test("after(n).stall(): the client gets nothing more until its deadline, and other calls continue", async () => {
  await using served = await start(stream, after(2).stall());
  const { seen, error } = await read(served.stub, { timeout: 100 });
  expect([seen, error?.status]).toEqual([["a", "b"], Status.DEADLINE_EXCEEDED]);
  expect((await read(served.stub)).seen).toEqual(texts);
});

test("after(n).stall(): what does not arrive takes nothing from the flow control of other calls", async () => {
  const large = "x".repeat(400_000);
  const handlers: TestHandlers = {
    ...stream,
    async *serverStream() {
      for (const _ of [1, 2, 3, 4]) yield { text: large };
    },
  };
  await using served = await start(handlers, after(1).stall());
  const { seen, error } = await read(served.stub, { timeout: 300 });
  expect([seen.length, error?.status]).toEqual([1, Status.DEADLINE_EXCEEDED]);
  expect((await served.stub.unary({ text: large }, { timeout: 5_000 })).text).toBe(large);
});

test("after(n).goAway(): the call finishes, and the next one uses another connection", async () => {
  await using served = await start(stream, after(1).goAway());
  expect(await read(served.stub)).toEqual({ seen: texts, error: undefined });
  expect((await read(served.stub)).seen).toEqual(texts);
  expect(served.server.connections.accepted).toBe(2);
});

test("after(0).goAway(): the call is not processed, so it is repeated on another connection", async () => {
  await using served = await start(stream, after(0).goAway());
  expect((await read(served.stub)).seen).toEqual(texts);
  expect(served.server.connections.accepted).toBe(2);
});

/** A handler that notes its calls, and takes as long as each says. */
function slow() {
  const ran: string[] = [];
  const handlers = handleAll(async (_, [request]) => {
    ran.push(request?.text ?? "");
    await new Promise((resolve) => setTimeout(resolve, request?.number));
    return {};
  });
  return { ran, handlers };
}

test.for(kinds)("after(n).goAway(): calls of %s in flight finish, and none is processed twice", async (kind) => {
  const { ran, handlers } = slow();
  await using served = await start(handlers, after(1).goAway());
  const requests = [
    { text: "a", number: 20 },
    { text: "b", number: 60 },
  ];
  await Promise.all(requests.map((request) => call(served.stub, kind, {}, request)));
  expect(ran).toEqual(["a", "b"]);
  expect(served.server.connections.accepted).toBe(1);
});

test.for(kinds)(
  "after(0).goAway(): calls of %s at the same time are processed once, on another connection",
  async (kind) => {
    const { ran, handlers } = slow();
    await using served = await start(handlers, after(0).goAway());
    const requests = ["a", "b", "c"].map((text) => ({ text, number: 20 }));
    await Promise.all(requests.map((request) => call(served.stub, kind, {}, request)));
    expect(ran.toSorted()).toEqual(["a", "b", "c"]);
    expect(served.server.connections.accepted).toBe(2);
  },
);

test("goAway(): a call that starts before the client knows it is processed once, on another connection", async () => {
  const { ran, handlers } = slow();
  await using served = await start(handlers);
  served.faults.goAway();
  await served.stub.unary({ text: "a" });
  expect(ran).toEqual(["a"]);
  expect(served.server.connections.accepted).toBe(2);
});

test("after(0).reset(): also with metadata that does not fit in one frame", async () => {
  await using served = await start(stream, after(0).reset("CANCEL"));
  const metadata = { large: "x".repeat(20_000) };
  expect(await rejection(served.stub.unary({}, { metadata }))).toMatchObject({ status: Status.CANCELLED });
  expect((await served.stub.unary({ text: "next" })).text).toBe("next");
  expect(served.server.connections.accepted).toBe(1);
});

test("after(n).disconnect(): the call fails with UNAVAILABLE, and the next one connects again", async () => {
  await using served = await start(stream, after(1).disconnect());
  const { error } = await read(served.stub);
  expect(error?.status).toBe(Status.UNAVAILABLE);
  expect((await read(served.stub)).seen).toEqual(texts);
});

test("delay(): the whole answer is late, in its order, and follows fake timers", async () => {
  vi.useFakeTimers();
  await using served = await start(stream, delay(500));
  let done = false;
  const reading = read(served.stub).finally(() => {
    done = true;
  });
  await vi.advanceTimersByTimeAsync(499);
  expect(done).toBe(false);
  // The server may not have answered when the clock was advanced, because that takes real turns of the event loop.
  while (!done) await vi.advanceTimersByTimeAsync(100);
  expect((await reading).seen).toEqual(texts);
});

test("dropTrailers(): the status is missing", async () => {
  await using served = await start(stream, dropTrailers());
  const { seen, error } = await read(served.stub);
  expect([seen, error?.status, error?.message]).toEqual([texts, Status.UNKNOWN, "Missing grpc-status"]);
  expect((await read(served.stub)).error).toBeUndefined();
});

const failing: TestHandlers = {
  unary() {
    throw new GRPCError(Status.INVALID_ARGUMENT, "bad", [detail(BadRequestSchema, { fieldViolations: [{}] })]);
  },
};

test("dropTrailers(): also of a response that has nothing else", async () => {
  await using served = await start(failing, dropTrailers());
  expect(await rejection(served.stub.unary({}))).toMatchObject({ status: Status.UNKNOWN });
});

test("malformedDetails(): the status and the message arrive, and the details cannot be decoded", async () => {
  await using served = await start(failing, malformedDetails());
  expect(await rejection(served.stub.unary({}))).toMatchObject({
    status: Status.INVALID_ARGUMENT,
    message: "bad",
    details: [],
    corruptDetails: expect.anything(),
  });
  expect(await rejection(served.stub.unary({}))).toMatchObject({ details: [{ fieldViolations: [{}] }] });
});

describe("a Faults", () => {
  test("everyCall() is for all calls without a fault of their own, until it is taken back", async () => {
    await using served = await start(stream);
    served.faults.everyCall(after(0).reset("INTERNAL_ERROR"));
    served.faults.nextCall(delay(1));
    const status = async () => (await served.stub.unary.safe({})).error?.status;
    expect([await status(), await status(), await status()]).toEqual([undefined, Status.INTERNAL, Status.INTERNAL]);
    served.faults.everyCall();
    expect(await status()).toBe(undefined);
  });

  test("goAway(): calls in flight finish, and the next one uses another connection", async () => {
    const [running, finish] = [moment(), moment()];
    await using served = await start({
      ...stream,
      async clientStream() {
        running.happens();
        await finish.promise;
        return { text: "finished" };
      },
    });
    const response = served.stub.clientStream([]);
    await running.promise;
    served.faults.goAway();
    await vi.waitFor(() => expect(served.channel.state).toBe("IDLE"));
    await served.stub.unary({});
    finish.happens();
    expect((await response).text).toBe("finished");
    expect(served.server.connections.accepted).toBe(2);
  });

  test("disconnect(): calls fail with UNAVAILABLE", async () => {
    const running = moment();
    await using served = await start({
      ...stream,
      clientStream: () => {
        running.happens();
        return new Promise(() => {});
      },
    });
    const outcome = served.stub.clientStream.safe([]);
    await running.promise;
    served.faults.disconnect();
    expect((await outcome).error?.status).toBe(Status.UNAVAILABLE);
    expect((await served.stub.unary({ text: "again" })).text).toBe("again");
  });

  test("stall(): nothing passes any more, and closing does not wait", async () => {
    await using served = await start(stream);
    served.faults.stall();
    expect((await served.stub.unary.safe({}, { timeout: 50 })).error?.status).toBe(Status.DEADLINE_EXCEEDED);
  });
});

test("mistakes are refused", async () => {
  expect(() => after(-1)).toThrow("after() takes a number of messages, 0 or more, got -1");
  expect(() => after(1).reset("NONE" as never)).toThrow('reset() takes the name of an error code, such as "CANCEL"');
  expect(() => after(1).reset("8" as never)).toThrow("reset() takes the name");
  expect(() => delay(-1)).toThrow("delay()");
  expect(() => new Faults().nextCall("reset" as never)).toThrow("A fault is made by after(), delay()");
  expect(() => new Faults().everyCall({} as never)).toThrow("A fault is made by after(), delay()");
  await expect(serve([], { faults: {} as never })).rejects.toThrow("faults takes an instance of Faults");
});
