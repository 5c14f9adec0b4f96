/**
 * Uses the code generated for contracts/*.proto. Type-checkers must accept this file.
 */
import { create } from "@bufbuild/protobuf";
import { detail, GRPCError, mapErrors, type ServerInterceptor, Status } from "@grpclib-ts/runtime";
import type { Transport } from "@grpclib-ts/runtime/codegen";
import { BadRequestSchema, LocalizedMessageSchema } from "@grpclib-ts/runtime/error-details";
import { DetailsErrors, DetailsStub } from "../contracts/details_grpclib.js";
import { LibraryServiceBase, LibraryServiceErrors, LibraryServiceStub } from "../contracts/library_grpclib.js";
import { type Book, BookCheckedOutSchema, type GetBookRequest } from "../contracts/library_pb.js";
import { MessagesErrors } from "../contracts/messages_grpclib.js";
import { NamesErrors } from "../contracts/names_grpclib.js";
import { SharedErrors } from "../contracts/service_errors_grpclib.js";

const { GetBook } = LibraryServiceErrors;

/** Throws errors that the methods declare, and one that they do not. */
export class Library extends LibraryServiceBase {
  override async getBook({ name }: GetBookRequest): Promise<Book> {
    switch (name) {
      case "missing":
        throw GetBook.BOOK_NOT_FOUND(
          `no book ${name}`,
          { metadata: { bookName: name }, resourceInfo: { resourceType: "book", resourceName: name } },
          { errorInfoMetadata: { alsoTried: "shelf" } },
        );
      case "malformed":
        throw GetBook.INVALID_ARGUMENT("malformed", { badRequest: { fieldViolations: [{ field: "name" }] } });
      case "malformed, with help":
        throw GetBook.INVALID_ARGUMENT("malformed", { badRequest: create(BadRequestSchema), help: { links: [] } });
      case "out":
        throw GetBook.BOOK_CHECKED_OUT("out", { bookCheckedOut: create(BookCheckedOutSchema, { dueDate: "2199" }) });
      case "expired":
        throw GetBook.TOKEN_EXPIRED("expired", undefined, { cause: name, details: [create(LocalizedMessageSchema)] });
      default:
        throw new GRPCError(Status.ABORTED, "not declared", [detail(BookCheckedOutSchema, { book: name })]);
    }
  }

  // biome-ignore lint/correctness/useYield: the method always throws
  override async *watchBooks(): AsyncGenerator<Book> {
    throw LibraryServiceErrors.WatchBooks.RESOURCE_EXHAUSTED("slow down", { quotaFailure: {}, retryInfo: {} });
  }

  override async addBooks(): Promise<Book> {
    throw LibraryServiceErrors.AddBooks.TOKEN_EXPIRED("expired");
  }

  // biome-ignore lint/correctness/useYield: the method always throws
  override async *tradeBooks(): AsyncGenerator<Book> {
    throw LibraryServiceErrors.TradeBooks.TOKEN_EXPIRED("expired", {}, { errorInfoMetadata: { since: "today" } });
  }
}

/** Map exceptions to errors that a method declares, itself or with all methods of its service, and to any errors. */
export const mappings: readonly ServerInterceptor[] = [
  mapErrors(
    [
      [RangeError, ({ message }) => GetBook.INVALID_ARGUMENT(message, { badRequest: {} })],
      [TypeError, async () => GetBook.TOKEN_EXPIRED("expired")],
    ],
    { errors: GetBook },
  ),
  mapErrors([
    [RangeError, () => LibraryServiceErrors.WatchBooks.RESOURCE_EXHAUSTED("", { quotaFailure: {}, retryInfo: {} })],
    [TypeError, () => new GRPCError(Status.ABORTED, "not declared")],
  ]),
];

/** Catches the errors of a call. The types show that every declared error is handled. */
export async function caught(stub: LibraryServiceStub): Promise<string> {
  try {
    return (await stub.getBook({ name: "x" })).title;
  } catch (error) {
    if (stub.getBook.errors.is(error)) {
      return describe(error);
    }
    if (error instanceof GRPCError) {
      return error.detail(BadRequestSchema)?.fieldViolations[0]?.field ?? error.message;
    }
    throw error;
  }
}

function describe(error: LibraryServiceErrors.GetBook): string {
  switch (error.kind) {
    case "BOOK_NOT_FOUND":
      return error.data.resourceInfo.resourceName + error.data.errorInfo.metadata.bookName;
    case "INVALID_ARGUMENT":
      return `${error.data.badRequest.fieldViolations.length} ${error.data.help?.links.length ?? "no"} links`;
    case "BOOK_CHECKED_OUT":
      return error.data.bookCheckedOut.dueDate;
    case "TOKEN_EXPIRED":
      return reauthenticate(error);
    default:
      return error satisfies never;
  }
}

/** Accepts the error from any method that declares it. */
function reauthenticate({ data }: LibraryServiceErrors.AddBooks.TOKEN_EXPIRED): "library.example.com" {
  return data.errorInfo.domain;
}

/** Distinguishes the errors of a result by their kinds. */
export async function byKind(stub: LibraryServiceStub): Promise<string> {
  const result = await stub.getBook.safe({ name: "x" });
  if (result.ok) {
    return result.value.title;
  }
  switch (result.error.kind) {
    case "BOOK_NOT_FOUND":
      return result.error.data.resourceInfo.resourceName;
    case "INVALID_ARGUMENT":
    case "BOOK_CHECKED_OUT":
    case "TOKEN_EXPIRED":
      return describe(result.error);
    case undefined:
      throw result.error;
    default:
      return result.error satisfies never;
  }
}

/** Distinguishes the errors of a result by their statuses. */
export async function byStatus(stub: LibraryServiceStub): Promise<string> {
  const { error, value } = await stub.getBook.safe({ name: "x" });
  if (error === undefined) {
    return value.title;
  }
  if (error.kind === undefined) {
    throw error;
  }
  switch (error.status) {
    case Status.NOT_FOUND:
      return error.data.resourceInfo.resourceName;
    case Status.INVALID_ARGUMENT:
      return error.data.badRequest.fieldViolations[0]?.field ?? "";
    case Status.FAILED_PRECONDITION:
      return error.data.bookCheckedOut.dueDate;
    case Status.UNAUTHENTICATED:
      return error.data.errorInfo.reason;
    default:
      return error satisfies never;
  }
}

/** Uses the contracts of streaming methods. */
export async function streams(channel: Transport): Promise<unknown> {
  const stub = new LibraryServiceStub(channel);
  try {
    for await (const _ of stub.watchBooks({})) {
      await stub.addBooks.safe([]);
    }
  } catch (error) {
    if (stub.watchBooks.errors.is(error) && error.kind === "RESOURCE_EXHAUSTED") {
      return error.data.retryInfo.retryDelay?.seconds;
    }
    return stub.tradeBooks.errors.is(error) && error.data.errorInfo.reason === "TOKEN_EXPIRED";
  }
  const undeclared = await new DetailsStub(channel).nothing.safe({});
  return undeclared.error?.kind satisfies undefined;
}

/** Errors of other contracts. */
export const others: readonly GRPCError[] = [
  DetailsErrors.Relative.ABORTED("", { inner: { name: "" }, full: { shelf: "" } }),
  DetailsErrors.StatusOnly.CANCELLED("", {}, { cause: "" }),
  SharedErrors.GetBook.MAINTENANCE("", { metadata: { until: "", statusPage: "" } }),
  NamesErrors.Status.GRPCError("", { badRequest: {}, help: {} }),
  NamesErrors.delete.Request("", { request: {}, status: {} }) satisfies NamesErrors.delete$,
  NamesErrors.keyof.BadRequest("", { badRequest: {} }) satisfies NamesErrors.keyof$.BadRequest,
  // biome-ignore lint/suspicious/noProto: it is the name of an rpc
  NamesErrors.__proto__.BadRequest("", { badRequest: {} }) satisfies NamesErrors.__proto__.BadRequest,
  MessagesErrors.GetBook.BOOK_NOT_FOUND({ metadata: { bookName: "", shelf: "" }, resourceInfo: {} }),
  MessagesErrors.GetBook.INVALID_ARGUMENT({ badRequest: {} }, { cause: "" }),
  MessagesErrors.GetBook.TOKEN_EXPIRED() satisfies MessagesErrors.DeleteBook,
  MessagesErrors.GetBook.TOKEN_EXPIRED({}, { errorInfoMetadata: { since: "today" } }),
  MessagesErrors.GetBook.CLOSED("The server writes the message"),
];
