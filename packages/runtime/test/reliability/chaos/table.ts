import type { Table } from "../scenario.js";
import { corruption, frozenPath, halfOpen, slowHandshake, stall } from "./paths.js";
import { kill, rollingRestart } from "./restarts.js";
import { chaosColumns } from "./result.js";
import { goawayStorm, resetStorm, slowReaders } from "./storms.js";

export const chaos: Table = {
  columns: chaosColumns,
  scenarios: {
    kill,
    "rolling restart": rollingRestart,
    "frozen path": frozenPath,
    "half-open": halfOpen,
    stall,
    corruption,
    "goaway storm": goawayStorm,
    "reset storm": resetStorm,
    "slow readers": slowReaders,
    "slow handshake": slowHandshake,
  },
};
