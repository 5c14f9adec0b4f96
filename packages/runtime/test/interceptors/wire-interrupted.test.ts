// Interceptors that do nothing must not change a byte of what is sent for a call that ends early.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ServerContext } from "../../src/index.js";
import { type Kind, kinds, type TestHandlers } from "../calls/kinds.js";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { moment } from "../harness.js";
import { type Interceptors, none, record, three } from "./wire.js";

// With a clock that stands still, all calls send the same timeout.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** How calls end early, and of which kinds. */
const ends = {
  signal: kinds,
  deadline: kinds,
  "lost connection": kinds,
  break: ["serverStream", "bidi"],
} as const satisfies Record<string, readonly Kind[]>;

type End = keyof typeof ends;

/** Ends a call while its handler waits. The handler has read a request, and sent a response if it can send several. */
async function endEarly(end: End, kind: Kind, interceptors: Interceptors) {
  const [waiting, received, over] = [moment(), moment(), moment()];
  const wait = async ({ signal }: ServerContext) => {
    signal.addEventListener("abort", () => over.happens());
    waiting.happens();
    await over.promise;
    return {};
  };
  const handlers: TestHandlers = {
    unary: ({ text }, context) => (text === "last" ? {} : wait(context)),
    async *serverStream(_request, context) {
      yield { number: 1 };
      yield await wait(context);
    },
    async clientStream(requests, context) {
      await requests[Symbol.asyncIterator]().next();
      return await wait(context);
    },
    async *bidi(requests, context) {
      await requests[Symbol.asyncIterator]().next();
      yield { number: 1 };
      yield await wait(context);
    },
  };
  const controller = new AbortController();
  const options = end === "deadline" ? { timeout: 60_000 } : { signal: controller.signal };

  async function* requests() {
    yield { text: "first" };
    await over.promise;
  }
  async function makeCall(stub: TestServiceStub) {
    if (kind === "unary") return await stub.unary({}, options);
    if (kind === "clientStream") return await stub.clientStream(requests(), options);
    const responses = kind === "bidi" ? stub.bidi(requests(), options) : stub.serverStream({}, options);
    for await (const _ of responses) {
      received.happens();
      await waiting.promise;
      if (end === "break") break;
    }
    return undefined;
  }
  return await record(handlers, interceptors, async (stub, disconnect) => {
    const ended = makeCall(stub).catch(() => {});
    await waiting.promise;
    if (kind === "serverStream" || kind === "bidi") await received.promise;
    if (end === "signal") controller.abort();
    if (end === "deadline") vi.advanceTimersByTime(60_000);
    if (end === "lost connection") disconnect();
    await Promise.all([ended, over.promise]);
    // All that was sent before this call has arrived when it is over.
    if (end !== "lost connection") await stub.unary({ text: "last" });
  });
}

const sides = Object.keys(three) as (keyof typeof three)[];
const rows = (Object.keys(ends) as End[]).flatMap((end) =>
  ends[end].flatMap((kind) => sides.map((side) => [end, kind, side] as const)),
);

describe("three interceptors that do nothing send the same bytes", () => {
  test.for(rows)("until a %s ends a %s call, on the %s", async ([end, kind, side]) => {
    const without = await endEarly(end, kind, none);
    expect(without.requests.get(1)?.at(-1)).toMatch(end === "lost connection" ? /^data|^end$/ : /^reset/);
    expect(await endEarly(end, kind, three[side])).toEqual(without);
  });
});
