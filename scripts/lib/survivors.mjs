/**
 * Describes the changes that no test failed for, each as `wire/timeout.ts:12:5 code → replacement`.
 *
 * @param report the report that Stryker writes as JSON
 */
export function describeSurvivors(report) {
  return Object.entries(report.files).flatMap(([file, { source, mutants }]) => {
    const lines = source.split("\n");
    return mutants
      .filter(({ status }) => status === "Survived" || status === "NoCoverage")
      .map(({ status, replacement, location: { start, end } }) => {
        const last = start.line === end.line ? end.column - 1 : undefined;
        const code = shorten(lines[start.line - 1].slice(start.column - 1, last) + (last === undefined ? " …" : ""));
        const note = status === "NoCoverage" ? " (no test runs it)" : "";
        return `${file.replace(/^src\//, "")}:${start.line}:${start.column} ${code} → ${shorten(replacement)}${note}`;
      });
  });
}

function shorten(code) {
  const line = code.replaceAll(/\s+/g, " ");
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}
