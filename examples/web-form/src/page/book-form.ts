import { fieldViolations, type UndeclaredError } from "@grpclib-ts/runtime";
import type { LibraryServiceErrors, LibraryServiceStub } from "../gen/webform/v1/library_grpclib.js";
import { element } from "./element.js";
import { Fields } from "./fields.js";
import { hideNotice, showNotice } from "./notice.js";

const form = element("book-form", HTMLFormElement);
const result = element("result", HTMLElement);
const fields = new Fields(form);

/** Adds a book to the library when the form is sent. */
export function startForm(library: LibraryServiceStub): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // A button that is disabled would lose the focus.
    if (form.ariaBusy !== "true") void addBook(library);
  });
}

async function addBook(library: LibraryServiceStub): Promise<void> {
  hideNotice();
  fields.show(new Map());
  result.textContent = "";
  form.ariaBusy = "true";
  const outcome = await library.addBook.safe({ book: readBook() }, { timeout: 10_000 });
  form.ariaBusy = "false";
  if (!outcome.ok) return explain(outcome.error);
  form.reset();
  result.textContent = `“${outcome.value.book?.title}” is on the shelf`;
}

function readBook() {
  return {
    title: fields.text("book.title"),
    author: fields.text("book.author"),
    isbn: fields.text("book.isbn"),
    // What is not a number becomes a year that the server does not accept.
    publishedYear: Number.parseInt(fields.text("book.publishedYear"), 10) || 0,
  };
}

/** Has a case for each declared error. If the contract declares another one, this does not compile. */
function explain(error: LibraryServiceErrors.AddBook | UndeclaredError): void {
  switch (error.kind) {
    case "INVALID_ARGUMENT": {
      const others = fields.show(fieldViolations(error));
      if (others.length > 0) showNotice("The book cannot be added", others.join(". "));
      return;
    }
    case "BOOK_EXISTS": {
      const { title } = error.data.errorInfo.metadata;
      fields.show(new Map([["book.isbn", [`“${title}” has this ISBN, and is on the shelf`]]]));
      return;
    }
    case "BOOK_LOCKED": {
      const { errorInfo, retryInfo } = error.data;
      const text = "Two people cannot add a book at the same time. What you have typed stays here.";
      return showNotice(`${errorInfo.metadata.editor} is working on this book`, text, {
        action: () => form.requestSubmit(),
        after: retryInfo.retryDelay,
      });
    }
    case undefined: {
      // The error is not declared. If the server did not send it, the call has not reached it, or takes too long.
      const title = error.origin === "client" ? "The library cannot be reached" : "The library has a problem";
      return showNotice(title, "What you have typed stays here.", { action: () => form.requestSubmit() });
    }
    default:
      return error satisfies never;
  }
}
