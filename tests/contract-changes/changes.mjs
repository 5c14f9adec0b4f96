/**
 * The changes from each version of library.proto to the next: what is replaced by what, and what `buf breaking`
 * reports, as `<line>:<column>:<message>`.
 *
 * @type {readonly { title: string, edits: readonly (readonly [from: string | RegExp, to: string])[], reports: readonly string[] }[]}
 */
export const changes = [
  {
    title: "an error is added",
    edits: [
      [
        "    // The caller has too many books.",
        `    // Its owner wants the book back.
    option (grpclib.v1.errors) = {
      status: FAILED_PRECONDITION
      reason: "BOOK_RECALLED"
    };
    // The caller has too many books.`,
      ],
    ],
    reports: [],
  },
  {
    title: "a status changes",
    edits: [["status: RESOURCE_EXHAUSTED", "status: FAILED_PRECONDITION"]],
    reports: [
      "41:5:LOAN_LIMIT changed its status from RESOURCE_EXHAUSTED to FAILED_PRECONDITION. " +
        "Declare a new error instead, and keep this one.",
    ],
  },
  {
    title: "an optional detail is added",
    edits: [['"google.rpc.BadRequest"', '"google.rpc.BadRequest"\n      optional_details: "google.rpc.Help"']],
    reports: [],
  },
  {
    title: "a metadata key is deleted, and an error is renamed",
    edits: [
      ['      metadata: "shelf"\n', ""],
      ['reason: "BOOK_DAMAGED"', 'reason: "BOOK_DAMAGED"\n      name: "Damaged"'],
    ],
    reports: [
      '17:5:BOOK_NOT_FOUND no longer has the metadata key "shelf". Keep it.',
      '51:5:BOOK_DAMAGED changed its name from BOOK_DAMAGED to Damaged. Set name: "BOOK_DAMAGED".',
    ],
  },
  {
    title: "an error of all methods becomes one of the service",
    edits: [
      [/ {4}\/\/ The token of the caller has expired\.\n.*\n.*\n.*TOKEN_EXPIRED"\n.*\n/g, ""],
      [
        "  rpc GetBook(",
        `  // The token of the caller has expired.
  option (grpclib.v1.service_errors).errors = {
    status: UNAUTHENTICATED
    reason: "TOKEN_EXPIRED"
  };

  rpc GetBook(`,
      ],
    ],
    reports: [],
  },
  {
    title: "a detail becomes required",
    edits: [['reason: "MOVING"', 'reason: "MOVING"\n      details: "google.rpc.RetryInfo"']],
    reports: ["47:5:MOVING now requires google.rpc.RetryInfo. List it in optional_details until all servers send it."],
  },
  {
    title: "an rpc with errors is added",
    edits: [
      [
        "  rpc ReturnBook(",
        `  rpc RenewBook(ReturnBookRequest) returns (ReturnBookResponse) {
    // Others are waiting for the book.
    option (grpclib.v1.errors) = {
      status: FAILED_PRECONDITION
      reason: "RESERVED"
    };
  }

  rpc ReturnBook(`,
      ],
    ],
    reports: [],
  },
  {
    title: "a required detail becomes optional",
    edits: [['      details: "CheckedOut"', '      optional_details: "CheckedOut"']],
    reports: [
      "31:5:CHECKED_OUT no longer requires library.v1.CheckedOut. Old clients do not recognise the error without it.",
    ],
  },
  {
    title: "comments and the order of errors change",
    edits: [
      [/( {4}\/\/ The request is malformed\.\n(?:.*\n){5})/, ""],
      [
        "    // There is no such book.",
        `    // Something is wrong with the request.
    option (grpclib.v1.errors) = {
      status: INVALID_ARGUMENT
      details: "google.rpc.BadRequest"
      optional_details: "google.rpc.Help"
    };
    // No book has this name.`,
      ],
    ],
    reports: [],
  },
  {
    title: "an error is no longer retryable, and another is deleted",
    edits: [
      ["      retryable: true\n", ""],
      [/ {4}\/\/ The caller may not borrow books\.\n(?:.*\n){4}/, ""],
    ],
    reports: [
      "16:3:GetBook no longer declares BANNED.",
      "59:5:CLOSED is no longer retryable, but old clients repeat the call. Declare a new error.",
    ],
  },
];
