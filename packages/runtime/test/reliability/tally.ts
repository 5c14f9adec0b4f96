import { readFileSync } from "node:fs";
import { Status } from "../../src/index.js";

/** The outcomes of calls. */
export class Tally {
  calls = 0;
  /** Calls that have not ended one second after their deadline. */
  hung = 0;
  readonly statuses = new Map<number, number>();
  /** The texts of the calls that were answered. */
  readonly acknowledged: string[] = [];

  /** Counts the end of a call. */
  add(status: number, text: string): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (status === Status.OK) this.acknowledged.push(text);
  }

  /** Counts the calls of another tally, too. @param expected a status that is as good as OK for them */
  include(other: Tally, expected: number = Status.OK): void {
    this.calls += other.calls;
    this.hung += other.hung;
    for (const [status, count] of other.statuses) {
      const counted = status === expected ? Status.OK : status;
      this.statuses.set(counted, this.count(counted) + count);
    }
  }

  /** The number of calls that ended with a status. */
  count(status: number): number {
    return this.statuses.get(status) ?? 0;
  }

  /** The calls that were not answered, as text: `12 UNAVAILABLE, 3 CANCELLED`. */
  get failures(): string {
    const failed = [...this.statuses].filter(([status]) => status !== Status.OK);
    return failed.map(([status, count]) => `${count} ${Status[status]}`).join(", ") || "none";
  }

  /** The number of calls that were not answered. */
  get failed(): number {
    return [...this.statuses.values()].reduce((sum, count) => sum + count, 0) - this.count(Status.OK);
  }

  /** Compares the answers with the list of calls that servers have executed. */
  compareWith(executed: readonly string[]): { readonly lost: number; readonly twice: number } {
    const ids = new Set(executed);
    return {
      lost: this.acknowledged.filter((id) => !ids.has(id)).length,
      twice: executed.length - ids.size,
    };
  }
}

/** The calls in the ledger of a server process. */
export function readLedger(path: string): readonly string[] {
  return readFileSync(path, "utf8").split("\n").filter(Boolean);
}
