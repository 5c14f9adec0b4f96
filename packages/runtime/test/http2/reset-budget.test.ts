import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ResetBudget } from "../../src/http2/reset-budget.js";

/** The limits of nghttp2 in Node 20. */
const limits = { burst: 1000, perSecond: 33 };
const { burst, perSecond } = limits;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function spend(budget: ResetBudget, resets: number): number {
  let left = 1;
  for (let n = 0; n < resets; n++) left = budget.spend();
  return left;
}

test("a burst uses up the budget, and not more", () => {
  const budget = new ResetBudget(limits);
  expect(spend(budget, burst / 2)).toBe(0.5);
  expect(spend(budget, burst / 2)).toBe(0);
  expect(spend(budget, 5)).toBe(0);
});

test("the budget is refilled at the rate of nghttp2, up to the burst", () => {
  const budget = new ResetBudget(limits);
  spend(budget, burst);
  vi.advanceTimersByTime(2000);
  expect(spend(budget, 1)).toBeCloseTo((2 * perSecond - 1) / burst);
  vi.advanceTimersByTime(3_600_000);
  expect(spend(budget, 1)).toBeCloseTo((burst - 1) / burst);
});

test.for([
  { resets: perSecond, seconds: 1 },
  { resets: 10 * perSecond, seconds: 10 },
  { resets: 800, seconds: 25 },
])("$resets resets every $seconds s never use up the budget", ({ resets, seconds }) => {
  const budget = new ResetBudget(limits);
  for (let bursts = 0; bursts < 100; bursts++) {
    expect(spend(budget, resets)).toBeCloseTo((burst - resets) / burst);
    vi.advanceTimersByTime(1000 * seconds);
  }
});
