import { isFailure, type Status } from "../core/status.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import { GRPCError } from "./error.js";

/** The status of a GRPCError; `undefined` for any other value, or if the status is invalid or cannot be read. */
export function statusOf(error: unknown): Status | undefined {
  const status = tryOrUndefined(() => (error instanceof GRPCError ? error.status : undefined));
  return isFailure(status) ? status : undefined;
}
