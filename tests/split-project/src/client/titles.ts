import { type GRPCError, Status } from "@grpclib-ts/runtime";
import type { GetBookResponse, LibraryServiceErrors, LibraryServiceStub } from "./gen/library/v1/index.js";

/** Shows the title of a book, or why there is none. */
export async function titleOf(library: LibraryServiceStub, name: string): Promise<string> {
  const { ok, value, error } = await library.getBook.safe({ name });
  return ok ? shown(value) : explained(error);
}

function shown({ title }: GetBookResponse): string {
  return title;
}

function explained(error: LibraryServiceErrors.GetBook | GRPCError): string {
  return error.kind === "BOOK_NOT_FOUND" ? "not found" : Status[error.status];
}

/** All titles. */
export async function titles(library: LibraryServiceStub): Promise<string[]> {
  const found: string[] = [];
  for await (const { title } of library.watchBooks({})) found.push(title);
  return found;
}
