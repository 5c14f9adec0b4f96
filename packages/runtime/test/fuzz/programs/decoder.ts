// Fuzzes a decoder, in a worker thread.
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { decoders } from "../decoders/all.js";
import { runDecoder } from "../decoders/run.js";
import type { DecoderNews, DecoderOrder } from "../decoders/worker.js";

/** The part of the inputs before the memory is measured: code is compiled and caches are filled. */
const WARM_UP = 0.1;

// Errors are part of what is decoded here, and their stacks take most of the time.
Error.stackTraceLimit = 3;

const { name, seed, inputs, maxMs, current } = workerData as DecoderOrder;
const decoder = decoders.find((each) => each.name === name) ?? fail();
const warmUp = Math.floor(inputs * WARM_UP);
const progress = new Int32Array(current);

function fail(): never {
  throw new Error(`There is no decoder "${name}"`);
}

async function usedMB(): Promise<number> {
  for (let times = 0; times < 3; times++) {
    globalThis.gc?.();
    // What native objects hold is released in a later turn.
    await sleep(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

/** The inputs are run in two parts, between which the memory is measured. */
async function run(): Promise<DecoderNews> {
  const start = performance.now();
  const onProgress = (index: number) => {
    Atomics.store(progress, 0, index);
    Atomics.add(progress, 1, 1);
  };
  const options = { seed, maxMs, onProgress };
  const first = await runDecoder(decoder, { ...options, from: 0, to: warmUp });
  const before = await usedMB();
  const rest =
    first.failure === undefined ? await runDecoder(decoder, { ...options, from: warmUp, to: inputs }) : first;
  const perSecond = (1000 * inputs) / (performance.now() - start);
  const slowestMs = Math.max(first.slowestMs, rest.slowestMs);
  return { failure: rest.failure, slowestMs, perSecond, growthMB: (await usedMB()) - before };
}

parentPort?.postMessage(await run());
