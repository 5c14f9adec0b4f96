/** A part of a page, under a heading. */
export interface Section {
  /** What links to it mean. */
  readonly subject: unknown;
  readonly level: number;
  readonly title: string;
  /** The blocks below the heading. */
  body(link: Link): readonly string[];
}

/** A link to the section of a subject. */
export type Link = (subject: unknown, text: string) => string;

/** The text of a page. Links may point to sections that come later. */
export function renderPage(sections: readonly Section[]): string {
  const anchors = anchorsOf(sections);
  const link: Link = (subject, text) => `[${text}](#${anchors.get(subject)})`;
  const blocks = sections.flatMap(({ level, title, body }) => [`${"#".repeat(level)} ${title}`, ...body(link)]);
  return blocks.join("\n\n");
}

/**
 * The anchors that code hosts make of headings: small letters, digits, `_` and
 * `-`, and a number where that is taken. Titles here are ASCII.
 */
function anchorsOf(sections: readonly Section[]): ReadonlyMap<unknown, string> {
  const anchors = new Map<unknown, string>();
  const taken = new Set<string>();
  for (const { subject, title } of sections) {
    const slug = title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let number = 1; taken.has(anchor); number++) {
      anchor = `${slug}-${number}`;
    }
    taken.add(anchor);
    anchors.set(subject, anchor);
  }
  return anchors;
}

/** A table. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Comments are Markdown (https://google.aip.dev/192), but the headings of the page are not theirs. */
export function fromComment(comment: string): string[] {
  return comment === "" ? [] : [comment.replaceAll(/^( {0,3})(?=#)/gm, "$1\\")];
}

/** Names, as code. */
export function names(list: readonly string[]): string {
  return list.map((name) => `\`${name}\``).join(", ");
}
