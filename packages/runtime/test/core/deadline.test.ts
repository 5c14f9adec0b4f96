import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Deadline } from "../../src/core/deadline.js";

const DAY_MS = 24 * 60 * 60 * 1000;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2030, 0, 1) });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("a deadline", () => {
  test.for([1, 0.5, 1000, 30 * DAY_MS])("after %d ms has that much time left", (ms) => {
    const deadline = Deadline.after(ms);
    expect(deadline.remaining()).toBe(ms);
    expect(deadline.expired).toBe(false);
  });

  test("approaches, and passes", () => {
    const deadline = Deadline.after(100);
    vi.advanceTimersByTime(99);
    expect([deadline.remaining(), deadline.expired]).toEqual([1, false]);
    vi.advanceTimersByTime(1);
    expect([deadline.remaining(), deadline.expired]).toEqual([0, true]);
    vi.advanceTimersByTime(50);
    expect([deadline.remaining(), deadline.expired]).toEqual([-50, true]);
  });

  test.for([0, -1])("after %d ms has passed", (ms) => {
    expect(Deadline.after(ms).expired).toBe(true);
  });

  test("at a date has the time until that date left", () => {
    const deadline = Deadline.at(new Date(Date.now() + 1500));
    expect(deadline.remaining()).toBe(1500);
    expect(deadline.expired).toBe(false);
  });

  test.for<[text: string, milliseconds: unknown]>([
    ["NaN", Number.NaN],
    ["5", "5"],
    ["undefined", undefined],
  ])("after %s is a TypeError", ([text, milliseconds]) => {
    const error = new TypeError(`A timeout or deadline needs a number of milliseconds or a valid date, got ${text}`);
    expect(() => Deadline.after(milliseconds as number)).toThrow(error);
  });

  test("at an invalid date is a TypeError", () => {
    expect(() => Deadline.at(new Date("never"))).toThrow(TypeError);
  });

  test("at a date in the past has passed", () => {
    expect(Deadline.at(new Date(Date.now() - 1)).expired).toBe(true);
  });

  test("converts to a date", () => {
    const deadline = Deadline.after(1500);
    const date = new Date(Date.now() + 1500);
    expect(deadline.toDate()).toEqual(date);
    vi.advanceTimersByTime(1000);
    expect(deadline.toDate()).toEqual(date);
    expect(JSON.stringify({ deadline })).toBe(`{"deadline":"${date.toISOString()}"}`);
  });

  test("can be compared", () => {
    const [early, late] = [Deadline.after(1000), Deadline.after(2000)];
    expect([early < late, early > late, late >= early, late <= early]).toEqual([true, false, true, false]);
    expect([early < Deadline.at(new Date(Date.now() + 1001)), late < Deadline.after(Infinity)]).toEqual([true, true]);
    expect([late, early].sort((a, b) => +a - +b)).toEqual([early, late]);
    const value = +early;
    vi.advanceTimersByTime(500);
    expect(+early).toBe(value);
    expect(early < Deadline.after(500)).toBe(false);
  });

  test("counts from the epoch, so that it can be compared to a date too", () => {
    expect(+Deadline.after(1000)).toBe(performance.timeOrigin + performance.now() + 1000);
  });

  test("is shown as a date", () => {
    const deadline = Deadline.after(1500);
    expect(inspect({ deadline })).toBe("{ deadline: Deadline 2030-01-01T00:00:01.500Z }");
    expect(inspect(Deadline.after(Number.POSITIVE_INFINITY))).toBe("Deadline Infinity");
  });

  test("does not move when the system clock changes", () => {
    const deadline = Deadline.at(new Date(Date.now() + 1500));
    vi.setSystemTime(Date.now() + DAY_MS);
    expect(deadline.remaining()).toBe(1500);
  });
});

describe("the earliest", () => {
  const near = () => Deadline.after(10);
  const far = () => Deadline.after(20);

  test.for<[title: string, deadlines: (Deadline | undefined)[], remaining: number | undefined]>([
    ["no deadlines", [], undefined],
    ["undefined only", [undefined, undefined], undefined],
  ])("of %s is undefined", ([, deadlines]) => {
    expect(Deadline.earliest(...deadlines)).toBeUndefined();
  });

  test.for<[title: string, deadlines: () => (Deadline | undefined)[]]>([
    ["a deadline", () => [near()]],
    ["a nearer and a farther one", () => [near(), far()]],
    ["a farther and a nearer one", () => [far(), near()]],
    ["a nearer one among undefined", () => [undefined, far(), undefined, near(), undefined]],
  ])("of %s is the nearest one", ([, deadlines]) => {
    const given = deadlines();
    const earliest = Deadline.earliest(...given);
    expect(given).toContain(earliest);
    expect(earliest?.remaining()).toBe(10);
  });
});

describe("onExpired()", () => {
  test.for([1, 0.5, 1000, 2 ** 31 - 1, 2 ** 31, 60 * DAY_MS])("calls back once after %d ms, and not before", (ms) => {
    const callback = vi.fn();
    Deadline.after(ms).onExpired(callback);
    vi.advanceTimersByTime(Math.ceil(ms) - 1);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2 * DAY_MS);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test.for([0, -5])("calls back asynchronously after %d ms", (ms) => {
    const callback = vi.fn();
    Deadline.after(ms).onExpired(callback);
    expect(callback).not.toHaveBeenCalled();
    vi.runAllTimers();
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test("calls back when the deadline has passed, even if a timer of the platform fires too early", () => {
    const deadline = Deadline.after(100);
    const remaining: number[] = [];
    deadline.onExpired(() => remaining.push(deadline.remaining()));
    const start = performance.now();
    // Node timers fire up to a millisecond early by the monotonic clock.
    vi.spyOn(performance, "now")
      .mockReturnValueOnce(start + 99.5)
      .mockReturnValue(start + 100.5);
    vi.advanceTimersByTime(101);
    expect(remaining).toEqual([-0.5]);
  });

  test("never requests a longer delay than setTimeout supports", () => {
    const setTimeout = vi.spyOn(globalThis, "setTimeout");
    Deadline.after(60 * DAY_MS).onExpired(() => {});
    vi.advanceTimersByTime(60 * DAY_MS);
    const delays = setTimeout.mock.calls.map(([, delay = 0]) => delay);
    expect(delays.length).toBeGreaterThan(1);
    expect(Math.max(...delays)).toBeLessThan(2 ** 31);
  });

  test("can be cancelled, and leaves no timer", () => {
    const callback = vi.fn();
    const cancel = Deadline.after(100).onExpired(callback);
    expect(vi.getTimerCount()).toBe(1);
    cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(200);
    expect(callback).not.toHaveBeenCalled();
  });

  test("can be cancelled when the first timer of a distant deadline has fired", () => {
    const callback = vi.fn();
    const cancel = Deadline.after(60 * DAY_MS).onExpired(callback);
    vi.advanceTimersByTime(30 * DAY_MS);
    cancel();
    vi.advanceTimersByTime(60 * DAY_MS);
    expect(callback).not.toHaveBeenCalled();
  });

  test("can be cancelled twice, and after it has called back", () => {
    const callback = vi.fn();
    const cancel = Deadline.after(1).onExpired(callback);
    vi.advanceTimersByTime(1);
    cancel();
    cancel();
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test("calls every callback that is not cancelled", () => {
    const deadline = Deadline.after(10);
    const callbacks = [vi.fn(), vi.fn(), vi.fn()] as const;
    const [, cancelSecond] = callbacks.map((callback) => deadline.onExpired(callback));
    cancelSecond?.();
    vi.advanceTimersByTime(10);
    expect(callbacks.map((callback) => callback.mock.calls.length)).toEqual([1, 0, 1]);
  });
});
