import { textOf } from "./text-of.js";

// Imported as a namespace, of which programs load the checks that they use.

/**
 * Checks a numeric option. `Infinity` means no limit, and is valid for those without an upper bound.
 *
 * @throws TypeError that names the option, the valid values and the actual value
 */
type Check = (option: string, value: number) => number;

export const bytes: Check = /* @__PURE__ */ takes("a number of bytes, 0 or more", (value) => value >= 0);

export const milliseconds: Check = /* @__PURE__ */ takes("a number of milliseconds, 0 or more", (value) => value >= 0);

/** With 0 milliseconds the operation could only fail. */
export const positiveMilliseconds: Check = /* @__PURE__ */ takes(
  "a number of milliseconds greater than 0",
  (value) => value > 0,
);

/** The range of an HTTP/2 setting. */
export const streams: Check = /* @__PURE__ */ takes(
  "a whole number from 1 to 4294967295",
  (value) => Number.isInteger(value) && value >= 1 && value < 2 ** 32,
);

export const connections: Check = /* @__PURE__ */ takesWhole(1);

export const attempts: Check = /* @__PURE__ */ takesWhole(2);

/** The range of a retry throttle, see A6. */
export const tokens: Check = /* @__PURE__ */ takes(
  "a number greater than 0, at most 1000",
  (value) => value > 0 && value <= 1000,
);

export const positive: Check = /* @__PURE__ */ takes("a number greater than 0", (value) => value > 0);

export const factor: Check = /* @__PURE__ */ takes("a number, 1 or more", (value) => value >= 1);

export const fraction: Check = /* @__PURE__ */ takes("a number from 0 to 1", (value) => value >= 0 && value <= 1);

function takesWhole(least: number): Check {
  return takes(
    `a whole number, ${least} or more`,
    (value) => value >= least && (value === Number.POSITIVE_INFINITY || Number.isInteger(value)),
  );
}

function takes(valid: string, accepts: (value: number) => boolean): Check {
  return (option, value) => {
    if (typeof value === "number" && accepts(value)) return value;
    throw new TypeError(`${option} takes ${valid}, got ${textOf(value)}`);
  };
}
