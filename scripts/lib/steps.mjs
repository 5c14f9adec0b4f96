import { Failure } from "./failure.mjs";

/**
 * Runs the steps of a root script one after another, then prints a table of them and the line `N passed, N failed`. The
 * exit code is 0 if nothing failed. A step has
 *
 * - `name`
 * - `action`: an async function. The step fails if it throws. It may return counts: `{ passed, failed }`.
 * - `needed`: whether later steps depend on this one. If it fails, they do not run. If it passes, it is not counted.
 * - `show`: whether the action writes to the terminal itself.
 * - `hint`: what to do if the step failed.
 */
export async function runSteps(steps) {
  const results = [];
  for (const step of steps) {
    const result = await runStep(step);
    results.push({ ...step, ...result });
    if (step.needed && result.failed > 0) break;
  }
  printTable(results);
  if (results.length < steps.length) console.log(`${steps.length - results.length} steps did not run`);
  const passed = sum(results.map((result) => result.passed));
  const failed = sum(results.map((result) => result.failed));
  if (passed + failed > 0) console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function runStep({ name, action, needed = false, show = false }) {
  const start = performance.now();
  const time = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  process.stdout.write(show ? `\n── ${name}\n` : `${name} `);
  // One dot per second shows progress.
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

/** The message of a Failure. Any other error is a bug in the scripts, so its stack is shown. */
function describe(error) {
  return error instanceof Failure ? error.message : error.stack;
}

function indent(text) {
  return text.replace(/^/gm, "    ");
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
