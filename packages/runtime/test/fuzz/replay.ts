import { describeLeft } from "./campaign.js";
import { Fuzzer } from "./round.js";
import type { Session, Side } from "./session.js";

/** Runs sessions with a new victim. @returns what went wrong */
export async function replay(side: Side, sessions: readonly Session[]): Promise<string | undefined> {
  const fuzzer = await Fuzzer.start(side);
  const queue = [...sessions];
  const result = await fuzzer.round(() => queue.shift());
  const end = await fuzzer.close();
  if ("failure" in result) return result.failure;
  return describeLeft(result.remains, side) ?? end;
}
