import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";

/** A call that interceptors or retries may hold back, so that its transport does not know it. */
export interface RunningCall {
  /** Ends the call with this. */
  abort(end: CallEnd): void;
}

/** Calls that are not over. */
export type RunningCalls = Set<RunningCall>;

/** The end of calls whose channel is closed. */
export const channelClosed: CallEnd = { status: Status.CANCELLED, message: "The channel is closed", origin: "client" };
