import { attempt } from "./attempt.js";

/**
 * Brands the instances of a class, and names its errors.
 *
 * The brand makes `instanceof` work across two copies of this package in one
 * process: each copy has a class of its own, the brand is the same symbol in
 * both. The names are given as text because minifiers rename classes.
 */
export function addBrand(target: { prototype: object }, name: string): symbol {
  const brand = Symbol.for(`@grpclib-ts/runtime/${name}`);
  Object.defineProperties(target.prototype, {
    [brand]: { value: true },
    name: { value: name, writable: true, configurable: true },
  });
  return brand;
}

/** Whether `value` is an instance of a class with this brand, in any copy of this package. A Proxy that throws is not. */
export function hasBrand(value: unknown, brand: symbol): boolean {
  if (typeof value !== "object" || value === null) return false;
  return attempt(() => brand in value) ?? false;
}

/** What `instanceof` does without a brand: right for subclasses, which stay strict. */
export function isInstance(value: unknown, target: object): boolean {
  return Function.prototype[Symbol.hasInstance].call(target, value);
}
