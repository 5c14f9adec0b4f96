import { createRequire } from "node:module";
import type MarkdownIt from "markdown-it";
import { type Html, trusted } from "./html.js";

/**
 * Renders a comment, which is Markdown (https://google.aip.dev/192). HTML in it is
 * shown as text, and so are headings, which AIP-192 does not allow. Images are not
 * loaded, and only links to websites and mail addresses are links.
 */
export function fromComment(comment: string): Html {
  renderer ??= createRenderer();
  return trusted(renderer.render(comment));
}

let renderer: ReturnType<typeof createRenderer> | undefined;

/** Loads markdown-it, which most runs of the plugin do not need: it takes 30 ms. */
function createRenderer() {
  const Renderer: typeof MarkdownIt = createRequire(import.meta.url)("markdown-it");
  const markdown = new Renderer({ html: false }).disable(["heading", "lheading", "image"]);
  markdown.validateLink = (url) => /^(?:https?|mailto):/i.test(url);
  return markdown;
}
