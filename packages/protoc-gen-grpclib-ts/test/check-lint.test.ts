import { expect, test } from "vitest";
import { RuleType } from "../src/gen/buf/plugin/check/v1/check_service_pb.js";
import { listedRules, violationsIn } from "./support/check.js";

/** A service whose method Get has an option on line 5, below a comment. */
function library(error: string, { service = "", list = "", comment = "// Occurs." } = {}): string {
  return `syntax = "proto3"; package library; import "grpclib/v1/errors.proto"; message Request {}
service Library { ${service}
  rpc Get(Request) returns (Request) {
    ${comment}
    option (grpclib.v1.errors) = { ${error} };
  }
  rpc List(Request) returns (Request) { ${list} }
}`;
}

const samples = [
  { error: 'status: ABORTED reason: "LOST" metadata: "bookName"', found: [] },
  {
    error: 'status: ABORTED reason: "lost"',
    found: [
      ["GRPCLIB_REASON_UPPER_SNAKE_CASE", expect.stringMatching(/^The reason "lost" is not allowed \(AIP-193\)/)],
    ],
  },
  {
    error: 'status: ABORTED reason: "LOST" metadata: "book_name"',
    found: [["GRPCLIB_METADATA_LOWER_CAMEL_CASE", expect.stringMatching(/^LOST has the metadata key "book_name"/)]],
  },
  {
    error: 'reason: "LOST"',
    found: [["GRPCLIB_CONTRACT_VALID", "An error needs a status. Add one, as in status: NOT_FOUND."]],
  },
  {
    error: 'status: ABORTED details: "Nope"',
    found: [["GRPCLIB_CONTRACT_VALID", expect.stringMatching(/^ABORTED has the detail "Nope", but library\.proto/)]],
  },
  {
    error: "status: INVALID_ARGUMENT",
    found: [
      [
        "GRPCLIB_DETAIL_BAD_REQUEST",
        "INVALID_ARGUMENT has the status INVALID_ARGUMENT, but no google.rpc.BadRequest. Add it to optional_details.",
      ],
    ],
  },
  { error: 'status: INVALID_ARGUMENT details: "google.rpc.BadRequest"', found: [] },
  { error: 'status: INVALID_ARGUMENT optional_details: "google.rpc.BadRequest"', found: [] },
  {
    error: 'status: NOT_FOUND reason: "LOST"',
    found: [
      [
        "GRPCLIB_DETAIL_RESOURCE_INFO",
        "LOST has the status NOT_FOUND, but no google.rpc.ResourceInfo. Add it to optional_details.",
      ],
    ],
  },
  { error: "status: ALREADY_EXISTS", found: [["GRPCLIB_DETAIL_RESOURCE_INFO", expect.any(String)]] },
  { error: 'status: ALREADY_EXISTS details: "google.rpc.ResourceInfo"', found: [] },
  {
    error: 'status: UNAVAILABLE reason: "CLOSED"',
    found: [
      [
        "GRPCLIB_DETAIL_RETRY_INFO",
        "CLOSED has the status UNAVAILABLE, but no google.rpc.RetryInfo. Add it to optional_details, or set retryable.",
      ],
    ],
  },
  {
    error: "status: RESOURCE_EXHAUSTED",
    found: [
      [
        "GRPCLIB_DETAIL_RETRY_INFO",
        "RESOURCE_EXHAUSTED has the status RESOURCE_EXHAUSTED, but no google.rpc.RetryInfo. Add it to " +
          "optional_details, or set retryable and a reason.",
      ],
    ],
  },
  { error: 'status: RESOURCE_EXHAUSTED details: "google.rpc.RetryInfo"', found: [] },
  { error: 'status: UNAVAILABLE reason: "CLOSED" retryable: true', found: [] },
  ...["INTERNAL", "UNKNOWN", "CANCELLED", "DEADLINE_EXCEEDED"].map((status) => ({
    error: `status: ${status} reason: "LOST"`,
    found: [
      [
        "GRPCLIB_STATUS_NO_RUNTIME",
        `LOST has the status ${status}, with which any call can fail. Clients handle it in one place: do not declare it.`,
      ],
    ],
  })),
];

test.for(samples)("buf lint checks an error with $error", ({ error, found }) => {
  const violations = violationsIn(library(error));
  expect(violations.map(({ rule, message }) => [rule, message])).toEqual(found);
  expect(violations.filter(({ line }) => line !== 5)).toEqual([]);
});

const messagesIn = (text: string) => violationsIn(text).map(({ rule, message }) => [rule, message]);

const addReason = "Also add a reason: without one, a client could not tell B from A.";

test.for<Readonly<Record<"status" | "detail" | "advice" | "followed", string> & { reason?: string; also?: string }>>([
  {
    status: "INVALID_ARGUMENT",
    detail: "BadRequest",
    advice: `Add it to optional_details. ${addReason}`,
    followed: 'reason: "BAD" optional_details: "google.rpc.BadRequest"',
  },
  {
    status: "NOT_FOUND",
    detail: "ResourceInfo",
    also: 'details: ["google.rpc.Help", "google.rpc.RequestInfo"]',
    advice: "Add it to optional_details.",
    followed: 'optional_details: "google.rpc.ResourceInfo"',
  },
  {
    status: "ALREADY_EXISTS",
    reason: 'reason: "BUSY"',
    detail: "ResourceInfo",
    advice: "Add it to optional_details. Also write another reason: with this one, a client could not tell B from A.",
    followed: 'reason: "TAKEN" optional_details: "google.rpc.ResourceInfo"',
  },
  ...["retryable: true", 'optional_details: "google.rpc.RetryInfo"'].map((field) => ({
    status: "UNAVAILABLE",
    detail: "RetryInfo",
    advice: `Add it to optional_details, or set retryable. ${addReason}`,
    followed: `reason: "CLOSED" ${field}`,
  })),
])("buf lint accepts an error with $status beside another one if its advice is followed: $followed", (sample) => {
  const { status, detail, advice, followed, reason = "", also = "" } = sample;
  const found = (spec: string) =>
    messagesIn(
      library(`status: ${status} ${reason} name: "A" details: "google.rpc.${detail}" };
    // Occurs, too.
    option (grpclib.v1.errors) = { status: ${status} name: "B" ${also} ${spec}`),
    );
  const problem = `B has the status ${status}, but no google.rpc.${detail}.`;
  expect(found(reason)).toEqual([[expect.stringMatching(/^GRPCLIB_DETAIL_/), `${problem} ${advice}`]]);
  expect(found(followed)).toEqual([]);
});

test("The advice for a shared error considers the methods that use it.", () => {
  const use = `option (grpclib.v1.errors) = { shared: "B" };
    option (grpclib.v1.errors) = { status: NOT_FOUND name: "A" details: "google.rpc.ResourceInfo" };`;
  expect(messagesIn(sharing('status: NOT_FOUND name: "B"', use))).toContainEqual([
    "GRPCLIB_DETAIL_RESOURCE_INFO",
    "B has the status NOT_FOUND, but no google.rpc.ResourceInfo. Add it to optional_details. Also add a reason: " +
      "without one, a client could not tell B from A.",
  ]);
});

const noComment = "has no comment. Say when it occurs in a comment above its option. Comments inside braces are lost.";

test.for(["", "// buf:lint:ignore GRPCLIB_DETAIL_RESOURCE_INFO"])(
  "A declared error needs a comment, which %j is not.",
  (comment) => {
    const [violation, ...others] = violationsIn(library("status: ABORTED", { comment }));
    expect(violation).toMatchObject({ rule: "GRPCLIB_COMMENT_ERROR", message: `ABORTED ${noComment}` });
    expect(others).toEqual([]);
  },
);

test("Errors of the service are checked once, however many methods there are.", () => {
  const service = "option (grpclib.v1.service_errors) = { errors: [{ status: UNKNOWN }] };";
  expect(violationsIn(library("status: ABORTED", { service })).map(({ rule, line }) => [rule, line])).toEqual([
    ["GRPCLIB_COMMENT_ERROR", 2],
    ["GRPCLIB_STATUS_NO_RUNTIME", 2],
  ]);
});

test("An error that every method declares belongs to the service.", () => {
  const error = 'status: ABORTED reason: "LOST"';
  const option = (text: string) => `\n    // Occurs.\n    option (grpclib.v1.errors) = { ${text} };`;
  expect(violationsIn(library(error, { list: option(error) }))).toEqual([
    {
      rule: "GRPCLIB_ERROR_SERVICE_WIDE",
      message: "Every method of Library declares LOST. Declare it once, in service_errors.",
      line: 5,
      againstLine: undefined,
    },
  ]);
  expect(violationsIn(library(error, { list: option(`${error} metadata: "bookName"`) }))).toEqual([]);
  const texts = ['message: "no book"', 'message: "no shelf"', 'message: "no book" localize: true'];
  for (const [one, other, rules] of [
    [texts[0], texts[0], ["GRPCLIB_ERROR_SERVICE_WIDE"]],
    [texts[0], "", []],
    [texts[2], texts[2], ["GRPCLIB_ERROR_SERVICE_WIDE"]],
    [texts[2], texts[0], []],
  ] as const) {
    const violations = violationsIn(library(`${error} ${one}`, { list: option(`${error} ${other}`) }));
    expect(violations.map(({ rule }) => rule)).toEqual(rules);
  }
  // In another order.
  const details = (...names: string[]) => names.map((name) => `details: "google.rpc.${name}"`).join(" ");
  const inOrders = [
    `${error} metadata: "a" metadata: "b" ${details("Help", "RetryInfo")}`,
    `${error} metadata: "b" metadata: "a" ${details("RetryInfo", "Help")}`,
  ] as const;
  const repeated = violationsIn(library(inOrders[0], { list: option(inOrders[1]) }));
  expect(repeated.map(({ rule }) => rule)).toEqual(["GRPCLIB_ERROR_SERVICE_WIDE"]);
  // Without a reason, a file may have different messages for them.
  const others = violationsIn(library(`status: ABORTED ${texts[0]}`, { list: option(`status: ABORTED ${texts[1]}`) }));
  expect(others).toEqual([]);
});

/** A library.proto with an option for shared errors on line 3, and two methods with an option each. */
function sharing(error: string, use: string): string {
  return `syntax = "proto3"; package library; import "grpclib/v1/errors.proto"; message Request {}
// Occurs.
option (grpclib.v1.shared_errors).errors = { ${error} };
service Library {
  rpc Get(Request) returns (Request) { ${use} }
  rpc List(Request) returns (Request) { ${use} }
}`;
}

test.for(["", 'option (grpclib.v1.errors) = { shared: "LOST" };'])(
  "Shared errors are checked once, where they are declared, used or not: %j",
  (use) => {
    const violations = violationsIn(sharing('status: NOT_FOUND reason: "LOST"', use));
    expect(violations.filter(({ line }) => line === 3).map(({ rule }) => rule)).toEqual([
      "GRPCLIB_DETAIL_RESOURCE_INFO",
    ]);
    // What all methods use is reported at the service.
    expect(violations.filter(({ line }) => line !== 3).map(({ rule, line }) => [rule, line])).toEqual(
      use === "" ? [] : [["GRPCLIB_ERROR_SERVICE_WIDE", 4]],
    );
  },
);

test("Invalid shared errors are reported, used or not.", () => {
  expect(violationsIn(sharing('reason: "LOST"', ""))).toEqual([
    {
      rule: "GRPCLIB_CONTRACT_VALID",
      message: "An error needs a status. Add one, as in status: NOT_FOUND.",
      line: 3,
      againstLine: undefined,
    },
  ]);
});

test("There is a sample for each rule of buf lint.", () => {
  const ids = listedRules().filter(({ type }) => type === RuleType.LINT);
  const sampled = samples.flatMap(({ found }) => found.map(([rule]) => rule));
  const others = ["GRPCLIB_COMMENT_ERROR", "GRPCLIB_ERROR_SERVICE_WIDE"];
  expect([...new Set([...sampled, ...others])].sort()).toEqual(ids.map(({ id }) => id).sort());
});
