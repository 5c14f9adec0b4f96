import MarkdownIt from "markdown-it";
import { type Html, trusted } from "./html.js";

/**
 * Renders a comment, which is Markdown (https://google.aip.dev/192). HTML in it is
 * shown as text, and so are headings, which AIP-192 does not allow. Images are not
 * loaded, and only links to websites and mail addresses are links.
 */
export function fromComment(comment: string): Html {
  return trusted(markdown.render(comment));
}

const markdown = new MarkdownIt({ html: false }).disable(["heading", "lheading", "image"]);
markdown.validateLink = (url) => /^(?:https?|mailto):/i.test(url);
