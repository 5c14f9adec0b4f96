import { textOf } from "./text-of.js";

/** What a numeric option can be. `Infinity` is no limit. */
export type NumberKind = "bytes" | "milliseconds" | "positiveMilliseconds" | "anyMilliseconds" | "streams";

interface Check {
  readonly accepts: (value: number) => boolean;
  readonly text: string;
}

const kinds: Readonly<Record<NumberKind, Check>> = {
  bytes: { accepts: (value) => value >= 0, text: "a number of bytes, 0 or more" },
  milliseconds: { accepts: (value) => value >= 0, text: "a number of milliseconds, 0 or more" },
  /** Without any time it could only fail. */
  positiveMilliseconds: { accepts: (value) => value > 0, text: "a number of milliseconds over 0" },
  /** One that is over before it has begun is allowed: it is what is left of a deadline. */
  anyMilliseconds: { accepts: (value) => !Number.isNaN(value), text: "a number of milliseconds" },
  /** The range of a setting of HTTP/2. */
  streams: {
    accepts: (value) => Number.isInteger(value) && value >= 1 && value < 2 ** 32,
    text: "a whole number from 1 to 4294967295",
  },
};

/** Checks a numeric option. @throws TypeError that names the option, what it takes, and the value */
export function checkNumber(option: string, value: number, kind: NumberKind): number {
  const { accepts, text } = kinds[kind];
  if (typeof value === "number" && accepts(value)) return value;
  throw new TypeError(`${option} takes ${text}, got ${textOf(value)}`);
}
