import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../../scripts/lib/root.mjs";

/** Prints, for each .cpuprofile in a folder, the functions with the most self time. */
export function printProfiles(folder, { top = 25 } = {}) {
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"))) {
    const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, name), "utf8"));
    const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
    const times = new Map();
    samples.forEach((id, i) => {
      const place = places.get(id);
      if (place !== "(idle)") times.set(place, (times.get(place) ?? 0) + timeDeltas[i]);
    });
    const total = [...times.values()].reduce((sum, time) => sum + time, 0);
    console.log(`\n${name}: ${(total / 1e6).toFixed(2)} s, of which`);
    const largest = [...times].sort(([, a], [, b]) => b - a).slice(0, top);
    for (const [place, time] of largest) console.log(`  ${((100 * time) / total).toFixed(1).padStart(5)} %  ${place}`);
  }
}

function placeOf({ functionName, url, lineNumber }) {
  if (url === "") return functionName;
  const path = url.startsWith("file:")
    ? fileURLToPath(url)
        .replace(root, "")
        .replace(/^.*node_modules\//, "")
    : url;
  return `${functionName || "(anonymous)"}  ${path}:${lineNumber + 1}`;
}
