import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Failure } from "./failure.mjs";

/**
 * Checks the pages in a folder: each link inside the site leads to a file and an anchor that exist, and no page loads
 * anything from the network.
 */
export function checkLinks(folder) {
  const files = readdirSync(folder, { recursive: true }).map((path) => join(folder, path));
  const pages = new Map(files.filter((path) => path.endsWith(".html")).map((path) => [path, readPage(path)]));
  const exists = ({ path, anchor }) => (anchor === "" ? files.includes(path) : pages.get(path)?.anchors.has(anchor));
  const problems = [];
  for (const [path, { links, loads }] of pages) {
    const broken = links.filter((link) => !exists(link)).map(({ text }) => `${text} leads nowhere`);
    const remote = loads.filter((address) => /^(https?:)?\/\//.test(address)).map((address) => `loads ${address}`);
    problems.push(...[...broken, ...remote].map((problem) => `${relative(folder, path)}: ${problem}`));
  }
  if (problems.length > 0) throw new Failure(problems.join("\n"));
}

/** The anchors of a page, its links inside the site, and the addresses that the browser loads by itself. */
function readPage(path) {
  const html = readFileSync(path, "utf8");
  const values = (pattern) => [...html.matchAll(pattern)].map(([, value]) => value.replaceAll("&amp;", "&"));
  const sources = values(/ src="([^"]*)"/g);
  const targets = [...values(/<a\b[^>]* href="([^"]*)"/g), ...sources].filter((text) => !/^[a-z]+:/.test(text));
  return {
    anchors: new Set(values(/ id="([^"]*)"/g)),
    links: targets.map((text) => ({ text, ...resolve(text, path) })),
    loads: [...sources, ...values(/<link\b[^>]* href="([^"]*)"/g)],
  };
}

function resolve(text, page) {
  const url = new URL(text, pathToFileURL(page));
  const anchor = decodeURIComponent(url.hash.slice(1));
  url.hash = "";
  url.search = "";
  return { path: fileURLToPath(url), anchor };
}
