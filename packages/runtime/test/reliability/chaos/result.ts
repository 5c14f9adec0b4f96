import { problemsIf, type Result, type Setting } from "../scenario.js";
import { readLedger, type Tally } from "../tally.js";

/**
 * The longest sum of the first two steps of the backoff (1 s and 1.6 s, 20 % more at most), in milliseconds, and half a
 * second for connecting on a busy machine.
 */
export const TWO_STEPS_MS: number = (1000 + 1600) * 1.2 + 500;

/** The default bound on the resident memory of the client's process, in MB. */
const MEMORY_MB = 300;

export const chaosColumns: readonly string[] = [
  "calls",
  "not OK",
  "lost",
  "run twice",
  "hung",
  "longest recovery, ms",
  "peak memory of the client, MB",
];

/** What a scenario has measured, and its bounds. */
export interface Measured {
  readonly tally: Tally;
  /** The times from the end of each fault to the first answer, in milliseconds. */
  readonly recoveries?: readonly number[];
  /** The longest time to recover, in milliseconds. */
  readonly recovery?: number;
  /** The calls that servers have executed. Default: those in the ledger; `null` if nobody can know. */
  readonly executed?: readonly string[] | null;
  /** The calls that may fail. Default: all. */
  readonly failures?: number;
  /** More bounds: problems and whether they are there. */
  readonly others?: Readonly<Record<string, boolean>>;
}

/** The row of a scenario. */
export function chaosResult({ ledger, memory }: Setting, measured: Measured): Result {
  const {
    tally,
    recoveries = [],
    recovery = TWO_STEPS_MS,
    failures = Number.POSITIVE_INFINITY,
    others = {},
  } = measured;
  const executed = measured.executed === undefined ? readLedger(ledger) : measured.executed;
  const compared = executed === null ? undefined : tally.compareWith(executed);
  const { lost, twice } = compared ?? { lost: 0, twice: 0 };
  const longest = recoveries.length === 0 ? undefined : Math.round(Math.max(...recoveries));
  const unknown = compared === undefined;
  return {
    cells: [
      tally.calls,
      tally.failures,
      unknown ? "–" : lost,
      unknown ? "–" : twice,
      tally.hung,
      longest ?? "–",
      memory.peak,
    ],
    problems: problemsIf({
      [`${lost} calls were acknowledged and lost`]: lost > 0,
      [`${twice} calls were executed twice`]: twice > 0,
      [`${tally.hung} calls hang`]: tally.hung > 0,
      [`${tally.failed} calls failed, at most ${failures} may: ${tally.failures}`]: tally.failed > failures,
      [`it took ${longest} ms to recover, at most ${Math.round(recovery)} ms are allowed`]: (longest ?? 0) > recovery,
      [`the client used ${memory.peak} MB, at most ${MEMORY_MB} MB are allowed`]: memory.peak > MEMORY_MB,
      [`no call was answered`]: tally.acknowledged.length === 0,
      ...others,
    }),
  };
}
