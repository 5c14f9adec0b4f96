import { textOf } from "../core/text-of.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import { GRPCError } from "../errors/error.js";
import type { InterceptedServerCall } from "./interceptor.js";

/** A class of exceptions. Its constructor may be private, or the class abstract. */
export interface ExceptionClass<X> {
  /** Has the type of the exceptions. */
  readonly prototype: X;
  /** What `instanceof` calls. */
  [Symbol.hasInstance](value: unknown): boolean;
}

/** A class of exceptions, and the function that creates the error for the client from one of them. */
export type ErrorMapping<X, E extends GRPCError = GRPCError> = readonly [
  exception: ExceptionClass<X>,
  map: (exception: X, call: InterceptedServerCall) => E | Promise<E>,
];

/** A list of mappings, with the classes `Xs`. */
export type ErrorMappings<Xs extends readonly unknown[], E extends GRPCError = GRPCError> = {
  readonly [Index in keyof Xs]: ErrorMapping<Xs[Index], E>;
};

/** A mapping, in the form in which calls use it. */
export interface CheckedMapping {
  /** The name of the class, for error texts. */
  readonly name: string;
  readonly exceptionClass: abstract new (...args: never) => unknown;
  readonly map: (exception: unknown, call: InterceptedServerCall) => unknown;
  /** Whether the class is `GRPCError` or extends it. */
  readonly forGRPCErrors: boolean;
}

/** @throws TypeError if a value is not a list of mappings, or one of them can never be used */
export function checkMappings(mappings: unknown): readonly CheckedMapping[] {
  if (!Array.isArray(mappings)) {
    const example = "[[BookMissing, (error) => new GRPCError(…)]]";
    throw new TypeError(
      `mapErrors takes a list of pairs of a class and a function, as in ${example}, got ${textOf(mappings)}`,
    );
  }
  const checked = mappings.map(checkMapping);
  for (const [index, later] of checked.entries()) {
    const earlier = checked.slice(0, index).find((other) => covers(other, later));
    if (earlier === undefined) continue;
    throw new TypeError(
      `The mapping for ${later.name} is never used, because the one for ${earlier.name} comes first. ` +
        "Put classes before those that they extend, and each class once.",
    );
  }
  return checked;
}

function checkMapping(pair: unknown): CheckedMapping {
  if (!Array.isArray(pair)) {
    throw new TypeError(
      `A mapping is a pair of a class and a function, as in [BookMissing, (error) => …], got ${textOf(pair)}`,
    );
  }
  const [exceptionClass, map] = pair;
  const prototype: unknown = tryOrUndefined(() => exceptionClass.prototype);
  if (typeof exceptionClass !== "function" || Object(prototype) !== prototype) {
    throw new TypeError(`A mapping is for a class, got ${textOf(exceptionClass)}`);
  }
  const name = textOf(tryOrUndefined((): unknown => exceptionClass.name));
  if (typeof map !== "function") {
    throw new TypeError(`The mapping for ${name} has no function, but ${textOf(map)}`);
  }
  return { name, exceptionClass, map, forGRPCErrors: prototype instanceof GRPCError };
}

/** Whether all that a later mapping matches is matched by an earlier one. */
function covers(earlier: CheckedMapping, later: CheckedMapping): boolean {
  if (earlier.exceptionClass === later.exceptionClass) return true;
  return tryOrUndefined(() => matches(later.exceptionClass.prototype, earlier)) ?? false;
}

/** Whether a mapping is for an exception. Throws what `instanceof` throws. */
export function matches(exception: unknown, { exceptionClass, forGRPCErrors }: CheckedMapping): boolean {
  return exception instanceof exceptionClass && (forGRPCErrors || !(exception instanceof GRPCError));
}
