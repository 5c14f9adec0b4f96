/**
 * Uses the code generated for contracts/shared*.proto. Type-checkers must accept this file.
 */
import { type GRPCError, mapErrors, type ServerInterceptor } from "@grpclib-ts/runtime";
import { CommonSharedErrors } from "../contracts/common/errors_grpclib.js";
import { BooksErrors, type BooksStub, ShelfErrors, ShelvesErrors } from "../contracts/shared_grpclib.js";
import { NamesErrors } from "../contracts/shared_names_grpclib.js";

/** A shared error has one type, whichever path leads to it. */
export const sharedErrors: readonly CommonSharedErrors.TOKEN_EXPIRED[] = [
  CommonSharedErrors.TOKEN_EXPIRED("") satisfies BooksErrors.AddBook,
  BooksErrors.ListBooks.TOKEN_EXPIRED("") satisfies BooksErrors.AddBook.TOKEN_EXPIRED,
  NamesErrors.CommonSharedErrors.TOKEN_EXPIRED("") satisfies BooksErrors.ListBooks,
];

/** The functions of shared errors take the declared data. */
export const errorsWithData: readonly GRPCError[] = [
  ShelfErrors.SHELF_FULL("", { quotaFailure: {} }) satisfies BooksErrors.AddBook.SHELF_FULL satisfies ShelfErrors,
  BooksErrors.AddBook.LOCKED("", { lock: { owner: "" } }, { errorInfoMetadata: { since: "today" } }),
  ShelvesErrors.AddShelf.MAINTENANCE("", { metadata: { until: "" }, retryInfo: {} }),
];

/** Maps an exception to a shared error, which the method declares. */
export const sharedMapping: ServerInterceptor = mapErrors([[TypeError, () => CommonSharedErrors.TOKEN_EXPIRED("")]], {
  errors: BooksErrors.AddBook,
});

/** Handles the shared errors of any method. */
export function describeShared(error: unknown): string | undefined {
  if (!CommonSharedErrors.is(error)) {
    return undefined;
  }
  switch (error.kind) {
    case "TOKEN_EXPIRED":
      return error.data.errorInfo.domain satisfies "example.com";
    case "MAINTENANCE":
      return (error.retryable satisfies true) ? error.data.errorInfo.metadata.until : "";
    case "LOCKED":
      return error.data.lock?.owner;
    default:
      return error satisfies never;
  }
}

/** Passes the errors of a method to a function for shared errors. */
export async function sharedAndOwn(books: BooksStub): Promise<string | undefined> {
  const { error } = await books.addBook.safe({});
  switch (error?.kind) {
    case "TOKEN_EXPIRED":
    case "LOCKED":
      return describeShared(error satisfies CommonSharedErrors);
    case "SHELF_FULL":
      return error.data.quotaFailure.violations[0]?.subject;
    case "CHECKED_OUT":
    case undefined:
      return error?.message;
    default:
      return error satisfies never;
  }
}
