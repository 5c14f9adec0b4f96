import { monitorEventLoopDelay } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { collectGarbage } from "./collect-garbage.js";

/**
 * For each line of the input, prints the memory use of this process and the longest delay of its event loop since the
 * previous line. Resolves when the input ends.
 */
export async function measureForEachLine(): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  for await (const _ of createInterface(process.stdin)) {
    const stallMs = delay.max / 1e6;
    delay.disable();
    // Twice, because buffers are freed on another thread, some time after they are collected.
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
