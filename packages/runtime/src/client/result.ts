import { GRPCError, type UndeclaredError } from "../errors/error.js";

/**
 * The outcome of a call as a value: `{ ok: true, value }`, or `{ ok: false, error }`
 * with one of the errors that the method declares, or with an undeclared one,
 * whose `kind` is `undefined`.
 */
export type Result<T, E extends GRPCError = never> =
  | {
      /** The call succeeded. */
      readonly ok: true;
      /** The response. */
      readonly value: T;
      /** Not set, because the call succeeded. */
      readonly error?: undefined;
    }
  | {
      /** The call failed. */
      readonly ok: false;
      /** The error that the call would otherwise reject with. */
      readonly error: E | UndeclaredError;
      /** Not set, because the call failed. */
      readonly value?: undefined;
    };

/** Turns the outcome of a call into a value. Errors other than a GRPCError are thrown. */
export async function toResult(call: Promise<unknown>): Promise<Result<unknown>> {
  try {
    return { ok: true, value: await call };
  } catch (error) {
    if (error instanceof GRPCError) return { ok: false, error: error as UndeclaredError };
    throw error;
  }
}
