import { afterEach, describe, expect, test, vi } from "vitest";
import { Status } from "../../src/index.js";
import { serve } from "../../src/testing.js";
import { call, handleAll, kinds, testService } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";

// docs/testing.md says which timers may be faked. tests/monorepo does the same with Jest.

afterEach(() => {
  vi.useRealTimers();
});

const choices: [title: string, fake: () => unknown][] = [
  ["vi.useFakeTimers(), which fakes all but nextTick and queueMicrotask,", () => vi.useFakeTimers()],
  ["the timers of deadlines", () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] })],
  ["queueMicrotask, too,", () => vi.useFakeTimers({ toFake: ["setTimeout", "performance", "queueMicrotask"] })],
];

describe.for(choices)("with %s", ([, fake]) => {
  test("calls of all kinds end", async () => {
    fake();
    await using served = await serve([testService(handleAll(() => ({})))]);
    for (const kind of kinds) expect(await call(new TestServiceStub(served.channel), kind)).toBeDefined();
  });

  test("a hundred calls at a time end, although the server spreads them over turns of the event loop", async () => {
    fake();
    await using served = await serve([testService({ unary: ({ text }) => ({ text }) })]);
    const stub = new TestServiceStub(served.channel);
    const calls = Array.from({ length: 100 }, (_, index) => stub.unary({ text: String(index) }));
    expect((await Promise.all(calls)).map(({ text }) => Number(text))).toEqual([...calls.keys()]);
  });

  test("deadlines follow the fake clock", async () => {
    fake();
    await using served = await serve([testService({ unary: () => new Promise(() => {}) })]);
    const outcome = new TestServiceStub(served.channel).unary.safe({}, { timeout: 60_000 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await outcome).error?.status).toBe(Status.DEADLINE_EXCEEDED);
  });
});
