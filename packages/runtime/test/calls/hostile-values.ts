import { GRPCError, Status } from "../../src/index.js";

/** What the values in this file throw when code reads them. */
export class Trap extends Error {}

export function trap(): never {
  throw new Trap("looked at");
}

/** Makers of values that throw when they are read, or that have no properties to read. */
export const hostileValues: Readonly<Record<string, () => unknown>> = {
  "a revoked Proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  "a Proxy whose has() throws": () => new Proxy({}, { has: trap }),
  "a Proxy whose get() throws": () => new Proxy({}, { get: trap }),
  "a Proxy whose getPrototypeOf() throws": () => new Proxy({}, { getPrototypeOf: trap }),
  "a Proxy of a GRPCError whose get() throws": () => new Proxy(new GRPCError(Status.NOT_FOUND), { get: trap }),
  "an object that cannot be converted to a string": () => ({ [Symbol.toPrimitive]: trap, toString: trap }),
  "an object without a prototype": () => Object.create(null),
  "a function": () => trap,
  "an Error whose message throws": () => withGetter(new Error("hidden"), "message"),
  "an Error whose name throws": () => withGetter(new Error("hidden"), "name"),
  "an Error whose stack throws": () => withGetter(new Error("hidden"), "stack"),
  "an Error whose cause throws": () => withGetter(new Error("hidden"), "cause"),
  "a symbol": () => Symbol("hidden"),
  undefined: () => undefined,
};

/** Replaces a property of an object with a getter that throws. */
export function withGetter<T extends object>(value: T, property: string): T {
  return Object.defineProperty(value, property, { get: trap, configurable: true });
}

/** Broken promises and thenables. User code may return them wherever the runtime awaits a promise. */
export const brokenThenables: Readonly<Record<string, () => unknown>> = {
  "a thenable that rejects": () => ({
    // biome-ignore lint/suspicious/noThenProperty: the tests need a thenable.
    then: (_: unknown, reject: (error: unknown) => void) => reject(new Trap("rejected")),
  }),
  "a thenable whose then() throws": () => ({
    // biome-ignore lint/suspicious/noThenProperty: the tests need a thenable.
    then: trap,
  }),
  "a thenable whose then cannot be read": () => withGetter({}, "then"),
  "a promise that rejects": () => Promise.reject(new Trap("rejected")),
};
