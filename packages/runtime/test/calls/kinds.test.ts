import { create, isMessage } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import type { RequestIterable } from "../../src/index.js";
import { type TestRequest, TestRequestSchema, TestResponseSchema } from "../gen/test/v1/test_pb.js";
import { collect, moment, startPair } from "../harness.js";
import { call, handleAll, kinds } from "./kinds.js";

describe("all kinds", () => {
  test.for(kinds)("%s: both sides may send init shapes, and both receive messages", async (kind) => {
    const received: unknown[] = [];
    const { stub } = await startPair(
      handleAll((_context, requests) => {
        received.push(...requests);
        return { text: "answer", number: 7 };
      }),
    );

    const responses = await call(stub, kind, {}, { text: "one", imported: { hidden: { text: "nested" } } });

    expect(received).toEqual([create(TestRequestSchema, { text: "one", imported: { hidden: { text: "nested" } } })]);
    expect(received.every((request) => isMessage(request, TestRequestSchema))).toBe(true);
    expect(responses).toEqual([create(TestResponseSchema, { text: "answer", number: 7 })]);
    expect(responses.every((response) => isMessage(response, TestResponseSchema))).toBe(true);
  });

  test.for(kinds)("%s: messages are accepted wherever init shapes are", async (kind) => {
    const { stub } = await startPair(
      handleAll((_context, [request]) => create(TestResponseSchema, { text: `${request?.text}!` })),
    );
    const request = create(TestRequestSchema, { text: "a message" });

    const responses = await call(stub, kind, {}, request);

    expect(responses).toEqual([create(TestResponseSchema, { text: "a message!" })]);
  });

  test.for(kinds)("%s: an empty message is a message", async (kind) => {
    const { stub } = await startPair(handleAll(() => ({})));
    expect(await call(stub, kind)).toEqual([create(TestResponseSchema)]);
  });

  test.for(kinds)("%s: bytes arrive as a plain Uint8Array", async (kind) => {
    const data = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const { stub } = await startPair(
      handleAll((_context, [request]) => ({ data, text: String(request?.data.constructor === Uint8Array) })),
    );

    const [response] = await call(stub, kind, {}, { data });

    expect(response).toEqual(create(TestResponseSchema, { data, text: "true" }));
    expect(response?.data.constructor).toBe(Uint8Array);
  });
});

describe("requests", () => {
  const sources: Record<string, () => RequestIterable<TestRequest>> = {
    "an array": () => [{ text: "a" }, { text: "b" }, { text: "c" }],
    "a set": () => new Set([{ text: "a" }, { text: "b" }, { text: "c" }]),
    "a generator": function* () {
      yield { text: "a" };
      yield { text: "b" };
      yield create(TestRequestSchema, { text: "c" });
    },
    "an async generator": async function* () {
      yield { text: "a" };
      await new Promise((resolve) => setImmediate(resolve));
      yield { text: "b" };
      yield create(TestRequestSchema, { text: "c" });
    },
  };

  test.for(Object.entries(sources))("client streaming: %s is sent in order", async ([, source]) => {
    const { stub } = await startPair({
      async clientStream(requests) {
        return { text: (await collect(requests)).map(({ text }) => text).join() };
      },
    });
    expect((await stub.clientStream(source())).text).toBe("a,b,c");
  });

  test.for(Object.entries(sources))("bidi: %s is sent in order", async ([, source]) => {
    const { stub } = await startPair({
      async *bidi(requests) {
        for await (const { text } of requests) yield { text };
      },
    });
    expect((await collect(stub.bidi(source()))).map(({ text }) => text)).toEqual(["a", "b", "c"]);
  });

  test("client streaming: a call may have no requests", async () => {
    const { stub } = await startPair({
      async clientStream(requests) {
        return { number: (await collect(requests)).length };
      },
    });
    expect((await stub.clientStream([])).number).toBe(0);
  });

  test("bidi: a call may have no requests and no responses", async () => {
    const { stub } = await startPair({
      async *bidi(requests) {
        for await (const { text } of requests) yield { text };
      },
    });
    expect(await collect(stub.bidi([]))).toEqual([]);
  });
});

describe("responses", () => {
  test("a unary handler may be synchronous", async () => {
    const { stub } = await startPair({ unary: ({ text }) => ({ text }) });
    expect((await stub.unary({ text: "sync" })).text).toBe("sync");
  });

  test("server streaming: responses arrive in order", async () => {
    const { stub } = await startPair({
      async *serverStream({ number }) {
        for (let i = 0; i < number; i++) yield { number: i };
      },
    });
    const numbers = (await collect(stub.serverStream({ number: 100 }))).map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test("server streaming: there may be none", async () => {
    const { stub } = await startPair({ async *serverStream() {} });
    expect(await collect(stub.serverStream({}))).toEqual([]);
  });

  test("server streaming: a handler may return any async iterable", async () => {
    let count = 0;
    const next = async () =>
      count < 2 ? { done: false, value: { number: count++ } } : { done: true, value: undefined };
    const { stub } = await startPair({
      serverStream: () => ({ [Symbol.asyncIterator]: () => ({ next }) as AsyncIterator<{ number: number }> }),
    });
    expect((await collect(stub.serverStream({}))).map(({ number }) => number)).toEqual([0, 1]);
  });

  test("a response arrives when it is yielded, not when the next one is", async () => {
    const received = moment();
    const { stub } = await startPair({
      async *serverStream() {
        yield { text: "first" };
        await received.promise;
        yield { text: "second" };
      },
    });
    const texts: string[] = [];
    for await (const { text } of stub.serverStream({})) {
      texts.push(text);
      received.happens();
    }
    expect(texts).toEqual(["first", "second"]);
  });

  test("bidi: requests and responses alternate", async () => {
    const { stub } = await startPair({
      async *bidi(requests) {
        yield { text: "welcome" };
        for await (const { text } of requests) yield { text: `${text}!` };
        yield { text: "bye" };
      },
    });
    const answers: string[] = [];
    let answered = moment();
    async function* requests() {
      for (const text of ["a", "b", "c"]) {
        await answered.promise;
        answered = moment();
        yield { text };
      }
    }
    for await (const { text } of stub.bidi(requests())) {
      answers.push(text);
      answered.happens();
    }
    expect(answers).toEqual(["welcome", "a!", "b!", "c!", "bye"]);
  });

  test("a streaming call starts when its iteration starts", async () => {
    let calls = 0;
    const { stub } = await startPair({
      async *serverStream() {
        calls += 1;
      },
      unary: () => ({}),
    });

    const responses = stub.serverStream({});
    await stub.unary({});
    expect(calls).toBe(0);

    expect(await collect(responses)).toEqual([]);
    expect(calls).toBe(1);
  });

  test("a response stream that has ended remains ended", async () => {
    const { stub } = await startPair({
      async *serverStream() {
        yield {};
      },
    });
    const responses = stub.serverStream({});
    expect(await collect(responses)).toHaveLength(1);
    expect(await responses.next()).toEqual({ done: true, value: undefined });
    expect(await collect(responses)).toEqual([]);
  });

  test("several next() calls can be pending, and resolve in order", async () => {
    const { stub } = await startPair({
      async *serverStream() {
        yield { number: 1 };
        yield { number: 2 };
      },
    });
    const responses = stub.serverStream({});
    const results = await Promise.all([responses.next(), responses.next(), responses.next()]);
    expect(results.map(({ value }) => value?.number)).toEqual([1, 2, undefined]);
  });
});
