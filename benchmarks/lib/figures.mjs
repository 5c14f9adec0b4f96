/**
 * Runs subjects in turn (A B A B …), so that other load on the machine affects all of them. Each subject is a function
 * that resolves to figures by metric. Resolves to the lists of figures of all runs, by subject and metric.
 */
export async function interleave(subjects, { runs }) {
  const figures = Object.fromEntries(Object.keys(subjects).map((name) => [name, {}]));
  for (let i = 0; i < runs; i++) {
    for (const [name, subject] of Object.entries(subjects)) {
      for (const [metric, figure] of Object.entries(await subject())) {
        figures[name][metric] = [...(figures[name][metric] ?? []), figure];
      }
      process.stdout.write(".");
    }
  }
  return figures;
}

/** Concatenates the figures of several measurements of the same subjects. */
export function joinFigures(measurements) {
  const [first] = measurements;
  return mapValues(first, (metrics, name) =>
    mapValues(metrics, (_, metric) => measurements.flatMap((figures) => figures[name][metric])),
  );
}

function mapValues(object, map) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}

export function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The smallest and the largest figure. */
export function spread(figures) {
  return [Math.min(...figures), Math.max(...figures)];
}

/** The percentile of sorted figures for a share between 0 and 1. */
export function percentile(sorted, share) {
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)];
}
