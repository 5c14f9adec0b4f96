/**
 * Renders a comment, which is Markdown (https://google.aip.dev/192), so that it is
 * closed in itself: nothing in it continues after it, or appears in the outline of
 * the page. Code blocks that are not closed are closed. Headings and HTML, which
 * AIP-192 does not allow, are shown as text, and so are footnotes and definitions
 * of links, which would apply to the whole page.
 *
 * Whether a line is code can be difficult to tell in Markdown. In doubt this takes
 * it for text, and the reader sees an escape too many.
 */
export function fromComment(comment: string): string[] {
  if (comment.trim() === "") {
    return [];
  }
  const { lines, hasNestedFence } = escapeBlocks(comment.split("\n"));
  // A block quote ends whatever is open in it.
  const text = lines.map((line) => (hasNestedFence ? `> ${line}`.trimEnd() : line)).join("\n");
  // Without a separator, a list that follows would continue the last one of the comment.
  return lines.some((line) => /^\s*([-+*]|\d+[.)])(\s|$)/.test(line)) ? [text, "<!-- -->"] : [text];
}

/** What can precede a block in its line: indentation, and the markers of quotes and lists. */
const containers = "(?:[ \\t>]|[-+*][ \\t]|\\d{1,9}[.)][ \\t])*";
const nestedFence = new RegExp(`^(?=[^\`~])${containers}(?:\`{3,}[^\`]*$|~{3,})`);
const atxHeading = new RegExp(`^(${containers})(?=#)`);
const setextUnderline = new RegExp(`^(${containers}?)(?=(?:=+|-+)[ \\t]*$)`);
const bracket = new RegExp(`^(${containers})(?=\\[)`);
/** `[label]: …`, whose label may continue in the next lines, or `[^label]: …`. */
const definition = /^\[(?:\^|(?:[^[\]\\\n]|\\.|\n(?![ \t>]*\n))*\]:)/;
/** The length of a label is limited to 999 characters: https://spec.commonmark.org/0.31.2/#link-label */
const MAX_LABEL_LINES = 1000;

interface EscapedBlocks {
  readonly lines: readonly string[];
  /** Whether a code block begins inside a list or a quote, or with spaces. */
  readonly hasNestedFence: boolean;
}

function escapeBlocks(lines: readonly string[]): EscapedBlocks {
  const escaped: string[] = [];
  let text: string[] = [];
  let closing: RegExp | undefined;
  let fence = "";
  let hasNestedFence = false;
  const endText = (): void => {
    escaped.push(...escapeText(text));
    text = [];
  };
  for (const line of lines) {
    // Where a nested fence ends depends on the blocks around it, so that later fences are uncertain, too.
    hasNestedFence ||= closing === undefined && nestedFence.test(line);
    const [, opening = ""] = (!hasNestedFence && /^(`{3,}(?=[^`]*$)|~{3,})/.exec(line)) || [];
    if (closing !== undefined) {
      escaped.push(line);
      closing = closing.test(line) ? undefined : closing;
    } else if (opening !== "") {
      endText();
      escaped.push(line);
      fence = opening;
      closing = new RegExp(`^ {0,3}${fence}${fence.charAt(0)}*[ \\t]*$`);
    } else {
      text.push(line);
    }
  }
  endText();
  return { lines: closing === undefined ? escaped : [...escaped, fence], hasNestedFence };
}

/** Escapes headings, footnotes, definitions of links, and HTML in consecutive lines that are not known to be code. */
function escapeText(lines: readonly string[]): string[] {
  const blocks = lines.map((line, i) => {
    const previous = lines[i - 1] ?? "";
    const underlines = /^>?[ \t]*$/.test(previous) ? line : line.replace(setextUnderline, "$1\\");
    const text = underlines.replace(atxHeading, "$1\\");
    const [start] = bracket.exec(text) ?? [];
    if (start === undefined) return text;
    const rest = [text.slice(start.length), ...lines.slice(i + 1, i + MAX_LABEL_LINES)].join("\n");
    return definition.test(rest) ? `${start}\\${text.slice(start.length)}` : text;
  });
  return blocks
    .join("\n")
    .split(/(\n[ \t]*(?=\n|$))/)
    .map(escapeHtml)
    .join("")
    .split("\n");
}

/** One of: a link in angle brackets, an escape, a code span in one line, a `<`, what can contain a backtick, a backtick. */
const tokens =
  /<(?:https?|mailto):[^\s<>`\\]*>|\\?<|\\[!-/:-@[-`{-~]|(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)|[[\]]|:\/\/|www\.|`+/gi;

/**
 * Escapes HTML in a paragraph, but not in its code spans: those which end in their
 * line, if no backtick in the paragraph can belong to something else.
 */
function escapeHtml(paragraph: string): string {
  const isCode = (token: string): boolean => /^`+[^`|]/.test(token) && !token.includes("|");
  let certain = ![...paragraph.matchAll(tokens)].some(([token]) => /^`+$/.test(token));
  return paragraph.replaceAll(tokens, (token) => {
    certain &&= !/^(?:[[\]]|:\/\/|www\.)$/i.test(token);
    if (token.startsWith("`")) {
      return certain && isCode(token) ? token : token.replaceAll("<", "&lt;");
    }
    return token.replace(/^\\?<$/, "&lt;");
  });
}
