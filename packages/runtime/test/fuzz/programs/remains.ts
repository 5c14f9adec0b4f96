import { setTimeout as sleep } from "node:timers/promises";
import type { Remains } from "../protocol.js";

/**
 * The maximum time to wait until handlers have ended and sockets are closed. If nghttp2 has stopped reading a
 * connection that is closing, the runtime notices that after 40 s.
 */
const SETTLE_MS = 60_000;

/** Measures the resources left while nothing is in flight. @param handlers returns the number of running handlers */
export async function remains(handlers: () => number): Promise<Remains> {
  const count = (name: string) => process.getActiveResourcesInfo().filter((resource) => resource === name).length;
  const until = performance.now() + SETTLE_MS;
  while (performance.now() < until && (handlers() > 0 || count("TCPSocketWrap") > 0)) await sleep(20);
  for (let times = 0; times < 3; times++) {
    globalThis.gc?.();
    await sleep(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  return {
    MB: Math.round((heapUsed + external) / 1e4) / 100,
    handlers: handlers(),
    sockets: count("TCPSocketWrap"),
    timers: count("Timeout"),
  };
}
