import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib/root.mjs";
import { median } from "./figures.mjs";
import { metrics } from "./metrics.mjs";
import { describeFigures, describeLimit, describeMiss, describeValue } from "./print.mjs";

/** The pages with tables. */
const pages = ["docs/performance.md", "benchmarks/figures.md"].map((path) => join(root, path));

/** Writes the tables into the pages. Each replaces the text between the comments with its name. */
export function writePages({ measured, machine, versions, rows }) {
  const nodes = [...new Set(rows.map(({ node }) => node))];
  const peers = ["@grpc/grpc-js", "nice-grpc", "@connectrpc/connect-node", "@bufbuild/protobuf"];
  const { cpu, cores, memory, system } = machine;
  const parts = {
    machine: `Measured on ${measured}: ${cpu}, ${cores} cores, ${memory}, ${system}, ${peers.map((name) => `${name} ${versions[name]}`).join(", ")}. [All figures](../benchmarks/results.json).\n\n![Calls, messages and megabytes per second, side by side](performance.svg)`,
    targets: table(["what", "of", "compared with", "target", ...nodes], targetLines(rows, nodes)),
    figures: table(["what", "of", ...nodes], figureLines(rows, nodes)),
  };
  const texts = new Map(pages.map((page) => [page, readFileSync(page, "utf8")]));
  for (const [name, content] of Object.entries(parts)) {
    const begin = `<!-- begin ${name} -->`;
    const page = pages.find((path) => texts.get(path).includes(begin));
    if (page === undefined) throw new Error(`No page contains ${begin}`);
    texts.set(page, replacePart(texts.get(page), name, content));
  }
  for (const [page, text] of texts) writeFileSync(page, text);
}

function replacePart(text, name, content) {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
  if (stop < start) throw new Error(`The page does not contain ${end} after ${begin}`);
  return `${text.slice(0, start)}${begin}\n${content}\n${text.slice(stop)}`;
}

/** A line for each target, with a column for each version of Node. */
function targetLines(rows, nodes) {
  return grouped(rows).flatMap(([name, results]) => {
    const { notMeasured, targets } = results[0];
    if (notMeasured !== undefined) return [[name, "", "", "", ...nodes.map(() => "not measured")]];
    return targets.map((target, i) => [
      name,
      `${target.metric} of ${target.of}`,
      target.over ?? "",
      describeLimit(target),
      ...cells(
        results,
        nodes,
        ({ targets }) => targets[i] && `${describeValue(targets[i])}${describeMiss(targets[i])}`,
      ),
    ]);
  });
}

/** A line for each subject: the main metric of the row with its spread, and the medians of the other metrics. */
function figureLines(rows, nodes) {
  return grouped(rows).flatMap(([name, results]) =>
    Object.keys(results[0].figures).map((subject) => [
      name,
      subject,
      ...cells(results, nodes, ({ unit, figures }) => figures[subject] && describeSubject(unit, figures[subject])),
    ]),
  );
}

function describeSubject(unit, { [unit]: main, ...others }) {
  const medians = Object.entries(others).map(
    ([metric, values]) => `${metric} ${describeFigures(metric, [median(values)])}`,
  );
  const figure = describeFigures(unit, main);
  return [figure.endsWith(metrics[unit].unit) ? figure : `${figure} ${metrics[unit].unit}`, ...medians].join("<br>");
}

function grouped(rows) {
  const names = [...new Set(rows.map(({ name }) => name))];
  return names.map((name) => [name, rows.filter((row) => row.name === name)]);
}

function cells(results, nodes, describe) {
  return nodes.map((node) => {
    const result = results.find((result) => result.node === node);
    return (result && describe(result)) ?? "";
  });
}

function table(head, lines) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...lines.map(line)].join("\n");
}
