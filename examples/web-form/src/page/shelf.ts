import type { Book } from "../gen/webform/v1/library_pb.js";
import { element } from "./element.js";

const shelf = element("shelf", HTMLElement);
const list = element("books", HTMLUListElement);
const count = element("count", HTMLElement);

/** Shows these books instead of those that are shown. */
export function fillShelf(books: readonly Book[]): void {
  list.replaceChildren();
  for (const book of books) list.prepend(item(book));
  update();
}

/** Shows these books above the others. */
export function addToShelf(books: readonly Book[]): void {
  for (const book of books) {
    const added = item(book);
    added.classList.add("new");
    list.prepend(added);
  }
  update();
}

function update(): void {
  const { length } = list.children;
  shelf.dataset["state"] = length === 0 ? "empty" : "filled";
  count.textContent = length === 0 ? "" : length === 1 ? "1 book" : `${length} books`;
}

function item({ title, author, publishedYear }: Book): HTMLLIElement {
  const cover = span("cover", title.slice(0, 1));
  // The title follows, so nobody needs to hear its first letter.
  cover.ariaHidden = "true";
  const entry = document.createElement("li");
  entry.append(cover, span("title", title), span("author", `${author}, ${publishedYear}`));
  return entry;
}

function span(className: string, text: string): HTMLSpanElement {
  const result = document.createElement("span");
  result.className = className;
  result.textContent = text;
  return result;
}
