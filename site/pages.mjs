import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Converter, PageEvent } from "typedoc";
import { Failure } from "../scripts/lib/failure.mjs";
import { root } from "../scripts/lib/root.mjs";

const overview = "docs/README.md";

/** The pages besides README.md, in the order of the sidebar, with their groups there. */
export const pages = new Map([
  [overview, "Start"],
  ...listedPages(),
  ...[
    "CHANGELOG",
    "CONTRIBUTING",
    "ARCHITECTURE",
    "benchmarks/README",
    "benchmarks/figures",
    "benchmarks/notebook",
  ].map((name) => [`${name}.md`, "This repository"]),
]);

/** Plugin for TypeDoc: names a page after its first heading, and puts it into its group in the sidebar. */
export function arrangePages({ converter, renderer }) {
  const remaining = [...pages];
  // TypeDoc creates the documents in the order of `projectDocuments`.
  converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const [page, group] = remaining.shift();
    document.name = /^# (.*)/m.exec(readFileSync(join(root, page), "utf8"))[1];
    document.frontmatter.group = group;
  });
  // TypeDoc shows the name of the project above README.md.
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    project.readme[0].text = project.readme[0].text.replace(/^# .*/, "");
  });
  // TypeDoc links README.md as "../", which needs a web server.
  renderer.on(PageEvent.END, (page) => {
    page.contents = page.contents.replaceAll(/(?<= href="\.\.\/)(?=["#])/g, "index.html");
  });
}

/** The pages in the table of docs/README.md, with the headings above them. */
function listedPages() {
  const [table] = readFileSync(join(root, overview), "utf8").split(/^## /m);
  const listed = [];
  let group;
  for (const line of table.split("\n")) {
    group = /^\| \*\*(.*)\*\* \|/.exec(line)?.[1] ?? group;
    if (!line.startsWith("| [")) continue;
    for (const [, name] of line.matchAll(/\]\(([\w-]+\.md)\)/g)) listed.push([`docs/${name}`, group]);
  }
  const missing = readdirSync(join(root, "docs"))
    .map((name) => `docs/${name}`)
    .filter((page) => page.endsWith(".md") && page !== overview && !listed.some(([other]) => other === page));
  if (missing.length > 0) throw new Failure(`${overview} does not list ${missing.join(", ")}`);
  return listed;
}
