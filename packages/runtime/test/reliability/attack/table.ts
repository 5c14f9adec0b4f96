import type { Table } from "../scenario.js";
import { attackColumns, scenarioOf } from "./attack.js";
import { idleConnections, neverReading, slowPreface } from "./connections.js";
import {
  continuationFlood,
  emptyData,
  headerBombs,
  pingFlood,
  prefixBombs,
  rapidReset,
  settingsFlood,
  tinyData,
  zipBombs,
} from "./floods.js";

export const attack: Table = {
  columns: attackColumns,
  scenarios: {
    // Everything that has arrived on a connection is processed at once, up to 2 MB: some 10,000 calls.
    "rapid reset": scenarioOf({ run: rapidReset, memory: 150, stall: 2_000 }),
    "CONTINUATION flood": scenarioOf({ run: continuationFlood, memory: 100, stall: 500 }),
    "SETTINGS flood": scenarioOf({ run: settingsFlood, memory: 100, stall: 500 }),
    "PING flood": scenarioOf({ run: pingFlood, memory: 100, stall: 500 }),
    "header bombs": scenarioOf({ run: headerBombs, memory: 100, stall: 1_000 }),
    // Four connections at a time, and 64 MiB for all of them, with its garbage.
    "zip bombs": scenarioOf({ run: zipBombs, memory: 400, stall: 500 }),
    "prefix bombs": scenarioOf({ run: prefixBombs, memory: 150, stall: 500 }),
    "1-byte DATA frames": scenarioOf({ run: tinyData, memory: 100, stall: 500 }),
    "empty DATA frames": scenarioOf({ run: emptyData, memory: 100, stall: 500 }),
    "slow preface": scenarioOf({ run: slowPreface, memory: 100, stall: 500 }),
    // 2,000 streams of 100 kB.
    "never reading": scenarioOf({ run: neverReading, memory: 350, stall: 1_000 }),
    // At the end, all of them close at once.
    "idle connections": scenarioOf({ run: idleConnections, memory: 400, stall: 1_500 }),
  },
};
