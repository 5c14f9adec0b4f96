import { expect, test } from "vitest";
import * as checkNumber from "../../src/core/check-number.js";

const infinity = Number.POSITIVE_INFINITY;

test.for<[check: typeof checkNumber.bytes, text: string, accepted: number[], refused: unknown[]]>([
  [checkNumber.bytes, "a number of bytes, 0 or more", [0, 0.5, infinity], [-1, -infinity]],
  [checkNumber.milliseconds, "a number of milliseconds, 0 or more", [0, 0.5, infinity], [-1, -infinity]],
  [checkNumber.positiveMilliseconds, "a number of milliseconds greater than 0", [0.5, infinity], [0, -1]],
  [checkNumber.streams, "a whole number from 1 to 4294967295", [1, 4294967295], [0, -1, 1.5, 4294967296, infinity]],
  [checkNumber.connections, "a whole number, 1 or more", [1, 2, infinity], [0, -1, 1.5, -infinity]],
  [checkNumber.attempts, "a whole number, 2 or more", [2, 3, infinity], [1, 0, -2, 2.5, -infinity]],
  [checkNumber.tokens, "a number greater than 0, at most 1000", [0.1, 1000], [0, -1, 1000.1, infinity]],
  [checkNumber.positive, "a number greater than 0", [0.001, 0.5, 2, infinity], [0, -1, -infinity]],
  [checkNumber.factor, "a number, 1 or more", [1, 1.5, infinity], [0.99, 0, -1]],
  [checkNumber.fraction, "a number from 0 to 1", [0, 0.5, 1], [-0.1, 1.1, infinity]],
])("takes $1", ([check, text, accepted, refused]) => {
  for (const value of accepted) expect(check("option", value)).toBe(value);
  for (const value of [...refused, Number.NaN, "1", 1n, undefined]) {
    const refusal = new TypeError(`option takes ${text}, got ${value}`);
    expect(() => check("option", value as number)).toThrow(refusal);
  }
});
