import { median } from "./figures.mjs";
import { metrics } from "./metrics.mjs";

const [width, labelWidth, figureWidth, barHeight, titleHeight, gap] = [720, 130, 150, 18, 30, 14];
/** Colors that are readable on both light and dark backgrounds. */
const [ours, others, text] = ["#2f81f7", "#8b949e", "#7d8590"];

/** Draws rates, such as calls per second, as an SVG: a group of bars for each row, for the newest Node measured. */
export function drawChart({ rows }) {
  const newest = [...new Set(rows.map(({ node }) => node))].sort(byVersion).at(-1);
  const shown = rows.filter((row) => row.node === newest && row.unit.endsWith("/s") && row.figures["grpclib-ts"]);
  let y = 0;
  const groups = shown.map((row) => {
    const group = drawGroup(row, y);
    y += group.height + gap;
    return group.svg;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" font-family="sans-serif" font-size="12">`,
    `<title>Calls, messages and megabytes per second, on Node ${newest}</title>`,
    ...groups,
    "</svg>",
    "",
  ].join("\n");
}

function drawGroup({ name, unit, figures }, top) {
  const bars = Object.entries(figures).map(([subject, figure]) => ({ subject, figure: median(figure[unit]) }));
  const largest = Math.max(...bars.map(({ figure }) => figure));
  const lines = bars.map(({ subject, figure }, i) => {
    const y = top + titleHeight + i * barHeight;
    const length = ((width - labelWidth - figureWidth) * figure) / largest;
    const color = subject === "grpclib-ts" ? ours : others;
    return [
      `<text x="${labelWidth - 8}" y="${y + 12}" text-anchor="end" fill="${text}">${subject}</text>`,
      `<rect x="${labelWidth}" y="${y + 2}" width="${length.toFixed(1)}" height="${barHeight - 5}" rx="2" fill="${color}"/>`,
      `<text x="${(labelWidth + length + 8).toFixed(1)}" y="${y + 12}" fill="${text}">${metrics[unit].format(figure)} ${unit}</text>`,
    ].join("");
  });
  const title = `<text x="0" y="${top + 20}" font-weight="bold" fill="${text}">${name}</text>`;
  return { svg: [title, ...lines].join("\n"), height: titleHeight + bars.length * barHeight };
}

function byVersion(a, b) {
  return a.localeCompare(b, "en", { numeric: true });
}
