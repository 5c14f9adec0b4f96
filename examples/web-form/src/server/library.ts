import { EventEmitter, once } from "node:events";
import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Init, ServerContext } from "@grpclib-ts/runtime";
import { LibraryServiceBase, LibraryServiceErrors } from "../gen/webform/v1/library_grpclib.js";
import { type AddBookRequest, type Book, BookSchema, type WatchBooksRequest } from "../gen/webform/v1/library_pb.js";
import { violationsOf } from "./rules.js";

const { AddBook } = LibraryServiceErrors;

/** A book that somebody else is working on: from the first time that it is added, for a time in milliseconds. */
export interface Lock {
  readonly isbn: string;
  readonly editor: string;
  readonly time: number;
}

/** The library, which keeps its books in memory. */
export class Library extends LibraryServiceBase {
  readonly #books: Init<Book>[];
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #lock: Lock | undefined;
  #lockedUntil: number | undefined;

  constructor(books: readonly Init<Book>[], lock?: Lock) {
    super();
    this.#books = [...books];
    this.#lock = lock;
  }

  override async addBook(request: AddBookRequest) {
    const { isbn, ...rest } = request.book ?? create(BookSchema);
    const book = { ...rest, isbn: isbn.replaceAll(/[-\s]/g, "") };

    const fieldViolations = violationsOf(book);
    if (fieldViolations.length > 0) throw AddBook.INVALID_ARGUMENT({ badRequest: { fieldViolations } });

    const existing = this.#books.find((other) => other.isbn === book.isbn);
    if (existing !== undefined) throw AddBook.BOOK_EXISTS({ metadata: { title: existing.title ?? "" } });

    this.#checkLock(book.isbn);
    this.#books.push(book);
    this.#changes.emit("added");
    return { book };
  }

  override async *watchBooks(_request: WatchBooksRequest, { signal }: ServerContext) {
    for (let sent = 0; ; ) {
      const books = this.#books.slice(sent);
      sent += books.length;
      yield { books };
      if (sent === this.#books.length) await once(this.#changes, "added", { signal });
    }
  }

  /** Stands for a database that locks what somebody else is about to change. */
  #checkLock(isbn: string): void {
    if (this.#lock?.isbn !== isbn) return;
    this.#lockedUntil ??= Date.now() + this.#lock.time;
    const left = this.#lockedUntil - Date.now();
    if (left <= 0) return;
    throw AddBook.BOOK_LOCKED({
      metadata: { editor: this.#lock.editor },
      retryInfo: { retryDelay: durationFromMs(left) },
    });
  }
}
