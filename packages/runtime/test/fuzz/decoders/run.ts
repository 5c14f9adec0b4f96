import { kindOf } from "../kind-of.js";
import { shrink } from "../shrink.js";
import type { Decoder } from "./decoder.js";
import { makeInput } from "./input.js";

/** How often an input is measured that seems to be slow, or too slow: collecting garbage takes time as well. */
const MEASUREMENTS = { slow: 4, tooSlow: 20 };

/** The time to look for a smaller input that fails. */
const SHRINK_MS = 20_000;

/** The options of a run. */
export interface DecoderRun {
  readonly seed: number;
  /** The numbers of the first input, and of the one after the last. */
  readonly from: number;
  readonly to: number;
  /** The time that an input may take, in milliseconds of a processor. */
  readonly maxMs: number;
  /** Called before each time that an input is decoded, and while a smaller one is sought. */
  onProgress?(index: number): void;
}

/** What went wrong, and the smallest input with that effect. */
export interface DecoderFailure {
  readonly problem: string;
  readonly index: number;
  readonly smallest: Buffer;
}

/** The result of a run. */
export interface DecoderResult {
  readonly failure: DecoderFailure | undefined;
  /** The time of the slowest input, in milliseconds. */
  readonly slowestMs: number;
}

/** Runs a decoder with many inputs, up to the first failure. */
export async function runDecoder(decoder: Decoder, run: DecoderRun): Promise<DecoderResult> {
  let slowestMs = 0;
  for (let index = run.from; index < run.to; index++) {
    const input = makeInput(decoder, run.seed, index);
    const outcome = await attempt(decoder, input, slowestMs, index, run);
    slowestMs = Math.max(slowestMs, outcome.ms);
    const problem = problemOf(outcome, run.maxMs);
    if (problem === undefined) continue;
    return { failure: { problem, index, smallest: await smallest(decoder, input, problem, index, run) }, slowestMs };
  }
  return { failure: undefined, slowestMs };
}

interface Outcome {
  readonly error: unknown;
  readonly ms: number;
}

/** Checks an input. If it takes longer than `usualMs`, the result has the shortest of several times. */
async function attempt(
  decoder: Decoder,
  input: Buffer,
  usualMs: number,
  index: number,
  { maxMs, onProgress }: DecoderRun,
): Promise<Outcome> {
  let least = Number.POSITIVE_INFINITY;
  for (let count = 0; least > usualMs; count++) {
    if (count >= (least > maxMs ? MEASUREMENTS.tooSlow : MEASUREMENTS.slow)) break;
    onProgress?.(index);
    const start = performance.now();
    const cpu = process.cpuUsage();
    try {
      const pending = decoder.check(input);
      // A decoder that does not wait need not take a turn.
      if (pending !== undefined) await pending;
    } catch (error) {
      return { error: error ?? "undefined was thrown", ms: 0 };
    }
    // On a busy machine, a process may wait for a processor.
    const { user, system } = process.cpuUsage(cpu);
    least = Math.min(least, performance.now() - start, (user + system) / 1000);
  }
  return { error: undefined, ms: least };
}

function problemOf({ error, ms }: Outcome, maxMs: number): string | undefined {
  if (error !== undefined) return error instanceof Error ? `${error.stack}` : String(error);
  return ms > maxMs ? `it takes ${Math.round(ms)} ms` : undefined;
}

async function smallest(
  decoder: Decoder,
  input: Buffer,
  problem: string,
  index: number,
  run: DecoderRun,
): Promise<Buffer> {
  const end = performance.now() + SHRINK_MS;
  const fails = async (bytes: readonly number[]) => {
    run.onProgress?.(index);
    if (performance.now() > end) return false;
    const again = problemOf(await attempt(decoder, Buffer.from(bytes), run.maxMs, index, run), run.maxMs);
    return again !== undefined && kindOf(again) === kindOf(problem);
  };
  return Buffer.from(await shrink([...input], fails));
}
