import assert from "node:assert/strict";
import { GRPCError } from "@grpclib-ts/runtime";

/** The GRPCError of a call that must fail. Rejects if the call succeeds or fails with another error. */
export async function failureOf(call: Promise<unknown>): Promise<GRPCError> {
  const error = await call.then(
    () => assert.fail("The call succeeded"),
    (error: unknown) => error,
  );
  if (error instanceof GRPCError) return error;
  throw error;
}
