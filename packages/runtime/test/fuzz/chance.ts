import type { Random } from "../random.js";

/** An integer from 0 (inclusive) to a limit (exclusive). */
export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** A random item of a list. */
export function oneOf<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[below(random, items.length)] ?? items[0];
}

/** True with this probability. */
export function happens(random: Random, probability: number): boolean {
  return random() < probability;
}

/** Random bytes. */
export function noise(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => below(random, 256)));
}

/** Splits a chunk into parts of random sizes. */
export function split(random: Random, bytes: Buffer, pieces: number): Buffer[] {
  const cuts = Array.from({ length: pieces - 1 }, () => below(random, bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...cuts].map((start, index) => bytes.subarray(start, cuts[index] ?? bytes.length));
}
