/**
 * Uses the code generated for contracts/*.proto in ways that the types forbid.
 *
 * The comment above each wrong line lists the error codes that all type-checkers
 * report for it. No other line has errors.
 */
import { GRPCError, mapErrors, Status } from "@grpclib-ts/runtime";
import { BadRequestSchema, ResourceInfoSchema } from "@grpclib-ts/runtime/error-details";
import { CommonSharedErrors } from "../contracts/common/errors_grpclib.js";
import { DetailsBase, DetailsErrors, type DetailsStub } from "../contracts/details_grpclib.js";
import { LibraryServiceBase, LibraryServiceErrors, type LibraryServiceStub } from "../contracts/library_grpclib.js";
import { MessagesErrors } from "../contracts/messages_grpclib.js";
import { SharedBase, SharedErrors } from "../contracts/service_errors_grpclib.js";
import { BooksErrors, type ShelvesErrors } from "../contracts/shared_grpclib.js";

const { GetBook } = LibraryServiceErrors;

// TS2554: the data is missing
GetBook.BOOK_NOT_FOUND("");
// TS2345 (TS2741 in 7): a detail is missing
GetBook.BOOK_NOT_FOUND("", { metadata: { bookName: "" } });
// TS2345 (TS2741 in 7): the metadata is missing
GetBook.BOOK_NOT_FOUND("", { resourceInfo: {} });
// TS2741: a key of the metadata is missing
GetBook.BOOK_NOT_FOUND("", { metadata: {}, resourceInfo: {} });
// TS2322: the value in the metadata has another type
GetBook.BOOK_NOT_FOUND("", { metadata: { bookName: 5 }, resourceInfo: {} });
// TS2561: a key of the metadata has a typo
GetBook.BOOK_NOT_FOUND("", { metadata: { bookName: "", bookNam: "" }, resourceInfo: {} });
// TS2561: the only key of the metadata has a typo
GetBook.BOOK_NOT_FOUND("", { metadata: { bookNam: "" }, resourceInfo: {} });
// TS2353: the contract does not declare the key
GetBook.BOOK_NOT_FOUND("", { metadata: { bookName: "", shelf: "" }, resourceInfo: {} });
// TS2322: the contract declares no keys
GetBook.TOKEN_EXPIRED("", { metadata: { since: "today" } });
// TS2353: the error has no ErrorInfo
GetBook.INVALID_ARGUMENT("", { badRequest: {} }, { errorInfoMetadata: { since: "today" } });
// TS2561: the detail has no such field
GetBook.BOOK_NOT_FOUND("", { metadata: { bookName: "" }, resourceInfo: { resourceNam: "" } });
// TS2322: the field has another type
GetBook.BOOK_CHECKED_OUT("", { bookCheckedOut: { dueDate: 5 } });
// TS2353: the detail belongs to another error
GetBook.INVALID_ARGUMENT("", { badRequest: {}, resourceInfo: {} });
// TS2322: the error has no data
DetailsErrors.StatusOnly.CANCELLED("", { metadata: {} });
// TS2345: the contract has the message
MessagesErrors.GetBook.TOKEN_EXPIRED("");
// TS2345: the contract has the message, and the data is the second argument
MessagesErrors.DeleteBook.BOOK_NOT_FOUND("", { metadata: { bookName: "", shelf: "" } });
// TS2554: the variables of the message are missing
MessagesErrors.DeleteBook.BOOK_NOT_FOUND();
// TS2741: a variable of the message is missing
MessagesErrors.DeleteBook.BOOK_NOT_FOUND({ metadata: { bookName: "" } });
// TS2353: the message has no such variable
MessagesErrors.DeleteBook.BOOK_NOT_FOUND({ metadata: { bookName: "", shelf: "", author: "" } });
// TS2345: the contract has no message
MessagesErrors.GetBook.CLOSED({});
// TS2339: there is no such error
GetBook.BOOK_LOST("");
// TS2339: another method declares the error
LibraryServiceErrors.AddBooks.BOOK_NOT_FOUND("", { metadata: { bookName: "" }, resourceInfo: {} });
// TS2339: the method declares no errors
DetailsErrors.Nothing;
// TS2694: there is no such error
export type Lost = LibraryServiceErrors.GetBook.BOOK_LOST;
// TS2353: an initializer is not a detail
new GRPCError(Status.INVALID_ARGUMENT, "", [{ fieldViolations: [] }]);
// TS2345: the number is not a status
new GRPCError(99, "");
// TS2322: an exception is mapped to an error that another method declares
mapErrors([[TypeError, () => DetailsErrors.StatusOnly.CANCELLED("")]], { errors: GetBook });
// TS2322: an exception is mapped to an undeclared error
mapErrors([[TypeError, () => new GRPCError(Status.NOT_FOUND, "")]], { errors: GetBook });
// TS2554: the data of the shared error is missing
CommonSharedErrors.MAINTENANCE("");
// TS2345 (TS2741 in 7): a detail of the shared error is missing
CommonSharedErrors.MAINTENANCE("", { metadata: { until: "" } });
// TS2322: the shared error declares no keys
BooksErrors.ListBooks.TOKEN_EXPIRED("", { metadata: { since: "today" } });
// TS2339: the method does not declare the shared error
BooksErrors.ListBooks.LOCKED("");
// TS2694: the method does not declare the shared error
export type Locked = BooksErrors.ListBooks.LOCKED;
// TS1360: the method declares another shared error only
CommonSharedErrors.TOKEN_EXPIRED("") satisfies ShelvesErrors.AddShelf;
// TS2322: an exception is mapped to a shared error that the method does not declare
mapErrors([[TypeError, () => CommonSharedErrors.LOCKED("")]], { errors: BooksErrors.ListBooks });

/** Returns errors whose `name` and `message` match fields of the response. */
export abstract class ReturnsBook extends LibraryServiceBase {
  // TS2416: a declared error is returned instead of thrown
  override async getBook() {
    return GetBook.TOKEN_EXPIRED("");
  }

  // TS2416: an undeclared error is yielded instead of thrown
  override async *watchBooks() {
    yield new GRPCError(Status.NOT_FOUND, "");
  }

  // TS2416: another kind of error is returned instead of thrown
  override async addBooks() {
    return new TypeError("");
  }
}

/** Returns errors instead of throwing them. */
export abstract class Returns extends DetailsBase {
  // TS2416: a declared error is returned instead of thrown
  override async relative() {
    return DetailsErrors.Relative.NOT_FOUND("", { outer: {} });
  }

  // TS2416: another method's error is returned instead of thrown
  override async absolute() {
    return DetailsErrors.StatusOnly.CANCELLED("");
  }

  // TS2416: an undeclared error is returned instead of thrown
  override async statusOnly() {
    return new GRPCError(Status.NOT_FOUND, "");
  }
}

/** Returns and yields errors in plain functions. */
export const returns: SharedBase = SharedBase.of({
  // TS2322: a declared error is returned instead of thrown
  getBook: () => SharedErrors.GetBook.TOKEN_EXPIRED(""),
  // TS2322: a declared error is yielded instead of thrown
  async *listBooks() {
    yield SharedErrors.ListBooks.TOKEN_EXPIRED("");
  },
});

/** Uses results without the checks that they need. */
export async function results(library: LibraryServiceStub, details: DetailsStub): Promise<void> {
  // TS2339: a stream has no single outcome
  library.watchBooks.safe({});

  const result = await library.getBook.safe({ name: "x" });
  // TS18048: there may be no value
  result.value.title;
  // TS18048: there may be no error
  result.error.kind;
  if (result.ok) {
    return;
  }

  const { error } = result;
  // TS18048, TS2339: it is not known which error it is
  error.data.resourceInfo;
  switch (error.kind) {
    // TS2678: there is no such kind
    case "BOOK_NOT_FOND":
      break;
    default:
  }
  switch (error.kind) {
    case "BOOK_NOT_FOUND":
    case "INVALID_ARGUMENT":
    case "TOKEN_EXPIRED":
    case undefined:
      break;
    default:
      // TS1360: an error is not handled
      error satisfies never;
  }
  // TS2367: the method declares no error with the status
  if (error.kind !== undefined && error.status === Status.ABORTED) {
    return;
  }
  if (error.kind === "BOOK_NOT_FOUND") {
    // TS2339: the detail belongs to another error
    error.data.badRequest;
    // TS2367: the error has another reason
    error.data.errorInfo.reason === "NOPE";
  } else if (error.kind === "INVALID_ARGUMENT") {
    // TS18048: the detail may be missing
    error.data.help.links;
  } else if (error.kind === undefined) {
    // TS2532: the detail may be missing
    error.detail(ResourceInfoSchema).resourceName;
  }

  const { error: other } = await library.addBooks.safe([]);
  // TS2367: another method declares the error
  if (other?.kind === "BOOK_NOT_FOUND") {
    return;
  }
  const { error: undeclared } = await details.nothing.safe({});
  switch (undeclared?.kind) {
    // TS2678: the method declares no errors
    case "BOOK_NOT_FOUND":
      break;
    default:
  }
}

/** Uses caught errors without the checks that they need. */
export async function caught(stub: LibraryServiceStub): Promise<void> {
  try {
    await stub.getBook({ name: "x" });
  } catch (error) {
    // TS18046: anything may be thrown
    error.status;
    if (stub.addBooks.errors.is(error)) {
      // TS2339: another method declares the error
      error.data.resourceInfo;
    } else if (error instanceof GRPCError) {
      // TS18048: there may be no details
      error.details[0];
      // TS2339: details are of any type
      error.details?.[0]?.fieldViolations;
      // TS2532: the detail may be missing
      error.detail(BadRequestSchema).fieldViolations;
      // TS2339: any error may come from a call
      error.data?.resourceInfo;
    }
  }
}
