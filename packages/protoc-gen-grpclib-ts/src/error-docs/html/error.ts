import type { DetailType } from "../../contracts/declared-error.js";
import type { DocumentedError } from "../catalogue.js";
import { documentedAt, type Fact, factsOf, type Value } from "../facts.js";
import { httpStatusOf } from "../rest.js";
import { type Html, html } from "./html.js";
import { fromComment } from "./prose.js";

/** The anchor of a part of the page. An error can have the same key as a method. */
export function idOf(part: "service" | "method" | "error" | "type", key: string): string {
  return `${part}-${key}`;
}

/** The text that the search compares with. */
export function searchText(words: readonly string[]): string {
  return words.join(" ").toLowerCase();
}

/** Renders links to errors. */
export function errorChips(errors: readonly DocumentedError[]): Html {
  const chips = errors.map(
    (error) => html`<li><a href="#${idOf("error", error.key)}"><code>${error.kind}</code></a></li>`,
  );
  return html`<ul class="chips" aria-label="Errors">${chips}</ul>
`;
}

/** Renders an error: its comment, and the facts about it. `level` is that of its heading. */
export function errorCard(error: DocumentedError, level: 3 | 4): Html {
  const { kind, owner, comment, status, retryable } = error;
  const http = httpStatusOf(error);
  const facts = factsOf(error);
  const text = searchText([
    ...[owner, kind, String(http), comment],
    ...facts.flatMap(({ values }) => values.map(textOf)),
  ]);
  const name = html`<code>${kind}</code>`;
  return html`<article class="card error" id="${idOf("error", error.key)}" data-text="${text}">
<header>${level === 3 ? html`<h3>${name}</h3>` : html`<h4>${name}</h4>`}
<span class="badge ${http < 500 ? "client" : "server"}">${status}</span> <span class="badge plain">HTTP ${http}</span>${
    retryable ? html` <span class="badge plain">retryable</span>` : ""
  }</header>
${comment === "" ? "" : html`<div class="prose">${fromComment(comment)}</div>\n`}<dl>
${facts.map(factRow)}</dl>
</article>
`;
}

function factRow({ term, values }: Fact): Html {
  const list = values.map((value, i) => html`${i === 0 ? "" : ", "}${render(value)}`);
  return html`<dt>${term}</dt><dd>${list}</dd>
`;
}

function render(value: Value): Html {
  switch (value.kind) {
    case "code":
      return html`<code>${value.text}</code>${value.note === undefined ? "" : ` ${value.note}`}`;
    case "type":
      return typeLink(value.type);
    case "prose":
      return html`${value.parts.map((part) => (typeof part === "string" ? html`${part}` : render(part)))}`;
  }
}

function typeLink(type: DetailType): Html {
  const { typeName } = type;
  return html`<a href="${documentedAt(type) ?? `#${idOf("type", typeName)}`}"><code>${typeName}</code></a>`;
}

function textOf(value: Value): string {
  switch (value.kind) {
    case "code":
      return value.text;
    case "type":
      return value.type.typeName;
    case "prose":
      return value.parts.map((part) => (typeof part === "string" ? part : textOf(part))).join("");
  }
}
