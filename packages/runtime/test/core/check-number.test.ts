import { expect, test } from "vitest";
import { checkNumber, type NumberKind } from "../../src/core/check-number.js";

const infinity = Number.POSITIVE_INFINITY;

test.for<[kind: NumberKind, text: string, accepted: number[], refused: unknown[]]>([
  ["bytes", "a number of bytes, 0 or more", [0, 0.5, infinity], [-1, -infinity]],
  ["milliseconds", "a number of milliseconds, 0 or more", [0, 0.5, infinity], [-1, -infinity]],
  ["positiveMilliseconds", "a number of milliseconds greater than 0", [0.5, infinity], [0, -1]],
  ["streams", "a whole number from 1 to 4294967295", [1, 4294967295], [0, -1, 1.5, 4294967296, infinity]],
  ["attempts", "a whole number, 2 or more", [2, 3, infinity], [1, 0, -2, 2.5, -infinity]],
  ["tokens", "a number greater than 0, at most 1000", [0.1, 1000], [0, -1, 1000.1, infinity]],
  ["positive", "a number greater than 0", [0.001, 0.5, 2, infinity], [0, -1, -infinity]],
])("%s: %s", ([kind, text, accepted, refused]) => {
  for (const value of accepted) expect(checkNumber("option", value, kind)).toBe(value);
  for (const value of [...refused, Number.NaN, "1", 1n, undefined]) {
    const refusal = new TypeError(`option takes ${text}, got ${value}`);
    expect(() => checkNumber("option", value as number, kind)).toThrow(refusal);
  }
});
