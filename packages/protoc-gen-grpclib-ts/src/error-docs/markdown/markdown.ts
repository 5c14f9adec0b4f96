/** A section of a page, with a heading. */
export interface Section {
  /** The key by which other sections link to this one. */
  readonly subject: unknown;
  readonly level: number;
  readonly title: string;
  /** The blocks below the heading. */
  body(link: Link): readonly string[];
}

/** Renders a link to the section of a subject. */
export type Link = (subject: unknown, text: string) => string;

/** Renders a page. Its sections may link to later ones. */
export function renderPage(sections: readonly Section[]): string {
  const anchors = anchorsOf(sections);
  const link: Link = (subject, text) => `[${text}](#${anchors.get(subject)})`;
  const blocks = sections.flatMap(({ level, title, body }) => [`${"#".repeat(level)} ${title}`, ...body(link)]);
  return blocks.join("\n\n");
}

/**
 * The anchors that code hosts derive from headings: lower-case letters, digits,
 * `_` and `-`, with a number appended to duplicates. All titles here are ASCII.
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

/** Renders a table. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Renders names as code. */
export function names(list: readonly string[]): string {
  return list.map(code).join(", ");
}

/** Renders any text as code, in one line. */
function code(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  // Markdown removes one space from both sides.
  return /^[ `]|[ `]$/.test(line) ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}
