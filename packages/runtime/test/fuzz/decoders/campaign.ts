import { decoders } from "./all.js";
import type { Decoder } from "./decoder.js";
import { makeInput } from "./input.js";
import { type DecoderEnd, runInWorker } from "./worker.js";

/** The time that an input may take, in milliseconds of a processor. */
const MAX_MS = 50;
/** The memory growth allowed. */
const MAX_GROWTH_MB = 2;
const PROGRESS_SECONDS = 5;
/** The length of an input that is printed, in bytes. */
const MAX_SHOWN = 2000;

/** The options of a fuzzing run of all decoders. */
export interface DecoderCampaign {
  readonly seed: number;
  /** Inputs per decoder. */
  readonly inputs: number;
  /** The name of the only decoder to run. Default: all */
  readonly only?: string | undefined;
}

/** Fuzzes all decoders, one after another, and prints the progress. @returns whether all of them passed */
export async function fuzzDecoders({ seed, inputs, only }: DecoderCampaign): Promise<boolean> {
  let passed = true;
  const chosen = decoders.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0) throw new Error(`There is no such decoder. Use one of\n${namesOf(decoders)}`);
  for (const decoder of chosen) {
    const { name } = decoder;
    let seconds = 0;
    const end = await runInWorker({ name, seed, inputs, maxMs: MAX_MS }, (done) => {
      if (++seconds % PROGRESS_SECONDS === 0) console.log(`${name}: ${done} of ${inputs} inputs`);
    });
    const problem = describe(decoder, seed, end);
    if (problem !== undefined) {
      passed = false;
      console.log(`\nFAILED: ${name}, --side decoders --only "${name}" --seed ${seed}\n${problem}\n`);
    } else if ("perSecond" in end) {
      const { perSecond, slowestMs, growthMB } = end;
      const figures = `${Math.round(perSecond)}/s, slowest ${slowestMs.toFixed(1)} ms, memory ${signed(growthMB)} MB`;
      console.log(`${name}: ${inputs} inputs, ${figures}`);
    }
  }
  return passed;
}

function describe(decoder: Decoder, seed: number, end: DecoderEnd): string | undefined {
  if ("died" in end) return `${end.died}\nInput ${end.index}: ${show(makeInput(decoder, seed, end.index))}`;
  const { failure, growthMB } = end;
  if (failure !== undefined) {
    return `${failure.problem}\nInput ${failure.index}, in its smallest form: ${show(Buffer.from(failure.smallest))}`;
  }
  return growthMB > MAX_GROWTH_MB ? `the memory grew by ${growthMB.toFixed(1)} MB` : undefined;
}

function namesOf(all: readonly Decoder[]): string {
  return all.map(({ name }) => name).join("\n");
}

function signed(number: number): string {
  return `${number < 0 ? "" : "+"}${number.toFixed(1)}`;
}

/** The code of an expression with this input as its value, or the start of it if it is long. */
function show(input: Buffer): string {
  const text = JSON.stringify(input.toString("latin1", 0, MAX_SHOWN)).replaceAll(/[\x7f-\xff]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16)}`;
  });
  return `Buffer.from(${text}, "latin1")${input.length > MAX_SHOWN ? `, of ${input.length} bytes` : ""}`;
}
