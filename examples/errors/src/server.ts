import { detail, GRPCError, Status } from "@grpclib-ts/runtime";
import { BadRequestSchema } from "@grpclib-ts/runtime/error-details";
import { LibraryServiceBase } from "./gen/errors/v1/library_grpclib.js";
import type { AddBookRequest } from "./gen/errors/v1/library_pb.js";
import { ShelfFullSchema } from "./gen/errors/v1/shelf_full_pb.js";

const shelf = { shelf: "A", capacity: 1 };

/** A handler fails a call by throwing a GRPCError: a status, a message for people, and typed details for programs. */
export class Library extends LibraryServiceBase {
  readonly #books: AddBookRequest[] = [];

  override async addBook(book: AddBookRequest) {
    const missing = (["title", "author"] as const).filter((field) => book[field] === "");
    if (missing.length > 0) {
      const fieldViolations = missing.map((field) => ({ field, description: "This field is required" }));
      throw new GRPCError(Status.INVALID_ARGUMENT, "Request validation failed", [
        detail(BadRequestSchema, { fieldViolations }),
      ]);
    }
    if (this.#books.length === shelf.capacity) {
      throw new GRPCError(Status.RESOURCE_EXHAUSTED, "No room for another book", [detail(ShelfFullSchema, shelf)]);
    }
    return { bookId: `book-${this.#books.push(book)}` };
  }
}
