import { Status } from "../../../src/index.js";
import { rollingRestarts } from "../chaos/restarts.js";
import { resetStorms } from "../chaos/storms.js";
import type { Table } from "../scenario.js";
import { breaches } from "./broken.js";
import { compareColumns, ROUNDS, scenarioOf } from "./case.js";
import { addresses, finalDot } from "./hosts.js";
import { errors, metadata } from "./large.js";
import { goawayBelow, refusedStreams } from "./refusals.js";
import { probes, silent } from "./servers.js";
import { worse } from "./worse.js";

/** The storms of calls, whose deadlines pass. */
async function storms(setting: Parameters<typeof resetStorms>[0]) {
  const { tally: storm, bystanders: tally, recoveries } = await resetStorms(setting, ROUNDS);
  tally.include(storm, Status.DEADLINE_EXCEEDED);
  return { tally, recoveries };
}

/** Situations in which both libraries are measured, and this one may not be worse. */
export const compare: Table = {
  columns: compareColumns,
  compare: worse,
  scenarios: {
    "refused streams": scenarioOf({ "every second stream is refused": refusedStreams }),
    goaway: scenarioOf({ "half of the calls are left": goawayBelow(4), "all calls are left": goawayBelow(0) }),
    "rolling restart": scenarioOf({ "six restarts, 64 callers": (setting) => rollingRestarts(setting, 6) }),
    "broken while idle": scenarioOf(breaches("idle"), { together: true }),
    "broken during a call": scenarioOf(breaches("call"), { together: true }),
    "reset storm": scenarioOf({ "5,000 calls with 200 ms": storms }),
    addresses: scenarioOf({
      "slow, refuses": addresses("answers slowly", "refuses"),
      "refuses, slow": addresses("refuses", "answers slowly"),
      "silent, good": addresses("is silent", "answers"),
      "closes, good": addresses("closes", "answers"),
    }),
    "final dot": scenarioOf({ "https with a final dot": finalDot }),
    "large errors": scenarioOf(errors, { together: true }),
    "large metadata": scenarioOf(metadata, { together: true }),
    probes: scenarioOf(probes),
    "silent connections": scenarioOf(silent),
  },
};
