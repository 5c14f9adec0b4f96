import { Failure } from "./failure.mjs";

/**
 * Runs the steps of a root script one after another, and ends with a table of them and the line `N passed, N failed`.
 * The exit code is 0 when nothing failed. A step is
 *
 * - `name`
 * - `action`: an async function. The step failed when it throws. It may return `{ passed, failed }`: what it counted.
 * - `needed`: the later steps cannot do without it. It counts only when it fails, and then no other runs.
 * - `show`: it writes to the terminal itself.
 * - `hint`: what to do when it failed.
 */
export async function runSteps(steps) {
  const results = [];
  for (const step of steps) {
    const result = await runStep(step);
    results.push({ ...step, ...result });
    if (step.needed && result.failed > 0) break;
  }
  printTable(results);
  if (results.length < steps.length) console.log(`${steps.length - results.length} more steps did not run`);
  const passed = sum(results.map((result) => result.passed));
  const failed = sum(results.map((result) => result.failed));
  if (passed + failed > 0) console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function runStep({ name, action, needed = false, show = false }) {
  const start = performance.now();
  const time = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  process.stdout.write(show ? `\n── ${name}\n` : `${name} `);
  // A dot a second: it is alive.
  const dots = show ? undefined : setInterval(() => process.stdout.write("."), 1000);
  try {
    const { passed = needed ? 0 : 1, failed = 0 } = (await action()) ?? {};
    if (!show) console.log(` ${time()}`);
    return { passed, failed, time: time() };
  } catch (error) {
    console.log(` FAILED\n${indent(describe(error))}`);
    return { passed: 0, failed: 1, time: time() };
  } finally {
    clearInterval(dots);
  }
}

function printTable(results) {
  const width = Math.max(...results.map(({ name }) => name.length));
  console.log("");
  for (const { name, failed, time, hint } of results) {
    const advice = failed > 0 && hint !== undefined ? `  → ${hint}` : "";
    console.log(`${failed === 0 ? "ok    " : "FAILED"}  ${name.padEnd(width)} ${time.padStart(7)}${advice}`);
  }
}

/** A Failure says it all; any other error is a mistake in these scripts, and its stack says where. */
function describe(error) {
  return error instanceof Failure ? error.message : error.stack;
}

function indent(text) {
  return text.replace(/^/gm, "    ");
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
