import { checkOptions, type OptionNames } from "../core/check-options.js";
import { isFailure, Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import { GRPCError } from "../errors/error.js";

/** What `toBeGRPCError()` compares besides the status. Properties that are missing may have any value. */
export interface ExpectedGRPCError {
  /** The status message: the whole text, or a pattern. */
  readonly message?: string | RegExp | undefined;
  /** The name of the error in the contract that declares it. */
  readonly kind?: string | undefined;
  /** All details in their order, each with the properties to compare. */
  readonly details?: readonly object[] | undefined;
  /** What the data of a declared error contains. */
  readonly data?: object | undefined;
}

const expectedNames: OptionNames<ExpectedGRPCError> = { message: true, kind: true, details: true, data: true };

/**
 * The matchers of {@link grpcMatchers}, for the types of a test runner.
 *
 * @typeParam R what a matcher returns
 */
export interface GRPCMatchers<R = void> {
  /**
   * Whether a value is a `GRPCError` with a status and, if given, a message, a kind,
   * details and data. As with `toMatchObject()`, details may have further properties.
   *
   * @throws TypeError if the status is not that of a failed call, the properties are not a plain object with these
   *   names, or the value is a promise
   */
  toBeGRPCError(status: Status, expected?: ExpectedGRPCError): R;
}

/** The part of the matcher contexts of vitest and Jest that matchers use. */
export interface MatcherContext {
  /** Whether the matcher is called after `.not`. */
  readonly isNot?: boolean | undefined;
  /** Compares two values like `toEqual()`. */
  equals(a: unknown, b: unknown): boolean;
  /** Functions of the test runner for texts. */
  readonly utils: {
    /** The text that shows how two values differ. */
    diff(expected: unknown, received: unknown): string | null | undefined;
  };
}

/** Whether a matcher accepts a value, and the text to show if that fails the test. */
export interface MatcherResult {
  /** Whether it accepts the value. */
  readonly pass: boolean;
  /** The text for a test that fails. */
  message(): string;
}

/** Matchers for `expect.extend()` of vitest and Jest, see {@link GRPCMatchers}. */
export const grpcMatchers: {
  /** See {@link GRPCMatchers.toBeGRPCError}. */
  toBeGRPCError(this: MatcherContext, received: unknown, status: Status, expected?: ExpectedGRPCError): MatcherResult;
} = {
  toBeGRPCError(received, status, expected = {}) {
    if (!isFailure(status)) {
      throw new TypeError(`toBeGRPCError() takes the status of a failed call, got ${textOf(status)}`);
    }
    checkExpected(expected);
    if (typeof Object(received).then === "function") throw new TypeError(promiseReceived);
    if (!(received instanceof GRPCError)) return { pass: false, message: () => notGRPCError(received, status) };
    const wanted = { status: Status[status], ...expected };
    const seen = viewOf(received, wanted, this);
    return {
      pass: this.equals(seen, wanted),
      message: () => {
        const got = `${Status[received.status]}: ${received.message}`;
        if (this.isNot) return `Expected another error than ${got}`;
        return `Expected a GRPCError with ${Status[status]}, got ${got}\n\n${this.utils.diff(wanted, seen) ?? ""}`;
      },
    };
  },
};

/** What of an error is compared. A part that is as expected is shown as it is expected, so that diffs show the rest. */
function viewOf(error: GRPCError, wanted: object, context: MatcherContext): object {
  const seen = { ...pick(error, wanted, context), status: Status[error.status] };
  const { message } = wanted as ExpectedGRPCError;
  return message instanceof RegExp && error.message.search(message) >= 0 ? { ...seen, message } : seen;
}

/** The part of a value that has the shape of the expected one. */
function pick(seen: unknown, wanted: unknown, context: MatcherContext): object {
  return Object.fromEntries(
    Object.entries(Object(wanted)).map(([key, value]) => [key, fit(Object(seen)[key], value, context)]),
  );
}

function fit(seen: unknown, wanted: unknown, context: MatcherContext): unknown {
  if (context.equals(seen, wanted)) return wanted;
  if (Array.isArray(wanted)) {
    return Array.isArray(seen)
      ? seen.map((each, i) => (i < wanted.length ? fit(each, wanted[i], context) : each))
      : seen;
  }
  const isShape =
    Object(wanted) === wanted && Object(seen) === seen && typeof Object(wanted).asymmetricMatch !== "function";
  return isShape && !ArrayBuffer.isView(wanted) && !(wanted instanceof RegExp) ? pick(seen, wanted, context) : seen;
}

const promiseReceived =
  "toBeGRPCError() got a promise. To test what it rejects with, write await expect(promise).rejects.toBeGRPCError(…).";

function notGRPCError(received: unknown, status: Status): string {
  return `Expected a GRPCError with ${Status[status]}, got ${textOf(received)}.`;
}

/** @throws TypeError for an instance of a class, which may have no properties to compare, or an unknown property */
function checkExpected(expected: object): void {
  if (!isPlain(expected)) {
    throw new TypeError(`toBeGRPCError() takes a plain object, as in { message: "…" }, got ${textOf(expected)}`);
  }
  checkOptions("toBeGRPCError()", expected, expectedNames);
}

function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Test runners have several realms, each with an Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
