import { monitorEventLoopDelay } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
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
    // Twice: buffers are released on another thread, some time after they are collected.
    for (let times = 0; times < 2; times++) {
      collectGarbage();
      await sleep(50);
    }
    const { heapUsed, external } = process.memoryUsage();
    console.log(JSON.stringify({ megabytes: (heapUsed + external) / 1e6, stallMs }));
    delay.reset();
    delay.enable();
  }
  delay.disable();
}
