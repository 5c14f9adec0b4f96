import { describe, expect, test, vi } from "vitest";
import { type ItemSink, Iteration } from "../../src/flow/iteration.js";

/** A sink that collects what it receives. `take` may return a promise, as that of a sink does. */
function startSink(take: () => Promise<void> | undefined = () => undefined) {
  const received: unknown[] = [];
  const sink = {
    active: true as boolean,
    take(item: unknown) {
      received.push(item);
      return take();
    },
    done: (last: unknown) => void received.push({ last }),
    failed: (error: unknown) => void received.push({ error }),
  } satisfies ItemSink;
  return { sink, received };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("an iteration", () => {
  test("passes the items to the sink, then what the iterator returned", async () => {
    const { sink, received } = startSink();
    const iterator = (function* () {
      yield 1;
      yield 2;
      return 3;
    })();
    await new Iteration(iterator).run(sink);
    expect(received).toEqual([1, 2, { last: 3 }]);
  });

  test("takes the next item when the sink is ready for it", async () => {
    let ready = () => {};
    const { sink, received } = startSink(
      () =>
        new Promise((resolve) => {
          ready = resolve;
        }),
    );
    void new Iteration([1, 2].values()).run(sink);
    await settle();
    expect(received).toEqual([1]);
    ready();
    await settle();
    expect(received).toEqual([1, 2]);
  });

  test("ends when the sink becomes inactive, and passes it the item that arrives then", async () => {
    const { sink, received } = startSink();
    await new Iteration({
      async next() {
        sink.active = received.length < 1;
        return { done: false, value: received.length };
      },
    }).run(sink);
    expect(received).toEqual([0, { last: 1 }]);
  });

  test("does not start if the sink is inactive", async () => {
    const { sink, received } = startSink();
    sink.active = false;
    const next = vi.fn();
    await new Iteration({ next }).run(sink);
    expect(received).toEqual([{ last: undefined }]);
    expect(next).not.toHaveBeenCalled();
  });

  test("says what a wrong result of next() is", async () => {
    const { sink, received } = startSink();
    await new Iteration({ next: () => 5 as never }).run(sink);
    const error = new TypeError("next() of an iterator returned 5. It must return { done, value }.");
    expect(received).toEqual([{ error }]);
  });
});

describe("leave()", () => {
  /** An iterator whose `next()` returns a result of `results`, and whose `return()` can be observed. */
  function iterating(...results: (() => unknown)[]) {
    const iterator = {
      next: () => results.shift()?.() as IteratorResult<unknown>,
      return: vi.fn(() => ({ done: true as const, value: undefined })),
    };
    return { iterator, iteration: new Iteration(iterator) };
  }

  const waiting = () => new Promise(() => {});

  test("calls return() of an iterator that waits for its next item, once", async () => {
    const { iterator, iteration } = iterating(() => ({ done: false, value: 1 }), waiting);
    const { sink, received } = startSink();
    void iteration.run(sink);
    await settle();
    expect(received).toEqual([1]);
    await iteration.leave();
    await iteration.leave();
    expect(iterator.return).toHaveBeenCalledTimes(1);
  });

  test.for<[end: string, next: () => unknown]>([
    ["has ended", () => ({ done: true })],
    ["has failed", () => Promise.reject(new Error("broken"))],
  ])("does not call return() of an iterator that %s", async ([, next]) => {
    const { iterator, iteration } = iterating(next);
    await iteration.run(startSink().sink);
    await iteration.leave();
    expect(iterator.return).not.toHaveBeenCalled();
  });

  test("accepts an iterator without return()", async () => {
    const iteration = new Iteration({ next: waiting as never });
    void iteration.run(startSink().sink);
    await expect(iteration.leave()).resolves.toBeUndefined();
  });

  test("rejects if return() fails", async () => {
    const { iterator, iteration } = iterating(waiting);
    iterator.return.mockImplementation(() => {
      throw new Error("broken");
    });
    void iteration.run(startSink().sink);
    await expect(iteration.leave()).rejects.toThrow(new Error("broken"));
    // The failure is not repeated.
    await expect(iteration.leave()).resolves.toBeUndefined();
  });

  test("can be called by a generator, which ends at its next yield", async () => {
    let leaving: Promise<void> | undefined;
    let ended = false;
    function* leave() {
      try {
        leaving = iteration.leave();
        yield 1;
        yield 2;
      } finally {
        ended = true;
      }
    }
    const iteration: Iteration = new Iteration(leave());
    const { sink } = startSink();
    const running = iteration.run(sink);
    sink.active = false;
    await running;
    await expect(leaving).resolves.toBeUndefined();
    expect(ended).toBe(true);
  });
});
