import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { type DefaultTreeAdapterTypes, parseFragment } from "parse5";

/** What a browser shows of a Markdown page. */
export interface Rendered {
  /** The headings, as `### title`. */
  readonly headings: readonly string[];
  /** The text of the page, with its white space collapsed. */
  readonly text: string;
  /** The links to sections of the page. */
  readonly links: readonly string[];
  /** The names of the elements from the root to the last heading. */
  readonly path: readonly string[];
}

/** Renders GitHub Flavored Markdown, and parses the result as a browser does. HTML in the page takes effect. */
export function render(markdown: string): Rendered {
  const html = micromark(markdown, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
  const headings: string[] = [];
  const links: string[] = [];
  let path: readonly string[] = [];
  const visit = (node: DefaultTreeAdapterTypes.Node, ancestors: readonly string[]): void => {
    const names = [...ancestors, node.nodeName];
    const [, level] = /^h([1-6])$/.exec(node.nodeName) ?? [];
    if (level !== undefined) {
      headings.push(`${"#".repeat(Number(level))} ${textOf(node)}`);
      path = names;
    }
    if ("attrs" in node) {
      links.push(
        ...node.attrs.filter(({ name, value }) => name === "href" && value.startsWith("#")).map((a) => a.value),
      );
    }
    for (const child of "childNodes" in node ? node.childNodes : []) visit(child, names);
  };
  const root = parseFragment(html);
  visit(root, []);
  return { headings, links, path, text: textOf(root).replaceAll(/\s+/g, " ") };
}

function textOf(node: DefaultTreeAdapterTypes.Node): string {
  if ("value" in node) return node.value;
  return "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
}
