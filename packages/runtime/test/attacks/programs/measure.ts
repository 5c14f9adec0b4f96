import { monitorEventLoopDelay } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { collectGarbage } from "./collect-garbage.js";

/**
 * Prints, for each line of the input, the memory that this process has taken, and how long its event loop has stood still
 * since the line before. Resolves when the input ends.
 */
export async function measureForEachLine(): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  for await (const _ of createInterface(process.stdin)) {
    const stallMs = delay.max / 1e6;
    delay.disable();
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    console.log(JSON.stringify({ megabytes: (heapUsed + external) / 1e6, stallMs }));
    delay.reset();
    delay.enable();
  }
  delay.disable();
}
