import { median, spread } from "./figures.mjs";
import { metrics } from "./metrics.mjs";

/** Prints the figures of a row, a line a subject, and what became of its targets. */
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
    const outcome = `${describeValue(target)}${describeMiss(target)}, wanted ${describeLimit(target)}`;
    console.log(`  ${met ? "ok    " : "MISSED"}  ${subject}: ${outcome}`);
  }
}

/** The median, and in parentheses the spread. */
export function describeFigures(metric, values) {
  const { unit, format } = metrics[metric];
  const range = values.length > 1 ? ` (${spread(values).map(format).join(" – ")})` : "";
  return `${format(median(values))}${range}${unit === metric ? "" : ` ${unit}`}`;
}

/** What a target wants. */
export function describeLimit({ atLeast, atMost, ...target }) {
  const value = describeValue({ ...target, value: atLeast ?? atMost });
  return atLeast === undefined ? `≤ ${value}` : `≥ ${value}`;
}

/** What was reached of a target. */
export function describeValue({ metric, over, value }) {
  return over === undefined ? `${metrics[metric].format(value)} ${metrics[metric].unit}` : `${value.toFixed(2)} ×`;
}

/** By how much a target was missed, if it was. */
export function describeMiss({ met, missedBy }) {
  return met ? "" : `, missed by ${Math.ceil(missedBy)} %`;
}
