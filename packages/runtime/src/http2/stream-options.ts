import type { CallQueue } from "./call-queue.js";
import type { CallTally } from "./call-tally.js";
import type { MessageLimits } from "./message-limits.js";
import type { KeptBytes } from "./message-writer.js";

/** What all streams of a transport share. */
export interface StreamOptions {
  readonly limits: MessageLimits;
  readonly queue: CallQueue;
  /** Whether calls that the server has not processed are sent again, unless they say it themselves. */
  readonly retry: boolean;
  /** The memory for sending calls again. */
  readonly kept: KeptBytes;
  readonly tally: CallTally;
  readonly retries: { transparent: number };
}
