import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatTimeout, parseTimeout } from "../../src/wire/timeout.js";

const MAX = 99_999_999;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe("a timeout", () => {
  test.for<[ms: number, text: string]>([
    [0, "0m"],
    [-1, "0m"],
    [Number.NEGATIVE_INFINITY, "0m"],
    [1, "1m"],
    // Fractions of a millisecond are rounded up.
    [0.0001, "1m"],
    [-0.5, "0m"],
    [1.5, "2m"],
    [1000, "1000m"],
    // The finest unit in which the number has at most eight digits.
    [MAX, "99999999m"],
    [MAX + 0.5, "100000S"],
    [MAX + 1, "100000S"],
    [MAX + 2, "100001S"],
    [MAX * SECOND, "99999999S"],
    [MAX * SECOND + 1, "1666667M"],
    [MAX * MINUTE, "99999999M"],
    [MAX * MINUTE + 1, "1666667H"],
    [MAX * HOUR, "99999999H"],
    // The longest possible timeout.
    [MAX * HOUR + 1, "99999999H"],
    [Number.MAX_VALUE, "99999999H"],
    [Number.POSITIVE_INFINITY, "99999999H"],
  ])("of %d ms is sent as %s", ([ms, text]) => {
    expect(formatTimeout(ms)).toBe(text);
  });

  test.for<[text: string, ms: number]>([
    ["0n", 0],
    ["0H", 0],
    ["1n", 1e-6],
    ["1000000n", 1],
    ["1u", 1e-3],
    ["1m", 1],
    ["1S", SECOND],
    ["1M", MINUTE],
    ["1H", HOUR],
    ["007S", 7 * SECOND],
    ["99999999H", MAX * HOUR],
  ])("that is received as %s is %d ms", ([text, ms]) => {
    expect(parseTimeout(text)).toBe(ms);
  });

  test.for([
    "",
    "1",
    "S",
    "1s",
    "1h",
    "1 S",
    " 1S",
    "1S ",
    "1S\n",
    "-1S",
    "+1S",
    "1.5S",
    "1e3S",
    "0x1S",
    "1SS",
    "1S1S",
    "1ms",
    "100000000n",
    "١S",
  ])("that is received as %j is malformed", (text) => {
    expect(parseTimeout(text)).toBeUndefined();
  });
});

describe("any timeout", () => {
  const timeouts = fc.oneof(
    fc.integer({ min: 0, max: MAX * HOUR }),
    fc.integer({ min: 0, max: MAX * HOUR }).map((eighths) => eighths / 8),
    fc.integer({ min: 0, max: 10 * SECOND }),
    fc
      .tuple(fc.constantFrom(1, SECOND, MINUTE), fc.integer({ min: -2, max: 2 }))
      .map(([unit, more]) => MAX * unit + more),
  );
  const units: Readonly<Record<string, number>> = { m: 1, S: SECOND, M: MINUTE, H: HOUR };

  test("is sent in at most eight digits", () => {
    fc.assert(
      fc.property(timeouts, (ms) => {
        expect(formatTimeout(ms)).toMatch(/^\d{1,8}[HMSm]$/);
      }),
      { numRuns: 10_000 },
    );
  });

  test("arrives unchanged, or longer by less than one of the units it was sent in", () => {
    fc.assert(
      fc.property(timeouts, (ms) => {
        const text = formatTimeout(ms);
        const received = parseTimeout(text) ?? Number.NaN;
        expect(received).toBeGreaterThanOrEqual(ms);
        expect(received - ms).toBeLessThan(units[text.slice(-1)] ?? Number.NaN);
      }),
      { numRuns: 10_000 },
    );
  });

  test("becomes longer by at most a thousandth", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX * HOUR }), (ms) => {
        expect((parseTimeout(formatTimeout(ms)) ?? Number.NaN) / ms).toBeLessThan(1.001);
      }),
      { numRuns: 10_000 },
    );
  });

  test("text is read without throwing, and never as a negative number", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^\d{0,9}[HMSmunhs]?.?$/));
    fc.assert(
      fc.property(text, (received) => {
        expect(parseTimeout(received) ?? 0).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 10_000 },
    );
  });
});
