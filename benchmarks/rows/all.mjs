import { bundleRow } from "./bundle.mjs";
import { callRows } from "./calls.mjs";
import { contractRows } from "./contracts.mjs";
import { generatorRows, growthRow } from "./generator.mjs";
import { h2loadRow } from "./h2load.mjs";
import { idleRow } from "./idle.mjs";
import { typeCheckRow } from "./type-check.mjs";

/**
 * The rows of the table. Each has
 *
 * - `name`
 * - `unit`: the metric that comes first
 * - `measure`: an async function that gets the context of `main.mjs`, and resolves to lists of figures by subject and metric
 * - `targets`: see lib/targets.mjs
 * - `onEachNode`: it is measured on each version of Node
 * - `thorough`: not with `--quick`
 * - `slow`: only with `--full`
 */
export const rows = [
  ...callRows,
  h2loadRow,
  idleRow,
  ...generatorRows,
  growthRow,
  bundleRow,
  ...contractRows,
  typeCheckRow,
];
