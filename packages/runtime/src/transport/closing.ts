import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import { type Indexed, OpenCalls } from "./open-calls.js";

/** The end of calls whose channel is closed. */
export const channelClosed: CallEnd = { status: Status.CANCELLED, message: "The channel is closed", origin: "client" };

/** A call that interceptors or retries may hold back, so that its transport does not know it. */
export interface HeldCall extends Indexed {
  /** Ends the call. */
  abort(end: CallEnd): void;
}

/** Such calls, until they are over. */
export class HeldCalls extends OpenCalls<HeldCall> {
  /** Ends the calls with CANCELLED, because their channel is closed. */
  close(): void {
    for (const call of this.list()) call.abort(channelClosed);
  }
}
