import type { Campaign, Failure } from "./campaign.js";
import { describeBytes } from "./print.js";
import { replay } from "./replay.js";
import type { Session } from "./session.js";
import { shrink } from "./shrink.js";

/** How often a failure may fail to come again: some depend on the garbage collector. */
const TRIES = 3;

/** Prints what went wrong, and the least with which it goes wrong again. */
export async function explain({ side, seed }: Campaign, { text, suspects }: Failure): Promise<void> {
  console.log(`\nFAILED: ${side}, --seed ${seed}\n${text}`);
  if (suspects.length === 0) return;
  console.log(`Looking for the smallest cause in ${suspects.length} sessions …`);
  const kind = kindOf(text);
  const fails = async (sessions: readonly Session[]) => kindOf((await replay(side, sessions)) ?? "") === kind;
  let again = false;
  for (let tries = 0; tries < TRIES && !again; tries++) again = await fails(suspects);
  if (!again) {
    console.log(`These sessions alone do not bring it about again: ${suspects.map(({ index }) => index).join(", ")}`);
    return;
  }
  let sessions = await shrink(suspects, fails);
  for (const session of sessions) {
    const withSteps = (steps: Session["steps"]) =>
      sessions.map((one) => (one.index === session.index ? { ...one, steps } : one));
    const steps = await shrink(session.steps, (less) => fails(withSteps(less)));
    sessions = withSteps(steps);
  }
  for (const { index, conversations, steps } of sessions) {
    console.log(`\nSession ${index}, with ${conversations} conversations:`);
    for (const { text, bytes } of steps)
      console.log(`  ${text}${bytes === undefined ? "" : `: ${describeBytes(bytes)}`}`);
  }
}

/** What failures of the same kind have in common: the error with which a process ends, or else the text without numbers. */
function kindOf(failure: string): string {
  return /^.*(?:Error|Assertion).*$/m.exec(failure)?.[0] ?? failure.replaceAll(/\d+/g, "n");
}
