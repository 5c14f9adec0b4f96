import type { CallQueue } from "./call-queue.js";
import type { CallTally } from "./call-tally.js";
import type { MessageLimits } from "./message-limits.js";
import type { KeptBytes } from "./message-writer.js";

/** What all streams of a transport share. */
export interface StreamOptions {
  readonly limits: MessageLimits;
  readonly queue: CallQueue;
  /** The memory for sending calls again that the server has not processed; `undefined` if they are not sent again. */
  readonly kept: KeptBytes | undefined;
  readonly tally: CallTally;
  readonly retries: { transparent: number };
}
