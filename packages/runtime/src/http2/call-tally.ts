import { definedOnly } from "../core/defined-only.js";
import { Status } from "../core/status.js";
import { timestamp } from "../core/timestamp.js";

/** The calls since a server or a channel was created, as plain data. */
export interface CallCounts {
  /** All calls so far. */
  readonly started: number;
  /** The calls that are not over. */
  readonly inFlight: number;
  /** How many calls have ended with each status, by its name. A status without calls is left out. */
  readonly byStatus: Readonly<Partial<Record<keyof typeof Status, number>>>;
  /** The last four errors of each status, the latest first. */
  readonly lastErrors: readonly CallError[];
}

/** A call that has failed, as plain data without metadata, details or messages of the call. */
export interface CallError {
  /** When the call ended, in the form `2026-01-31T12:00:00.000Z`. */
  readonly time: string;
  /** The name of the status. */
  readonly status: keyof typeof Status;
  /** The status message, up to 500 characters; left out if there is none. */
  readonly message?: string;
  /** The path of the method, up to 500 characters. */
  readonly method: string;
  /** The address of the peer; left out if there was no connection. */
  readonly peer?: string;
}

/** How a call ended. */
interface End {
  readonly status: Status;
  readonly message?: string | undefined;
}

/** A call that is counted. */
export interface CountedCall {
  readonly path: string;
  readonly peer: string | undefined;
}

interface Failure extends End, CountedCall {
  readonly time: number;
}

const LAST_ERRORS = 4;
const MAX_CHARACTERS = 500;

const statuses = Object.values(Status).filter((status) => typeof status === "number");

/**
 * Counts calls. A call that succeeds increments two numbers, and allocates nothing.
 *
 * Errors are kept for each status, so that a frequent one does not displace the others.
 */
export class CallTally {
  #started = 0;
  readonly #ended = new Float64Array(statuses.length);
  readonly #failures: Failure[][] = statuses.map(() => []);

  onStarted(): void {
    this.#started += 1;
  }

  onEnded(end: End, call: CountedCall): void {
    this.#ended[end.status] = (this.#ended[end.status] ?? 0) + 1;
    if (end.status !== Status.OK) this.#onFailed(end, call);
  }

  #onFailed({ status, message }: End, { path, peer }: CountedCall): void {
    const failures = this.#failures[status] ?? [];
    if (failures.length === LAST_ERRORS) failures.shift();
    failures.push({ time: Date.now(), status, message, path, peer });
  }

  get counts(): CallCounts {
    const ended = statuses.map((status) => [Status[status], this.#ended[status] ?? 0] as const);
    return {
      started: this.#started,
      inFlight: ended.reduce((rest, [, count]) => rest - count, this.#started),
      byStatus: Object.fromEntries(ended.filter(([, count]) => count > 0)),
      lastErrors: this.#failures
        .flatMap((failures) => failures.toReversed())
        .sort((one, other) => other.time - one.time)
        .map(callError),
    };
  }
}

function callError({ time, status, message, path, peer }: Failure): CallError {
  return {
    time: timestamp(time),
    status: Status[status] as keyof typeof Status,
    ...definedOnly({ message: message?.slice(0, MAX_CHARACTERS) }),
    method: path.slice(0, MAX_CHARACTERS),
    ...definedOnly({ peer }),
  } as CallError;
}
