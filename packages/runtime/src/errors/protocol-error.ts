import { addBrand, hasBrand, isInstance } from "../core/brand.js";

/**
 * The program used the API in a way that the gRPC protocol does not allow. It is
 * a bug in the program, not an outcome of the call. The message says what to do
 * instead.
 */
export class ProtocolError extends Error {
  /** @internal */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === ProtocolError ? hasBrand(value, brand) : isInstance(value, this);
  }
}

const brand = addBrand(ProtocolError, "ProtocolError");
