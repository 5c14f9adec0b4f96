import { median } from "../median.js";
import { faultOfNode } from "./faults-of-node.js";
import type { Remains } from "./protocol.js";
import { Fuzzer } from "./round.js";
import { makeSession, type Session, type Side } from "./session.js";

/**
 * The conversations are split into rounds. After each round nothing is in flight, and the resources
 * left are measured.
 */
const MIN_ROUNDS = 10;
const MAX_PER_ROUND = 50_000;
const PROGRESS_MS = 5000;
/** The memory growth allowed between the two halves of the rounds. What never stops growing grows by twice as much. */
const MAX_GROWTH_MB = 1;

/** The options of a fuzzing run. */
export interface Campaign {
  readonly side: Side;
  readonly seed: number;
  readonly conversations: number;
}

/** What went wrong in a campaign. */
export interface Failure {
  readonly text: string;
  /** The sessions that may have caused it, alone or together. Empty if the cause is unknown. */
  readonly suspects: readonly Session[];
}

/** Fuzzes one side, and prints the progress. */
export async function runCampaign({ side, seed, conversations }: Campaign): Promise<Failure | undefined> {
  const rounds = Math.max(MIN_ROUNDS, Math.ceil(conversations / MAX_PER_ROUND));
  const start = performance.now();
  let index = 0;
  let done = 0;
  const perSecond = () => Math.round((1000 * done) / (performance.now() - start));
  const print = (more = "") => console.log(`${side}: ${done} conversations, ${perSecond()}/s${more}`);
  const progress = setInterval(print, PROGRESS_MS);
  const next = (goal: number) => () => {
    if (done >= goal) return undefined;
    const session = makeSession(side, seed, index++);
    done += session.conversations;
    return session;
  };
  let fuzzer = await Fuzzer.start(side);
  const measured: Remains[] = [];
  try {
    for (let round = 1; round <= rounds; round++) {
      const goal = Math.ceil((conversations * round) / rounds);
      const first = index;
      let result = await fuzzer.round(next(goal));
      while ("failure" in result) {
        const fault = faultOfNode(result.failure);
        if (fault === undefined) return { text: result.failure, suspects: result.suspects };
        print(`: ${fault} It is not counted. Continuing with a new ${side}.`);
        await fuzzer.close();
        fuzzer = await Fuzzer.start(side);
        result = await fuzzer.round(next(goal));
      }
      measured.push(result.remains);
      print(`, ${result.remains.MB} MB`);
      const left = describeLeft(result.remains, side);
      if (left === undefined) continue;
      const suspects = Array.from({ length: index - first }, (_, n) => makeSession(side, seed, first + n));
      return { text: left, suspects };
    }
    const end = await fuzzer.close();
    if (end !== undefined) return { text: end, suspects: [] };
  } finally {
    clearInterval(progress);
    await fuzzer.close();
  }
  const growth = growthBetweenHalves(measured.map(({ MB }) => MB));
  if (growth <= MAX_GROWTH_MB) return undefined;
  return { text: `the memory grew by ${growth.toFixed(1)} MB`, suspects: [] };
}

/** By how much the median of the second half is above that of the first. Thus the rounds that warm up do not count. */
export function growthBetweenHalves(figures: readonly number[]): number {
  const half = figures.length / 2;
  return median(figures.slice(half)) - median(figures.slice(0, half));
}

/** Describes the resources that a victim has wrongly kept; `undefined` if there are none. */
export function describeLeft({ handlers, sockets, timers }: Remains, side: Side): string | undefined {
  // A server keeps the pipe to its parent, which is not a socket, and its listener, which is not counted.
  if (handlers === 0 && sockets === 0 && timers === 0) return undefined;
  return `left behind in the ${side}: ${handlers} handlers, ${sockets} sockets, ${timers} timers`;
}
