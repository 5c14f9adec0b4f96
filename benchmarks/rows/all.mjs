import { callRows } from "./calls.mjs";
import { contractRows } from "./contracts.mjs";
import { generatorRows, growthRow } from "./generator.mjs";
import { h2loadRow } from "./h2load.mjs";
import { idleRow } from "./idle.mjs";
import { startUpRow } from "./start-up.mjs";
import { typeCheckRow } from "./type-check.mjs";

/**
 * The rows of the table. Each has
 *
 * - `name`
 * - `unit`: the main metric, which is shown first
 * - `measure`: an async function that takes the options in `main.mjs` and resolves to lists of figures by subject and
 *   metric
 * - `targets`: see lib/targets.mjs
 * - `onEachNode`: whether to measure it on each version of Node, instead of only the first
 * - `thorough`: whether to omit it with `--quick`
 * - `slow`: whether to measure it only with `--full`
 */
export const rows = [
  ...callRows,
  h2loadRow,
  idleRow,
  startUpRow,
  ...generatorRows,
  growthRow,
  ...contractRows,
  typeCheckRow,
];
