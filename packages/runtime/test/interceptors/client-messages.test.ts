import { AsyncLocalStorage } from "node:async_hooks";
import { create, type Message } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { type ClientInterceptor, GRPCError, type MessageFunction, Status } from "../../src/index.js";
import { call, handleAll, type Kind, kinds } from "../calls/kinds.js";
import { type TestRequest, TestRequestSchema, type TestResponse, TestResponseSchema } from "../gen/test/v1/test_pb.js";
import { collect, moment, rejection } from "../harness.js";
import { withClient } from "./pairs.js";

const echo = handleAll((_context, requests) => ({ text: requests.map(({ text }) => text).join() }));

/** Appends a name to each message. */
const append =
  (name: string): ClientInterceptor =>
  async (call, next) => {
    call.onRequest((message) => create(TestRequestSchema, { text: `${(message as TestRequest).text}${name}` }));
    call.onResponse((message) => create(TestResponseSchema, { text: `${(message as TestResponse).text}${name}` }));
    return next();
  };

describe("onRequest() and onResponse()", () => {
  test.for(kinds)("%s: replace messages, requests from the outside in, responses from the inside out", async (kind) => {
    const { stub } = await withClient(echo, append("1"), append("2"));
    expect(await call(stub, kind, {}, { text: "a" })).toMatchObject([{ text: "a1221" }]);
  });

  test.for(kinds)("%s: see the messages, in the order in which they were registered", async (kind) => {
    const seen: string[] = [];
    const see = (name: string) => (message: Message) => {
      seen.push(`${name} ${message.$typeName}`);
    };
    const { stub } = await withClient(echo, async (call, next) => {
      for (const name of ["first", "second"]) {
        call.onRequest(see(name));
        call.onResponse(see(name));
      }
      return next();
    });
    expect(await call(stub, kind, {}, { text: "a" })).toMatchObject([{ text: "a" }]);
    const types = ["test.v1.TestRequest", "test.v1.TestResponse"];
    expect(seen).toEqual(types.flatMap((type) => [`first ${type}`, `second ${type}`]));
  });

  test.for(["serverStream", "bidi"] as const)("%s: run for each streamed response, when it is read", async (kind) => {
    const seen: number[] = [];
    const { stub } = await withClient(
      {
        async *serverStream() {
          for (let number = 0; number < 5; number++) yield { number };
        },
        async *bidi() {
          for (let number = 0; number < 5; number++) yield { number };
        },
      },
      async (call, next) => {
        call.onResponse((message) => {
          const { number } = message as TestResponse;
          seen.push(number);
          return create(TestResponseSchema, { number: number * 10 });
        });
        return next();
      },
    );
    const responses = kind === "bidi" ? stub.bidi([]) : stub.serverStream({});
    expect((await responses.next()).value?.number).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toEqual([0]);
    expect((await collect(responses)).map(({ number }) => number)).toEqual([10, 20, 30, 40]);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  test("run for the messages of open()", async () => {
    const { stub } = await withClient(
      {
        async *bidi(requests) {
          for await (const { text } of requests) yield { text };
        },
      },
      append("1"),
      append("2"),
    );
    const texts = await stub.bidi.open(async (stream) => {
      await stream.sendMessage({ text: "a" });
      const first = await stream.recvMessage();
      await stream.sendMessage({ text: "b" });
      await stream.end();
      return [first?.text, ...(await collect(stream)).map(({ text }) => text)];
    });
    expect(texts).toEqual(["a1221", "b1221"]);
  });

  test.for(kinds)("%s: onRequest() runs once for each request, whatever the number of attempts", async (kind) => {
    let attempts = 0;
    const { stub } = await withClient(
      handleAll((_context, requests) => {
        if (++attempts === 1) throw new GRPCError(Status.UNAVAILABLE);
        return { text: requests.map(({ text }) => text).join() };
      }),
      async (call, next) => {
        call.keepRequests();
        call.onRequest((message) => create(TestRequestSchema, { text: `${(message as TestRequest).text}+` }));
        await rejection(next());
        return next();
      },
    );
    expect(await call(stub, kind, {}, { text: "a" })).toMatchObject([{ text: "a+" }]);
  });

  type Side = "onRequest" | "onResponse";
  const sides = kinds.flatMap((kind) => (["onRequest", "onResponse"] as const).map((side) => [kind, side] as const));
  const withFunction = (side: Side, callback: MessageFunction, seen: unknown[] = []) =>
    withClient(echo, async (call, next) => {
      call[side](callback);
      try {
        return await next();
      } catch (error) {
        seen.push(error);
        throw error;
      }
    });

  const mistake = new Error("not this one");
  const fail = () => {
    throw mistake;
  };

  test.for(sides)("%s: an error of %s() ends the call", async ([kind, side]) => {
    const { stub } = await withFunction(side, fail);
    expect(await rejection(call(stub, kind))).toBe(mistake);
  });

  // The server may have ended a stream before its response is read. next() has resolved then.
  const rejecting = sides.filter(([kind, side]) => side === "onRequest" || kind === "unary" || kind === "clientStream");

  test.for(rejecting)("%s: an error of %s() rejects next()", async ([kind, side]) => {
    const seen: unknown[] = [];
    const { stub } = await withFunction(side, fail, seen);
    await rejection(call(stub, kind));
    expect(seen).toEqual([mistake]);
  });

  const wrong: Record<string, unknown> = {
    "a promise": Promise.resolve(),
    null: null,
    "a string": "a",
    "a list": [],
    "another message": create(TestRequestSchema, {}),
  };

  const wrongResults = kinds.flatMap((kind: Kind) => Object.keys(wrong).map((name) => [kind, name] as const));

  test.for(wrongResults)("%s: onResponse() must not return %s", async ([kind, name]) => {
    const { stub } = await withFunction("onResponse", () => wrong[name] as never);
    const error = await rejection(call(stub, kind));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(
      /^The function of onResponse\(\) has to return a test\.v1\.TestResponse, or undefined to keep the message\. It/,
    );
  });

  test.for(kinds)("%s: onRequest() may return an object with the fields of the request", async (kind) => {
    const { stub } = await withFunction("onRequest", () => ({ text: "b" }) as never);
    expect(await call(stub, kind, {}, { text: "a" })).toMatchObject([{ text: "b" }]);
  });
});

test("an error of onResponse() ends the responses, also if the server has ended the call", async () => {
  const mistake = new Error("not this one");
  const ended: boolean[] = [];
  const { stub } = await withClient(
    {
      async *serverStream() {
        for (let number = 0; number < 5; number++) yield { number };
      },
    },
    async (call, next) => {
      call.onResponse((message) => {
        if ((message as TestResponse).number === 3) throw mistake;
        return undefined;
      });
      await next();
      ended.push(true);
      return undefined;
    },
  );
  const responses = stub.serverStream({});
  await responses.next();
  while (ended.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect([(await responses.next()).value?.number, (await responses.next()).value?.number]).toEqual([1, 2]);
  expect(await rejection(responses.next())).toBe(mistake);
  expect(await responses.next()).toEqual({ done: true, value: undefined });
});

describe("an error of onResponse() after next() has resolved", () => {
  const mistake = new Error("not this one");
  const reject: ClientInterceptor = async (call, next) => {
    call.onResponse(() => {
      throw mistake;
    });
    return next();
  };
  const pass: ClientInterceptor = async (_call, next) => next();

  /** An interceptor that does not return before it is released. */
  function slow() {
    const { promise, happens } = moment();
    const interceptor: ClientInterceptor = async (_call, next) => {
      const result = await next();
      await promise;
      return result;
    };
    return { interceptor, release: happens };
  }

  const { interceptor, release } = slow();
  const orders: Record<string, readonly ClientInterceptor[]> = {
    "inside of one that is at work": [pass, interceptor, pass, reject, pass],
    "outside of one that is at work": [pass, reject, pass, interceptor, pass],
  };

  test.for(Object.keys(orders))("ends the call, %s", async (order) => {
    const { stub } = await withClient(
      {
        async *serverStream() {
          yield { number: 1 };
        },
      },
      ...(orders[order] as readonly ClientInterceptor[]),
    );
    const stream = stub.serverStream.open();
    await stream.sendMessage({});
    await stream.recvInitialMetadata();
    // The server ends the call, and next() resolves.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const response = rejection(stream.recvMessage());
    await new Promise((resolve) => setTimeout(resolve, 5));
    release();
    expect(await response).toBe(mistake);
  });
});

test.for(kinds)("%s: onResponse() runs in the async context in which next() was called", async (kind) => {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const see =
    (name: string): ClientInterceptor =>
    async (call, next) => {
      call.onResponse(() => {
        seen.push(storage.getStore());
      });
      return storage.run(name, next);
    };
  const { stub } = await withClient(echo, see("outside"), see("inside"));
  await storage.run("caller", () => call(stub, kind));
  const isSingle = kind === "unary" || kind === "clientStream";
  expect(seen).toEqual(isSingle ? ["inside", "outside"] : expect.any(Array));
});
