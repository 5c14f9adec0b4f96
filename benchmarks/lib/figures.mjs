/**
 * Runs subjects in turn (A B A B …), so that whatever else the machine does meets them all, and resolves to the figures of
 * each: `subjects` are functions that resolve to a number.
 */
export async function interleave(subjects, { runs }) {
  const figures = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let i = 0; i < runs; i++) {
    for (const [name, subject] of Object.entries(subjects)) {
      figures[name].push(await subject());
      process.stdout.write(".");
    }
  }
  process.stdout.write("\n");
  return figures;
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
