import { create } from "@bufbuild/protobuf";
import { describe, expect, test, vi } from "vitest";
import { type CallOptions, GRPCError, Metadata, Status, StreamTerminatedError } from "../../src/index.js";
import type { CallEnd, CallRequest, OutgoingCall, ResponseListener } from "../../src/transport.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestResponseSchema } from "../gen/test/v1/test_pb.js";
import { rejection } from "../harness.js";

// What a transport gets from the calls of a stub, and what callers make of its answers.

const ok: CallEnd = { status: Status.OK, origin: "peer" };
const refused: CallEnd = { status: Status.ABORTED, message: "refused", origin: "peer" };
const headers = new Metadata({ key: "value" });
const response = create(TestResponseSchema, { text: "a" });

/** A transport that records its calls, and answers when the test says so. */
function startTransport() {
  const call = { peer: "a test", send: vi.fn(() => true), end: vi.fn(), cancel: vi.fn(), pull: vi.fn() };
  const started: { request: CallRequest; listener: ResponseListener }[] = [];
  const transport = {
    start(request: CallRequest, listener: ResponseListener): OutgoingCall {
      started.push({ request, listener });
      return call;
    },
  };
  const last = () => {
    const latest = started.at(-1);
    if (latest === undefined) throw new Error("No call has started");
    return latest;
  };
  const answer = {
    headers: () => last().listener.onHeaders(headers),
    message: () => last().listener.onMessage(response),
    messagesEnd: (failure?: CallEnd) => last().listener.onMessagesEnd(failure),
    end: (end: CallEnd) => last().listener.onEnd(end),
  };
  return { stub: new TestServiceStub(transport), call, answer, request: () => last().request };
}

describe("the timeout that a transport sends", () => {
  const soon = () => new Date(Date.now() + 10_000);

  test.for<[title: string, options: () => CallOptions, low: number, high: number]>([
    ["of a timeout is exact", () => ({ timeout: 10_000 }), 10_000, 10_000],
    ["of a deadline is the time until then", () => ({ deadline: soon() }), 5_000, 10_001],
  ])("%s", ([, options, low, high]) => {
    const { stub, answer, request } = startTransport();
    stub.unary({}, options()).catch(() => {});
    expect(request().timeout).toBeGreaterThanOrEqual(low);
    expect(request().timeout).toBeLessThanOrEqual(high);
    answer.end(refused);
  });

  test("is undefined without a limit", () => {
    const { stub, request } = startTransport();
    void stub.unary({});
    expect(request().timeout).toBeUndefined();
  });
});

describe("pulls", () => {
  test("of a single response come at the start, and after the response", async () => {
    const { stub, call, answer } = startTransport();
    const result = stub.unary({});
    expect(call.pull).toHaveBeenCalledTimes(1);
    answer.message();
    expect(call.pull).toHaveBeenCalledTimes(2);
    answer.messagesEnd();
    answer.end(ok);
    expect(await result).toEqual(response);
    expect(call.pull).toHaveBeenCalledTimes(2);
  });

  test("of a single response come no earlier when it is read", async () => {
    const { stub, call, answer } = startTransport();
    const stream = stub.unary.open();
    await stream.sendMessage({});
    const reading = stream.recvMessage();
    expect(call.pull).toHaveBeenCalledTimes(1);
    answer.message();
    answer.messagesEnd();
    answer.end(ok);
    expect(await reading).toEqual(response);
    expect(call.pull).toHaveBeenCalledTimes(2);
  });

  test("of a stream come when its responses are read", async () => {
    const { stub, call, answer } = startTransport();
    const stream = stub.serverStream.open();
    await stream.sendMessage({});
    expect(call.pull).not.toHaveBeenCalled();
    const first = stream.recvMessage();
    expect(call.pull).toHaveBeenCalledTimes(1);
    answer.message();
    expect(await first).toEqual(response);
    expect(call.pull).toHaveBeenCalledTimes(1);
    await stream.cancel();
  });
});

describe("the response headers of an open call", () => {
  async function open() {
    const started = startTransport();
    const stream = started.stub.bidi.open();
    await stream.sendRequest();
    return { ...started, stream };
  }

  test("can be received when they have arrived, while the call goes on", async () => {
    const { stream, answer } = await open();
    answer.headers();
    expect(await stream.recvInitialMetadata()).toBe(headers);
    await stream.cancel();
  });

  test("can be received when the call has failed after them", async () => {
    const { stream, answer } = await open();
    answer.headers();
    answer.end(refused);
    expect(await stream.recvInitialMetadata()).toBe(headers);
  });

  test("are an error when the call has failed without them", async () => {
    const { stream, answer } = await open();
    answer.end(refused);
    expect(await rejection(stream.recvInitialMetadata())).toMatchObject({ status: Status.ABORTED });
  });

  test("are an error when the call fails without them", async () => {
    const { stream, answer } = await open();
    const receiving = rejection(stream.recvInitialMetadata());
    answer.end(refused);
    expect(await receiving).toMatchObject({ status: Status.ABORTED });
  });

  test("are empty when the call has succeeded without them", async () => {
    const { stream, answer } = await open();
    answer.end(ok);
    expect((await stream.recvInitialMetadata()).size).toBe(0);
  });
});

describe("the trailing metadata of an open call", () => {
  test.for<[title: string, end: CallEnd, metadata: Metadata | undefined]>([
    ["that the server ended are its metadata", { ...ok, metadata: headers }, headers],
    ["that the server ended without metadata are empty", ok, new Metadata()],
    ["that failed on this side are not known", { ...refused, origin: "client" }, undefined],
  ])("%s", async ([, end, metadata]) => {
    const { stub, answer } = startTransport();
    const stream = stub.bidi.open();
    expect(stream.trailingMetadata).toBeUndefined();
    await stream.sendRequest();
    expect(stream.trailingMetadata).toBeUndefined();
    answer.end(end);
    expect(stream.trailingMetadata).toEqual(metadata);
    expect(stream.trailingMetadata === undefined).toBe(metadata === undefined);
  });

  test("that failed with an error of the caller are not known", async () => {
    const { stub, answer } = startTransport();
    const onHeaders = () => {
      throw new Error("broken");
    };
    const stream = stub.bidi.open({ onHeaders });
    await stream.sendRequest();
    const reading = rejection(stream.recvMessage());
    answer.headers();
    answer.messagesEnd();
    expect(await reading).toEqual(new Error("broken"));
    expect(stream.trailingMetadata).toBeUndefined();
  });
});

describe("the single response of an open call", () => {
  async function open() {
    const started = startTransport();
    const stream = started.stub.unary.open();
    await stream.sendMessage({});
    return { ...started, stream };
  }

  test("is known when the outcome is", async () => {
    const { stream, answer } = await open();
    const received = vi.fn();
    const reading = stream.recvMessage().then(received);
    answer.message();
    answer.messagesEnd();
    await new Promise(setImmediate);
    expect(received).not.toHaveBeenCalled();
    answer.end(ok);
    await reading;
    expect(received).toHaveBeenCalledExactlyOnceWith(response);
    expect(await stream.recvMessage()).toBeUndefined();
  });

  test("is not delivered if the call fails after it", async () => {
    const { stream, answer } = await open();
    answer.message();
    answer.messagesEnd();
    answer.end(refused);
    expect(await rejection(stream.recvMessage())).toMatchObject({ status: Status.ABORTED });
  });

  test("has been skipped after the trailers", async () => {
    const { stream, answer } = await open();
    answer.message();
    answer.messagesEnd();
    answer.end({ ...ok, metadata: headers });
    await stream.end();
    await stream.recvInitialMetadata();
    expect(await stream.recvTrailingMetadata()).toBe(headers);
    expect(await stream.recvMessage()).toBeUndefined();
  });

  test("follows a single request, which has ended the requests", async () => {
    const { stream, call } = await open();
    await stream.end();
    expect(call.send).toHaveBeenCalledTimes(1);
    expect(call.end).not.toHaveBeenCalled();
    await stream.cancel();
  });
});

describe("an iteration over responses", () => {
  async function iterate(kind: "a stream" | "an open call") {
    const { stub, call } = startTransport();
    if (kind === "a stream") {
      const responses = stub.serverStream({});
      responses.next().catch(() => {});
      return { responses, call };
    }
    const stream = stub.bidi.open();
    await stream.sendRequest();
    return { responses: stream[Symbol.asyncIterator](), call };
  }

  test.for(["a stream", "an open call"] as const)("that is left cancels %s", async (kind) => {
    const { responses, call } = await iterate(kind);
    expect(await responses.return?.()).toEqual({ done: true, value: undefined });
    expect(call.cancel).toHaveBeenCalledTimes(1);
  });

  test.for(["a stream", "an open call"] as const)("that an error is thrown into cancels %s", async (kind) => {
    const { responses, call } = await iterate(kind);
    const error = new Error("of the caller");
    expect(await rejection(responses.throw?.(error) ?? Promise.resolve())).toBe(error);
    expect(call.cancel).toHaveBeenCalledTimes(1);
  });

  test("is over if its call could not be started", async () => {
    const { stub } = startTransport();
    const responses = stub.serverStream({}, { timeout: Number.NaN });
    expect(await rejection(responses.next())).toBeInstanceOf(TypeError);
    expect(await responses.next()).toEqual({ done: true, value: undefined });
  });
});

test("a body of open() that fails before its call starts rejects with its own error", async () => {
  const { stub } = startTransport();
  const error = new StreamTerminatedError("of another call");
  const failing = async () => {
    throw error;
  };
  expect(await rejection(stub.bidi.open(failing))).toBe(error);
});

test("a request that must not be sent fails the call with the status of the error", async () => {
  const { stub, call, answer } = startTransport();
  const cause = new GRPCError(Status.RESOURCE_EXHAUSTED, "too large");
  call.send.mockImplementation(() => {
    throw cause;
  });
  const reading = stub.serverStream({}).next();
  answer.messagesEnd();
  expect(await rejection(reading)).toMatchObject({
    status: Status.RESOURCE_EXHAUSTED,
    message: "too large",
    cause,
  });
  expect(call.cancel).toHaveBeenCalledTimes(1);
});

describe("a call that is over", () => {
  test("is neither ended nor cancelled", async () => {
    const { stub, call, answer } = startTransport();
    const stream = stub.bidi.open();
    await stream.sendRequest();
    answer.end(ok);
    await stream.end();
    await stream.cancel();
    expect(call.end).not.toHaveBeenCalled();
    expect(call.cancel).not.toHaveBeenCalled();
  });
});

describe("an end that arrives after the deadline, before a timer has fired", () => {
  const cause = new StreamTerminatedError("Reset", { code: 8 });
  const reset: CallEnd = { status: Status.CANCELLED, message: "reset", origin: "client", cause };
  const late = { status: Status.DEADLINE_EXCEEDED, message: "Deadline exceeded while waiting for the response" };

  test.for<[title: string, options: CallOptions, end: CallEnd, expected: object]>([
    ["a reset", { timeout: 5 }, reset, late],
    ["a reset of a call that has time left", { timeout: 10_000 }, reset, reset],
    ["a reset of a call without a deadline", {}, reset, reset],
    ["a reset with another status", { timeout: 5 }, { ...reset, status: Status.UNAVAILABLE }, { status: 14 }],
    ["CANCELLED, sent by the server", { timeout: 5 }, { ...reset, origin: "peer", cause: undefined }, { status: 1 }],
  ])("%s", async ([, options, end, expected]) => {
    const { stub, answer } = startTransport();
    const result = rejection(stub.unary({}, options));
    const start = performance.now();
    while (performance.now() - start < 10);
    answer.messagesEnd();
    answer.end(end);
    expect(await result).toMatchObject(expected);
  });
});

test("a deadline that passes says what the call was waiting for, as far as the transport tells", async () => {
  const { stub, call, answer } = startTransport();
  const waiting = rejection(stub.unary({}, { timeout: 5 }));
  expect(await waiting).toMatchObject({ message: "Deadline exceeded while waiting for the response" });
  const connecting = stub.serverStream({}, { timeout: 5 });
  Object.assign(call, { whyPending: () => ({ activity: "connecting" }) });
  const reading = rejection(connecting.next());
  await vi.waitFor(() => expect(call.cancel).toHaveBeenCalledTimes(2));
  answer.messagesEnd();
  expect(await reading).toMatchObject({ message: "Deadline exceeded while connecting" });
});

describe("a response that cannot be read", () => {
  const failure: CallEnd = { status: Status.INTERNAL, message: "Cannot decode it", origin: "client" };

  test("fails a call that has ended with OK, and the metadata of its trailers remain", async () => {
    const { stub, answer } = startTransport();
    const stream = stub.serverStream.open();
    await stream.sendMessage({});
    answer.end({ ...ok, metadata: headers });
    const reading = rejection(stream.recvMessage());
    answer.messagesEnd(failure);
    expect(await reading).toMatchObject({ status: Status.INTERNAL, message: "Cannot decode it", metadata: headers });
  });

  test.for(["before", "after"])("does not change how a call fails %s it", async (when) => {
    const { stub, answer } = startTransport();
    const stream = stub.serverStream.open();
    await stream.sendMessage({});
    const reading = rejection(stream.recvMessage());
    if (when === "before") answer.end(refused);
    answer.messagesEnd(failure);
    if (when === "after") answer.end(refused);
    expect(await reading).toMatchObject({ status: Status.ABORTED, message: "refused" });
  });
});

describe("a transport that reports everything at once", () => {
  test.for(["onHeaders", "onTrailers"])("an error that %s throws is the outcome", async (name) => {
    const { stub, answer } = startTransport();
    const mine = new Error("mine");
    const result = rejection(
      stub.unary(
        {},
        {
          [name]: () => {
            throw mine;
          },
        },
      ),
    );
    answer.headers();
    answer.message();
    answer.messagesEnd();
    answer.end(ok);
    expect(await result).toBe(mine);
  });

  describe("a response that cannot be read", () => {
    async function readAll(onTrailers: () => void, before?: Promise<unknown>) {
      const { stub, call, answer } = startTransport();
      const corrupt: CallEnd = { status: Status.INTERNAL, message: "corrupt", origin: "client" };
      const responses = stub.serverStream({}, { onTrailers });
      const first = responses.next();
      answer.message();
      expect(await first).toEqual({ done: false, value: response });
      call.pull.mockImplementationOnce(() => answer.messagesEnd(corrupt));
      answer.end(ok);
      await before;
      return rejection(responses.next());
    }

    const mine = new Error("mine");
    const fail = () => {
      throw mine;
    };

    test("fails a call whose onTrailers has not run yet", async () => {
      expect(await readAll(() => {})).toMatchObject({ status: Status.INTERNAL, message: "corrupt" });
    });

    test("does not hide that onTrailers has thrown an error, or is about to", async () => {
      expect(await readAll(fail)).toBe(mine);
      expect(await readAll(fail, new Promise(setImmediate))).toBe(mine);
    });
  });
});

test("onTrailers is not called when a call ends without trailers", async () => {
  const { stub, answer } = startTransport();
  const onTrailers = vi.fn();
  const result = rejection(stub.unary({}, { onTrailers }));
  answer.messagesEnd();
  answer.end({ ...refused, origin: "client" });
  expect(await result).toMatchObject({ status: Status.ABORTED });
  expect(onTrailers).not.toHaveBeenCalled();
});

test("the deadline of a parent that has passed is that of its calls", async () => {
  const { stub } = startTransport();
  const controller = new AbortController();
  const result = rejection(stub.unary({}, { parent: { deadline: undefined, signal: controller.signal } }));
  const cause = new GRPCError(Status.DEADLINE_EXCEEDED);
  controller.abort(cause);
  expect(await result).toMatchObject({
    status: Status.DEADLINE_EXCEEDED,
    message: "Deadline exceeded in the parent call",
    cause,
  });
});

test("the methods of a stub are properties like any other, which tests can replace", async () => {
  const { stub } = startTransport();
  expect(Object.keys(stub)).toContain("unary");
  const spy = vi.spyOn(stub, "unary").mockResolvedValue(response);
  expect(await stub.unary({})).toBe(response);
  spy.mockRestore();
  Object.assign(stub, { unary: () => "a fake" });
  expect(stub.unary({})).toBe("a fake");
  expect(Reflect.deleteProperty(stub, "unary")).toBe(true);
});
