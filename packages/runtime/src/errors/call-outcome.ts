import type { Status } from "../core/status.js";
import type { Detail } from "./detail.js";

/** How a call ended, as interceptors see it. */
export interface CallOutcome {
  /** The status of the call. */
  readonly status: Status;
  /** The status message; `undefined` if there is none. */
  readonly message: string | undefined;
  /** The details of an error. */
  readonly details: readonly Detail[];
  /**
   * Which side ended the call. `"client"`: the caller cancelled it, its deadline
   * passed there, or no status of the server arrived. `"server"`: the server ended
   * the call with this status.
   */
  readonly endedBy: "client" | "server";
  /** On the client, the error that the call failed with. On the server, what the handler threw or why it was cancelled. */
  readonly error?: unknown;
}
