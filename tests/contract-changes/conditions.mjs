/**
 * What can be wrong with a call, which version of the contract changes how servers say it, and what clients then get:
 * the kind, the status, what the error carries, and the number of attempts if there are several.
 *
 * `raise` is a function of the errors that GetBook declares, or the status of an undeclared error.
 *
 * The outcomes `before` and `after` are those of clients and servers on the same side of the change. Those of clients
 * and servers on different sides are what docs/contract-checks.md says. `code` is written for the contract before the
 * change; `breaksCode` is whether it does not compile after it.
 */
export const conditions = {
  recalled: {
    changedIn: 1,
    raise: {
      before: "FAILED_PRECONDITION",
      after: ({ BOOK_RECALLED }) => BOOK_RECALLED(""),
    },
    outcome: {
      before: "undeclared FAILED_PRECONDITION",
      after: "BOOK_RECALLED FAILED_PRECONDITION {}",
      oldClient: "undeclared FAILED_PRECONDITION",
      newClient: "undeclared FAILED_PRECONDITION",
    },
  },
  limit: {
    changedIn: 2,
    code: "(error: LibraryServiceErrors.GetBook.LOAN_LIMIT) => error.status === Status.RESOURCE_EXHAUSTED",
    breaksCode: true,
    raise: { before: ({ LOAN_LIMIT }) => LOAN_LIMIT(""), after: ({ LOAN_LIMIT }) => LOAN_LIMIT("") },
    outcome: {
      before: "LOAN_LIMIT RESOURCE_EXHAUSTED {}",
      after: "LOAN_LIMIT FAILED_PRECONDITION {}",
      oldClient: "undeclared FAILED_PRECONDITION",
      newClient: "undeclared RESOURCE_EXHAUSTED",
    },
  },
  invalid: {
    changedIn: 3,
    code: 'GetBook.INVALID_ARGUMENT("", { badRequest: {} })',
    breaksCode: false,
    raise: {
      before: ({ INVALID_ARGUMENT }) => INVALID_ARGUMENT("", { badRequest: {} }),
      after: ({ INVALID_ARGUMENT }) => INVALID_ARGUMENT("", { badRequest: {}, help: {} }),
    },
    outcome: {
      before: "INVALID_ARGUMENT INVALID_ARGUMENT badRequest",
      after: "INVALID_ARGUMENT INVALID_ARGUMENT badRequest help",
      oldClient: "INVALID_ARGUMENT INVALID_ARGUMENT badRequest",
      newClient: "INVALID_ARGUMENT INVALID_ARGUMENT badRequest",
    },
  },
  missing: {
    changedIn: 4,
    code: 'GetBook.BOOK_NOT_FOUND("", { metadata: { bookName: "", shelf: "" }, resourceInfo: {} })',
    breaksCode: true,
    raise: {
      before: ({ BOOK_NOT_FOUND }) =>
        BOOK_NOT_FOUND("", { metadata: { bookName: "emma", shelf: "A" }, resourceInfo: {} }),
      after: ({ BOOK_NOT_FOUND }) => BOOK_NOT_FOUND("", { metadata: { bookName: "emma" }, resourceInfo: {} }),
    },
    outcome: {
      before: 'BOOK_NOT_FOUND NOT_FOUND {"bookName":"emma","shelf":"A"} resourceInfo',
      after: 'BOOK_NOT_FOUND NOT_FOUND {"bookName":"emma"} resourceInfo',
      oldClient: 'BOOK_NOT_FOUND NOT_FOUND {"bookName":"emma","shelf":""} resourceInfo',
      newClient: 'BOOK_NOT_FOUND NOT_FOUND {"bookName":"emma","shelf":"A"} resourceInfo',
    },
  },
  damaged: {
    changedIn: 4,
    code: 'GetBook.BOOK_DAMAGED("")',
    breaksCode: true,
    raise: { before: ({ BOOK_DAMAGED }) => BOOK_DAMAGED(""), after: ({ Damaged }) => Damaged("") },
    outcome: {
      before: "BOOK_DAMAGED ABORTED {}",
      after: "Damaged ABORTED {}",
      oldClient: "BOOK_DAMAGED ABORTED {}",
      newClient: "Damaged ABORTED {}",
    },
  },
  expired: {
    changedIn: 5,
    code: 'GetBook.TOKEN_EXPIRED("")',
    breaksCode: false,
    raise: { before: ({ TOKEN_EXPIRED }) => TOKEN_EXPIRED(""), after: ({ TOKEN_EXPIRED }) => TOKEN_EXPIRED("") },
    outcome: {
      before: "TOKEN_EXPIRED UNAUTHENTICATED {}",
      after: "TOKEN_EXPIRED UNAUTHENTICATED {}",
      oldClient: "TOKEN_EXPIRED UNAUTHENTICATED {}",
      newClient: "TOKEN_EXPIRED UNAUTHENTICATED {}",
    },
  },
  moving: {
    changedIn: 6,
    code: 'GetBook.MOVING("")',
    breaksCode: true,
    raise: { before: ({ MOVING }) => MOVING(""), after: ({ MOVING }) => MOVING("", { retryInfo: {} }) },
    outcome: {
      before: "MOVING ABORTED {}",
      after: "MOVING ABORTED {} retryInfo",
      oldClient: "MOVING ABORTED {}",
      newClient: "undeclared ABORTED",
    },
  },
  lent: {
    changedIn: 8,
    code: "(error: LibraryServiceErrors.GetBook.CHECKED_OUT): string => error.data.checkedOut.until",
    breaksCode: true,
    raise: {
      before: ({ CHECKED_OUT }) => CHECKED_OUT("", { checkedOut: {} }),
      after: ({ CHECKED_OUT }) => CHECKED_OUT(""),
    },
    outcome: {
      before: "CHECKED_OUT FAILED_PRECONDITION {} checkedOut",
      after: "CHECKED_OUT FAILED_PRECONDITION {}",
      oldClient: "undeclared FAILED_PRECONDITION",
      newClient: "CHECKED_OUT FAILED_PRECONDITION {} checkedOut",
    },
  },
  closed: {
    changedIn: 10,
    code: "(error: LibraryServiceErrors.GetBook.CLOSED): true => error.retryable",
    breaksCode: true,
    raise: {
      before: ({ CLOSED }) => CLOSED("", { retryInfo: { retryDelay: { nanos: 1 } } }),
      after: ({ CLOSED }) => CLOSED("", { retryInfo: { retryDelay: { nanos: 1 } } }),
    },
    outcome: {
      before: "CLOSED UNAVAILABLE {} retryInfo, 4 attempts",
      after: "CLOSED UNAVAILABLE {} retryInfo",
      oldClient: "CLOSED UNAVAILABLE {} retryInfo, 4 attempts",
      newClient: "CLOSED UNAVAILABLE {} retryInfo",
    },
  },
  banned: {
    changedIn: 10,
    code: 'GetBook.BANNED("")',
    breaksCode: true,
    raise: { before: ({ BANNED }) => BANNED(""), after: "PERMISSION_DENIED" },
    outcome: {
      before: "BANNED PERMISSION_DENIED {}",
      after: "undeclared PERMISSION_DENIED",
      oldClient: "undeclared PERMISSION_DENIED",
      newClient: "undeclared PERMISSION_DENIED",
    },
  },
};
