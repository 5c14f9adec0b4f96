import { addBrand, hasBrand, isInstance } from "../core/brand.js";

/**
 * The API was used against the gRPC protocol: a bug of the program, not an
 * outcome of the call. The message says what to do instead.
 */
export class ProtocolError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === ProtocolError ? hasBrand(value, brand) : isInstance(value, this);
  }
}

const brand = addBrand(ProtocolError, "ProtocolError");
