import type { DetailType } from "../../contracts/declared-error.js";
import type { DocumentedError } from "../catalogue.js";
import { documentedAt, factsOf, type Value } from "../facts.js";
import { type Link, names, type Section } from "./markdown.js";
import { fromComment } from "./prose.js";

/** Renders an error: its comment, and the facts about it. `level` is that of its heading. */
export function errorSection(error: DocumentedError, level: number): Section {
  return {
    subject: error,
    level,
    title: `${names([error.kind])} (${names([error.owner])})`,
    body: (link) => [
      ...fromComment(error.comment),
      factsOf(error)
        .map(({ term, values }) => `- ${term}: ${values.map((value) => render(value, link)).join(", ")}`)
        .join("\n"),
    ],
  };
}

function render(value: Value, link: Link): string {
  switch (value.kind) {
    case "code":
      return [names([value.text]), ...(value.note === undefined ? [] : [value.note])].join(" ");
    case "type":
      return typeLink(value.type, link);
    case "prose":
      return value.parts.map((part) => (typeof part === "string" ? part : render(part, link))).join("");
  }
}

function typeLink(type: DetailType, link: Link): string {
  const name = names([type.typeName]);
  const url = documentedAt(type);
  return url === undefined ? link(type.desc, name) : `[${name}](${url})`;
}
