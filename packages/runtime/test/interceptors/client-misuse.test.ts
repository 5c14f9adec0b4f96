import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { type ClientInterceptor, type ClientResult, intercept, ProtocolError } from "../../src/index.js";
import { call, handleAll, type Kind, kinds } from "../calls/kinds.js";
import { TestRequestSchema, TestResponseSchema } from "../gen/test/v1/test_pb.js";
import { connect, openChannel, rejection, startServer } from "../harness.js";
import { withClient } from "./pairs.js";

const handlers = handleAll(() => ({ text: "from the server" }));
const single = ["unary", "clientStream"] as const;
const streaming = ["serverStream", "bidi"] as const;

/** The message of the ProtocolError that a call ends with, when it goes through this interceptor. */
async function misuse(kind: Kind, interceptor: ClientInterceptor): Promise<string> {
  const { stub } = await withClient(handlers, interceptor);
  const error = await rejection(call(stub, kind));
  expect(error).toBeInstanceOf(ProtocolError);
  return (error as Error).message;
}

describe("a list of interceptors", () => {
  const rule = "An interceptor is a function, as in async (call, next) => next(), got ";

  test.for([
    ["a function", (() => {}) as never, /^interceptors takes a list of functions, got /],
    ["a set", new Set() as never, /^interceptors takes a list of functions, got /],
    ["null", null as never, /^interceptors takes a list of functions, got null$/],
    ["a list with a string", ["retry"] as never, new RegExp(`^${rule.replaceAll(/[()]/g, "\\$&")}retry$`)],
    ["a list with a hole", [undefined] as never, new RegExp(`^${rule.replaceAll(/[()]/g, "\\$&")}undefined$`)],
  ] as const)("must not be %s", ([, interceptors, message]) => {
    const channel = openChannel("http://127.0.0.1:1");
    for (const use of [
      () => intercept(channel, interceptors),
      () => openChannel("http://127.0.0.1:1", { interceptors }),
    ]) {
      expect(use).toThrow(TypeError);
      expect(use).toThrow(message);
    }
  });

  test("may change afterwards, without an effect", async () => {
    const seen: string[] = [];
    const interceptors: ClientInterceptor[] = [
      async (_call, next) => {
        seen.push("first");
        return next();
      },
    ];
    const { address } = await startServer(handlers);
    const stub = connect(address, { interceptors });
    interceptors.length = 0;
    await stub.unary({});
    expect(seen).toEqual(["first"]);
  });
});

describe("what an interceptor returns", () => {
  const wrong: Record<string, ClientResult> = {
    nothing: undefined,
    null: null as never,
    "a string": "a" as never,
    "a list": [create(TestResponseSchema, {})],
    "an iterator": [][Symbol.iterator]() as never,
    "an Error": new Error("returned") as never,
    "a request": create(TestRequestSchema, {}),
    "a function": (() => {}) as never,
  };
  const cases = single.flatMap((kind) => Object.keys(wrong).map((name) => [kind, name] as const));

  test.for(cases)("%s: must not be %s", async ([kind, name]) => {
    for (const before of [async () => {}, (next: () => Promise<unknown>) => next()]) {
      const message = await misuse(kind, async (_call, next) => {
        await before(next);
        return wrong[name];
      });
      expect(message).toMatch(
        /^An interceptor has to return a response for \/test\.v1\.TestService\/\w+: the result of next\(\), or a message\. It returned /,
      );
    }
  });

  test.for(kinds)("%s: must not be an interceptor, from a function that creates it", async (kind) => {
    const authenticate = (): ClientInterceptor => async (_call, next) => next();
    expect(await misuse(kind, authenticate as never)).toMatch(
      /It returned a function\. authenticate seems to create the interceptor\. Pass authenticate\(\)\.$/,
    );
    const [nameless] = [() => async () => {}];
    expect(await misuse(kind, nameless as never)).toMatch(/ It seems to create the interceptor\. Pass its result\.$/);
  });

  const wrongLists: Record<string, ClientResult> = {
    nothing: undefined,
    null: null as never,
    "a message": create(TestResponseSchema, {}),
    "a number": 7 as never,
  };
  const listCases = streaming.flatMap((kind) => Object.keys(wrongLists).map((name) => [kind, name] as const));

  test.for(listCases)("%s: must not be %s, without next()", async ([kind, name]) => {
    expect(await misuse(kind, async () => wrongLists[name])).toMatch(
      /^An interceptor has to call next\(\), or to return the responses as an iterable\. It returned /,
    );
  });

  const wrongItems: Record<string, unknown> = {
    nothing: undefined,
    "a string": "a",
    "a list": [],
    "a request": create(TestRequestSchema, {}),
  };
  const itemCases = streaming.flatMap((kind) => Object.keys(wrongItems).map((name) => [kind, name] as const));

  test.for(itemCases)("%s: must not be a list with %s, and its generator ends", async ([kind, name]) => {
    let left = false;
    const message = await misuse(kind, async () =>
      (async function* () {
        try {
          yield wrongItems[name] as never;
          yield create(TestResponseSchema, {});
        } finally {
          left = true;
        }
      })(),
    );
    expect(message).toMatch(/^An interceptor has to return messages of type test\.v1\.TestResponse, got /);
    expect(left).toBe(true);
  });

  test.for(streaming)("%s: must not be responses after next()", async (kind) => {
    const message = await misuse(kind, async (_call, next) => {
      await next();
      return [];
    });
    expect(message).toMatch(/^An interceptor has called next\(\) and returned responses for /);
  });

  test.for(streaming)("%s: must come after next() has settled", async (kind) => {
    const message = await misuse(kind, async (_call, next) => {
      void next();
      return undefined;
    });
    expect(message).toMatch(/^An interceptor of .* has returned before its next\(\) settled\. Return or await next/);
  });

  test.for(single)("%s: may be a message while next() is pending, which is cancelled", async (kind) => {
    const { stub } = await withClient(handlers, async (_call, next) => {
      void next();
      return create(TestResponseSchema, { text: "own" });
    });
    expect(await call(stub, kind)).toMatchObject([{ text: "own" }]);
  });
});

describe("what comes too late", () => {
  const late = ["onRequest", "onResponse"] as const;
  const cases = kinds.flatMap((kind) => late.map((name) => [kind, name] as const));

  test.for(cases)("%s: %s() after next()", async ([kind, name]) => {
    const message = await misuse(kind, async (call, next) => {
      const result = next();
      try {
        call[name](() => undefined);
      } finally {
        await result;
      }
      return result;
    });
    expect(message).toBe(`next() has been called. Call ${name}() before it.`);
  });

  test.for(kinds)("%s: keepRequests() after next()", async (kind) => {
    const message = await misuse(kind, async (call, next) => {
      await next();
      call.keepRequests();
      return undefined;
    });
    expect(message).toBe("next() has been called. Call keepRequests() before it.");
  });

  test.for(kinds)("%s: next() after the interceptor has returned", async (kind) => {
    const later: (() => Promise<ClientResult>)[] = [];
    const { stub } = await withClient(handlers, async (_call, next) => {
      later.push(next);
      return next();
    });
    await call(stub, kind);
    const error = await rejection((later[0] as () => Promise<ClientResult>)());
    expect(error).toBeInstanceOf(ProtocolError);
    expect((error as Error).message).toMatch(
      /^An interceptor of .* has already returned, so it cannot call next\(\)\. Await next\(\) before returning\.$/,
    );
  });

  test.for(streaming)("%s: next() while the responses of the interceptor are read", async (kind) => {
    const message = await misuse(kind, async (_call, next) =>
      (async function* () {
        await next();
        yield create(TestResponseSchema, {});
      })(),
    );
    expect(message).toMatch(/has already returned, so it cannot call next\(\)/);
  });
});

test.for(["onRequest", "onResponse"] as const)("the function of %s() is not async", async (name) => {
  const { stub } = await withClient(handlers, async (call, next) => {
    // A rejection that nobody handles fails the test.
    call[name]((async () => Promise.reject(new Error("too late"))) as never);
    return next();
  });
  const error = (await rejection(stub.unary({}))) as Error;
  expect(error.message).toMatch(/^The function of \w+\(\) has to return a .* It returned \[object Promise\]\.$/);
  await new Promise(setImmediate);
});

test.for(["onRequest", "onResponse"] as const)("%s() takes a function", async (name) => {
  const { stub } = await withClient(handlers, async (call, next) => {
    call[name]("log" as never);
    return next();
  });
  expect(await rejection(stub.unary({}))).toEqual(new TypeError(`${name}() takes a function, got log`));
});
