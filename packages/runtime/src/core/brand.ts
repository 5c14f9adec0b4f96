import { tryOrUndefined } from "./try-or-undefined.js";

/**
 * Adds a brand and a `name` to the prototype of a class.
 *
 * The brand makes `instanceof` work when a process loads two copies of this
 * package: each copy has its own class, but both use the same symbol. The name
 * is passed as a string because minifiers rename classes.
 */
export function addBrand(target: { prototype: object }, name: string): symbol {
  const brand = Symbol.for(`@grpclib-ts/runtime/${name}`);
  Object.defineProperties(target.prototype, { [brand]: {}, name: { value: name, writable: true } });
  return brand;
}

/** Whether `value` is an instance of the branded class, from any copy of this package. A Proxy that throws is not. */
export function hasBrand(value: unknown, brand: symbol): boolean {
  return tryOrUndefined(() => brand in Object(value)) ?? false;
}

/** The standard `instanceof`, without a brand. For subclasses, which recognise only their own instances. */
export function isInstance(value: unknown, target: object): boolean {
  return Function.prototype[Symbol.hasInstance].call(target, value);
}
