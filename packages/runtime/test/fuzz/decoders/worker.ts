import { Worker } from "node:worker_threads";
import type { DecoderResult } from "./run.js";

/** What a worker is told. */
export interface DecoderOrder {
  readonly name: string;
  readonly seed: number;
  readonly inputs: number;
  readonly maxMs: number;
  /** Where the worker stores the number of the current input, in case it hangs or crashes, and counts all tries. */
  readonly current: SharedArrayBuffer;
}

/** What a worker reports at the end. */
export interface DecoderNews extends DecoderResult {
  readonly perSecond: number;
  /** How much more memory is in use than after a tenth of the inputs. */
  readonly growthMB: number;
}

/** What a worker reported, or why it did not. */
export type DecoderEnd = DecoderNews | { readonly died: string; readonly index: number };

/** An input that takes longer than this is taken for an endless loop. Busy machines stop for seconds. */
const HANG_MS = 60_000;

/** Fuzzes a decoder in a worker. @param onProgress gets the number of inputs done each second */
export function runInWorker(
  order: Omit<DecoderOrder, "current">,
  onProgress: (done: number) => void,
): Promise<DecoderEnd> {
  const current = new SharedArrayBuffer(8);
  const progress = new Int32Array(current);
  const worker = new Worker(new URL("../programs/decoder.js", import.meta.url), { workerData: { ...order, current } });
  let seen = 0;
  let since = performance.now();
  return new Promise((resolve) => {
    const finish = (end: DecoderEnd) => {
      clearInterval(timer);
      void worker.terminate();
      resolve(end);
    };
    const die = (died: string) => finish({ died, index: Atomics.load(progress, 0) });
    const timer = setInterval(() => {
      onProgress(Atomics.load(progress, 0));
      const tries = Atomics.load(progress, 1);
      if (tries !== seen) since = performance.now();
      else if (performance.now() - since > HANG_MS) die(`no result within ${HANG_MS} ms`);
      seen = tries;
    }, 1000);
    worker.once("message", finish);
    worker.once("error", (error) => die(`${error.stack}`));
    worker.once("exit", (code) => die(`exit code ${code}`));
  });
}
