import { setTimeout as sleep } from "node:timers/promises";
import { Status } from "../../src/index.js";
import type { CallOptions, Client } from "./libraries.js";
import type { Tally } from "./tally.js";

/** A call that has not ended this long after its deadline hangs, in milliseconds. */
const SLACK_MS = 1000;
/** How long a caller waits after a call has failed, in milliseconds. */
export const AFTER_FAILURE_MS = 100;

let lastId = 0;

/** Makes one call, which is identified by its text, and counts its end. @returns its status; `undefined` if it hangs */
export async function callOnce(client: Client, tally: Tally, options: CallOptions = {}): Promise<number | undefined> {
  lastId += 1;
  const id = `call ${lastId}`;
  tally.calls += 1;
  const patience = new AbortController();
  const { timeout } = options;
  const answer = client.call(id, options);
  const ended = await (timeout === undefined ? answer : Promise.race([answer, late(timeout, patience.signal)]));
  patience.abort();
  if (ended === undefined) tally.hung += 1;
  else tally.add(ended.status, ended.text === id ? id : `the answer to ${id} of another call`);
  return ended?.status;
}

async function late(timeout: number, signal: AbortSignal): Promise<undefined> {
  await sleep(timeout + SLACK_MS, undefined, { signal }).catch(() => {});
  // If the event loop was blocked, the end of the call may not have been noticed yet.
  for (let turns = 0; turns < 3 && !signal.aborted; turns++) await sleep(10);
}

/** Callers that make one call after the other until they are stopped. */
export class Callers {
  readonly #callers: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  #running = true;

  constructor(client: Client, tally: Tally, count: number, options: CallOptions) {
    const run = async () => {
      while (this.#running) {
        const status = await callOnce(client, tally, options);
        if (status === Status.OK) for (const resolve of this.#waiting) resolve();
        else await sleep(AFTER_FAILURE_MS);
      }
    };
    this.#callers = Promise.all(Array.from({ length: count }, run));
  }

  /** Waits for this many answers. @returns the time until then in milliseconds, at most `limit` */
  async answers(count: number, limit: number): Promise<number> {
    const start = performance.now();
    let resolveAll = () => {};
    const all = new Promise<void>((resolve) => {
      resolveAll = resolve;
    });
    let left = count;
    const each = () => {
      left -= 1;
      if (left === 0) resolveAll();
    };
    this.#waiting.add(each);
    const patience = new AbortController();
    await Promise.race([all, sleep(limit, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    this.#waiting.delete(each);
    return Math.min(performance.now() - start, limit);
  }

  /** Lets the calls in flight end. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#callers;
  }
}
