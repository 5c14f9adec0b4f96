import { median, spread } from "./figures.mjs";
import { metrics } from "./metrics.mjs";

/** Prints the figures of a row, one line for each subject, and whether its targets are met. */
export function printRow({ figures, targets, notMeasured }) {
  console.log();
  if (notMeasured !== undefined) {
    console.log(`  not measured: ${notMeasured}`);
    return;
  }
  const width = Math.max(...Object.keys(figures).map((name) => name.length));
  for (const [name, subject] of Object.entries(figures)) {
    const cells = Object.entries(subject).map(([metric, values]) => `${metric} ${describeFigures(metric, values)}`);
    console.log(`  ${name.padEnd(width)}  ${cells.join("   ")}`);
  }
  for (const target of targets) {
    const { met, metric, of, over } = target;
    const subject = over === undefined ? `${metric} of ${of}` : `${metric} of ${of} to ${over}`;
    const outcome = `${describeValue(target)}${describeMiss(target)}, target ${describeLimit(target)}`;
    console.log(`  ${met ? "ok    " : "MISSED"}  ${subject}: ${outcome}`);
  }
}

/** The median, with the spread in parentheses if there are several values. */
export function describeFigures(metric, values) {
  const { unit, format } = metrics[metric];
  const range = values.length > 1 ? ` (${spread(values).map(format).join(" – ")})` : "";
  return `${format(median(values))}${range}${unit === metric ? "" : ` ${unit}`}`;
}

/** The limit of a target, such as "≥ 2.00 ×". */
export function describeLimit({ atLeast, atMost, ...target }) {
  const value = describeValue({ ...target, value: atLeast ?? atMost });
  return atLeast === undefined ? `≤ ${value}` : `≥ ${value}`;
}

/** The value that was measured for a target. */
export function describeValue({ metric, over, value }) {
  return over === undefined ? `${metrics[metric].format(value)} ${metrics[metric].unit}` : `${value.toFixed(2)} ×`;
}

/** By how much a target was missed, or an empty string if it was met. */
export function describeMiss({ met, missedBy }) {
  return met ? "" : `, missed by ${Math.ceil(missedBy)} %`;
}
