import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { backoffDelay } from "../../src/core/backoff.js";

const standard = { initial: 1000, multiplier: 1.6, jitter: 0.2, max: 120_000 };

afterEach(() => vi.restoreAllMocks());

// https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md
const delays: [failures: number, delay: number][] = [
  [1, 1000],
  [2, 1600],
  [3, 2560],
  [4, 4096],
  [10, 68_719.476736],
  [11, 109_951.1627776],
  [12, 120_000],
  [13, 120_000],
  [10_000, 120_000],
];

test.for(delays)("after %d failures the delay is %d ms on average", ([failures, delay]) => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  expect(backoffDelay(standard, failures)).toBeCloseTo(delay, 6);
});

test.for(delays)("after %d failures the delay differs by at most 20%% from %d ms", ([failures, delay]) => {
  const random = vi.spyOn(Math, "random").mockReturnValue(0);
  expect(backoffDelay(standard, failures)).toBeCloseTo(0.8 * delay, 6);
  random.mockReturnValue(1);
  expect(backoffDelay(standard, failures)).toBeCloseTo(1.2 * delay, 6);
});

test("the delay is always within its bounds", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), (failures) => {
      const delay = backoffDelay(standard, failures);
      expect(delay).toBeGreaterThanOrEqual(800);
      expect(delay).toBeLessThanOrEqual(144_000);
    }),
    { numRuns: 10_000 },
  );
});
