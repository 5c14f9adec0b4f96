import { AsyncLocalStorage } from "node:async_hooks";
import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { type ClientInterceptor, type ClientResult, GRPCError, Status } from "../../src/index.js";
import { call, kinds } from "../calls/kinds.js";
import { TestResponseSchema } from "../gen/test/v1/test_pb.js";
import { collect, moment, rejection } from "../harness.js";
import { withClient } from "./pairs.js";

// Interceptors that answer without calling next(). The server has no handlers, so a call that reaches it fails.

const single = ["unary", "clientStream"] as const;
const streaming = ["serverStream", "bidi"] as const;

const response = (text: string) => create(TestResponseSchema, { text });

const answering = async (answer: () => ClientResult) => (await withClient({}, async () => answer())).stub;

const lists: Record<string, (texts: readonly string[]) => ClientResult> = {
  "a list": (texts) => texts.map(response),
  "a generator": function* (texts) {
    for (const text of texts) yield response(text);
  },
  "an async generator": async function* (texts) {
    for (const text of texts) yield response(text);
  },
};

describe("an answer without next()", () => {
  test.for(single)("%s: is a message", async (kind) => {
    const stub = await answering(() => response("own"));
    expect(await call(stub, kind)).toEqual([response("own")]);
  });

  test.for(single)("%s: passes safe() and open()", async (kind) => {
    const stub = await answering(() => response("own"));
    const safe = kind === "unary" ? stub.unary.safe({}) : stub.clientStream.safe([]);
    expect(await safe).toEqual({ ok: true, value: response("own") });
    const opened = await stub[kind].open(async (stream) => {
      await stream.sendMessage({});
      await stream.end();
      return [await stream.recvMessage(), await stream.recvMessage(), [...(await stream.recvTrailingMetadata())]];
    });
    expect(opened).toEqual([response("own"), undefined, []]);
  });

  const cases = streaming.flatMap((kind) => Object.keys(lists).map((list) => [kind, list] as const));

  test.for(cases)("%s: is %s", async ([kind, list]) => {
    const stub = await answering(() => lists[list]?.(["a", "b"]));
    expect(await call(stub, kind)).toEqual([response("a"), response("b")]);
  });

  test.for(cases)("%s: may be empty: %s", async ([kind, list]) => {
    expect(await call(await answering(() => lists[list]?.([])), kind)).toEqual([]);
  });

  test.for(streaming)("%s: has empty initial metadata", async (kind) => {
    const stub = await answering(() => [response("a")]);
    const first = await stub[kind].open(async (stream) => {
      await stream.sendMessage({});
      return [[...(await stream.recvInitialMetadata())], await stream.recvMessage()];
    });
    expect(first).toEqual([[], response("a")]);
    const later = await stub[kind].open(async (stream) => {
      await stream.sendMessage({});
      return [await stream.recvMessage(), [...(stream.initialMetadata ?? ["none"])]];
    });
    expect(later).toEqual([response("a"), []]);
  });

  test.for(streaming)("%s: passes open()", async (kind) => {
    const stub = await answering(() => [response("a"), response("b")]);
    const opened = await stub[kind].open(async (stream) => {
      await stream.sendMessage({});
      await stream.end();
      const first = await stream.recvMessage();
      return [first, ...(await collect(stream)), [...(await stream.recvTrailingMetadata())]];
    });
    expect(opened).toEqual([response("a"), response("b"), []]);
  });
});

describe("streamed answers of an interceptor", () => {
  /** Yields numbered responses without end, and says when its `finally` has run. */
  function endless(wait?: () => Promise<void>) {
    const { promise: left, happens } = moment<number>();
    const generate = async function* () {
      let number = 0;
      try {
        for (; ; number++) {
          yield create(TestResponseSchema, { number });
          await wait?.();
        }
      } finally {
        happens(number);
      }
    };
    return { generate, left };
  }

  test.for(streaming)("%s: leaving the responses ends the generator, which has not run ahead", async (kind) => {
    const { generate, left } = endless();
    const stub = await answering(generate);
    for await (const { number } of kind === "bidi" ? stub.bidi([]) : stub.serverStream({})) if (number === 3) break;
    expect(await left).toBe(3);
  });

  test.for(streaming)("%s: leaving open() ends the generator", async (kind) => {
    const { generate, left } = endless();
    const stub = await answering(generate);
    await stub[kind].open(async (stream) => {
      await stream.sendMessage({});
      await stream.recvMessage();
    });
    expect(await left).toBe(0);
  });

  test.for(streaming)("%s: the deadline ends the call, whatever the generator waits for", async (kind) => {
    const { generate } = endless(() => new Promise(() => {}));
    const error = await rejection(call(await answering(generate), kind, { timeout: 50 }));
    expect(error).toMatchObject({ status: Status.DEADLINE_EXCEEDED, origin: "client" });
  });

  test.for(streaming)("%s: a signal ends the call and the generator", async (kind) => {
    const { generate, left } = endless(() => new Promise((resolve) => setTimeout(resolve, 10)));
    const controller = new AbortController();
    setTimeout(() => controller.abort("enough"), 50);
    const error = await rejection(call(await answering(generate), kind, { signal: controller.signal }));
    expect(error).toMatchObject({ status: Status.CANCELLED, cause: "enough" });
    await left;
  });

  test.for(streaming)("%s: an error of the generator reaches the caller after the responses", async (kind) => {
    const mistake = new Error("no more");
    const stub = await answering(async function* () {
      yield response("a");
      throw mistake;
    });
    const responses = kind === "bidi" ? stub.bidi([]) : stub.serverStream({});
    expect((await responses.next()).value).toEqual(response("a"));
    expect(await rejection(responses.next())).toBe(mistake);
  });

  test.for(streaming)("%s: a generator runs in the async context of the caller", async (kind) => {
    const storage = new AsyncLocalStorage<string>();
    const stub = await answering(async function* () {
      yield response(`${storage.getStore()}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      yield response(`${storage.getStore()}`);
    });
    expect(await storage.run("me", () => call(stub, kind))).toEqual([response("me"), response("me")]);
  });

  test.for(streaming)("%s: the outcome is that of the responses", async (kind) => {
    const outcomes: unknown[] = [];
    const answers: (() => ClientResult)[] = [
      () => [response("a")],
      async function* () {
        yield response("a");
        throw new GRPCError(Status.ABORTED, "no more");
      },
    ];
    const observe: ClientInterceptor = async (call) => {
      const answer = answers.shift();
      void call.outcome.then(({ status, message, endedBy }) => outcomes.push({ status, message, endedBy }));
      return answer?.();
    };
    const { stub } = await withClient({}, observe);
    await call(stub, kind);
    await rejection(call(stub, kind));
    expect(outcomes).toEqual([
      { status: Status.OK, message: undefined, endedBy: "client" },
      { status: Status.ABORTED, message: "no more", endedBy: "client" },
    ]);
  });

  test.for(streaming)("%s: an iterable without return() can be left", async (kind) => {
    const stub = await answering(() => ({
      [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false as const, value: response("a") }) }),
    }));
    for await (const { text } of kind === "bidi" ? stub.bidi([]) : stub.serverStream({})) {
      expect(text).toBe("a");
      break;
    }
  });
});

test.for(streaming)(
  "%s: an error of onResponse() of the outer interceptor ends the generator of the inner one",
  async (kind) => {
    const { promise: left, happens } = moment();
    const mistake = new Error("not this one");
    const seen: unknown[] = [];
    const { stub } = await withClient(
      {},
      async (call, next) => {
        call.onResponse(() => {
          throw mistake;
        });
        seen.push(await rejection(next()));
        throw mistake;
      },
      async (call) => {
        call.signal.addEventListener("abort", () => seen.push("aborted"));
        return (async function* () {
          try {
            for (;;) yield response("own");
          } finally {
            happens();
          }
        })();
      },
    );
    expect(await rejection(call(stub, kind))).toBe(mistake);
    await left;
    expect(seen).toEqual(["aborted", mistake]);
  },
);

test.for(kinds)("%s: the outer interceptor sees the answer of the inner one as that of a call", async (kind) => {
  const seen: unknown[] = [];
  const isSingle = kind === "unary" || kind === "clientStream";
  const { stub } = await withClient(
    {},
    async (call, next) => {
      call.onResponse((message) => {
        seen.push(message);
      });
      const result = await next();
      seen.push(result, (await call.outcome).status);
      return result;
    },
    async () => (isSingle ? response("own") : [response("own")]),
  );
  expect(await call(stub, kind)).toEqual([response("own")]);
  expect(seen).toEqual([response("own"), isSingle ? response("own") : undefined, Status.OK]);
});
