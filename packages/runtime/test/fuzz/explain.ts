import type { Campaign, Failure } from "./campaign.js";
import { kindOf } from "./kind-of.js";
import { describeBytes } from "./print.js";
import { replay } from "./replay.js";
import type { Session } from "./session.js";
import { shrink } from "./shrink.js";

/** How often to try to reproduce a failure: some depend on the garbage collector. */
const TRIES = 3;

/** Prints a failure and the smallest sessions that reproduce it. */
export async function explain({ side, seed }: Campaign, { text, suspects }: Failure): Promise<void> {
  console.log(`\nFAILED: ${side}, --seed ${seed}\n${text}`);
  if (suspects.length === 0) return;
  console.log(`Looking for the smallest cause in ${suspects.length} sessions …`);
  const kind = kindOf(text);
  const fails = async (sessions: readonly Session[]) => kindOf((await replay(side, sessions)) ?? "") === kind;
  let again = false;
  for (let tries = 0; tries < TRIES && !again; tries++) again = await fails(suspects);
  if (!again) {
    console.log(`These sessions alone do not reproduce it: ${suspects.map(({ index }) => index).join(", ")}`);
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
