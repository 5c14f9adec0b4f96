import { attempt } from "../core/attempt.js";
import { isFailure, type Status } from "../core/status.js";
import { GRPCError } from "./error.js";

/** The status of a GRPCError. `undefined` for anything else, and for one that has been tampered with or cannot be read. */
export function statusOf(error: unknown): Status | undefined {
  const status = attempt(() => (error instanceof GRPCError ? error.status : undefined));
  return isFailure(status) ? status : undefined;
}
