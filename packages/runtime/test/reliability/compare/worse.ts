import type { Figures, Result } from "../scenario.js";

/** A figure that is compared. */
interface Comparison {
  readonly unit: string;
  /** The most that this library may have if the other one has `theirs`. */
  readonly limit: (theirs: number) => number;
}

/**
 * No call more may fail, and no line more be printed. Times may be longer by a
 * quarter and 150 ms, since other programs run on the machine.
 */
const comparisons: Readonly<Record<keyof Figures, Comparison>> = {
  failed: { unit: "calls failed", limit: (theirs) => theirs },
  recovery: { unit: "ms to recover", limit: (theirs) => 1.25 * theirs + 150 },
  lines: { unit: "lines printed", limit: (theirs) => theirs },
};

/**
 * What is worse with this library than with the other one. A case in which the
 * process of the other library ended has nothing to compare with.
 */
export function worse(ours: Result, theirs: Result): readonly string[] {
  const problems: string[] = [];
  for (const [name, figures] of Object.entries(ours.figures ?? {})) {
    const others = theirs.figures?.[name];
    if (others === undefined) continue;
    for (const [key, { unit, limit }] of Object.entries(comparisons)) {
      const [own, other] = [figures[key as keyof Figures], others[key as keyof Figures]];
      if (own > limit(other)) problems.push(`${name}: ${own} ${unit}, ${other} with grpc-js`);
    }
  }
  return problems;
}
