import { textOf } from "./text-of.js";

/** The kinds of numeric options. `Infinity` means no limit, and is valid for those without an upper bound. */
export type NumberKind =
  | "bytes"
  | "milliseconds"
  | "positiveMilliseconds"
  | "streams"
  | "connections"
  | "attempts"
  | "tokens"
  | "positive"
  | "factor"
  | "fraction";

interface Check {
  readonly accepts: (value: number) => boolean;
  readonly text: string;
}

const kinds: Readonly<Record<NumberKind, Check>> = {
  bytes: { accepts: (value) => value >= 0, text: "a number of bytes, 0 or more" },
  milliseconds: { accepts: (value) => value >= 0, text: "a number of milliseconds, 0 or more" },
  /** With 0 milliseconds the operation could only fail. */
  positiveMilliseconds: { accepts: (value) => value > 0, text: "a number of milliseconds greater than 0" },
  /** The range of an HTTP/2 setting. */
  streams: {
    accepts: (value) => Number.isInteger(value) && value >= 1 && value < 2 ** 32,
    text: "a whole number from 1 to 4294967295",
  },
  connections: wholeFrom(1),
  attempts: wholeFrom(2),
  /** The range of a retry throttle, see A6. */
  tokens: { accepts: (value) => value > 0 && value <= 1000, text: "a number greater than 0, at most 1000" },
  positive: { accepts: (value) => value > 0, text: "a number greater than 0" },
  factor: { accepts: (value) => value >= 1, text: "a number, 1 or more" },
  fraction: { accepts: (value) => value >= 0 && value <= 1, text: "a number from 0 to 1" },
};

function wholeFrom(least: number): Check {
  return {
    accepts: (value) => value >= least && (value === Number.POSITIVE_INFINITY || Number.isInteger(value)),
    text: `a whole number, ${least} or more`,
  };
}

/** Checks a numeric option. @throws TypeError that names the option, the valid values and the actual value */
export function checkNumber(option: string, value: number, kind: NumberKind): number {
  const { accepts, text } = kinds[kind];
  if (typeof value === "number" && accepts(value)) return value;
  throw new TypeError(`${option} takes ${text}, got ${textOf(value)}`);
}
