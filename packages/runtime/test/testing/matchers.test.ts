import { expect as jestExpect } from "expect";
import { describe, expect, test } from "vitest";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../src/error-details.js";
import { detail, GRPCError, Status } from "../../src/index.js";
import { type GRPCMatchers, grpcMatchers, serve } from "../../src/testing.js";
import { testService } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";

declare module "vitest" {
  interface Matchers<T> extends GRPCMatchers {}
}
declare module "expect" {
  interface Matchers<R extends void | Promise<void>, T> extends GRPCMatchers<R> {}
}
expect.extend(grpcMatchers);
jestExpect.extend(grpcMatchers);

const missing = () =>
  new GRPCError(Status.INVALID_ARGUMENT, "The request is not valid", [
    detail(BadRequestSchema, { fieldViolations: [{ field: "name", description: "is required" }] }),
    detail(RetryInfoSchema, { retryDelay: { seconds: 5n } }),
  ]);

const violation = { fieldViolations: [{ field: "name" }] };
const retry = { retryDelay: { seconds: 5n } };
const runners = [
  ["vitest", expect],
  ["Jest", jestExpect],
] as const;

describe.for(runners)("with %s", ([, expectOf]) => {
  test.for<[title: string, status: Status, expected: Parameters<GRPCMatchers["toBeGRPCError"]>[1]]>([
    ["the status", Status.INVALID_ARGUMENT, undefined],
    ["the message", Status.INVALID_ARGUMENT, { message: "The request is not valid" }],
    ["a pattern", Status.INVALID_ARGUMENT, { message: /not valid$/ }],
    ["an asymmetric matcher", Status.INVALID_ARGUMENT, { message: expect.stringContaining("valid") }],
    ["no kind", Status.INVALID_ARGUMENT, { kind: undefined }],
    ["parts of all details", Status.INVALID_ARGUMENT, { details: [violation, retry] }],
    ["a message as a detail", Status.INVALID_ARGUMENT, { details: [missing().details?.[0] ?? {}, {}] }],
  ])("%s is as expected", ([, status, expected]) => {
    expectOf(missing()).toBeGRPCError(status, expected);
    expect(() => expectOf(missing()).not.toBeGRPCError(status, expected)).toThrow(
      "Expected another error than INVALID_ARGUMENT: The request is not valid",
    );
  });

  test.for<
    [
      title: string,
      status: Status,
      expected: Parameters<GRPCMatchers["toBeGRPCError"]>[1],
      lines: string[],
      most?: number,
    ]
  >([
    ["the status", Status.NOT_FOUND, {}, ['-   "status": "NOT_FOUND"', '+   "status": "INVALID_ARGUMENT"']],
    ["the message", 3, { message: "Nope" }, ['-   "message": "Nope"', '+   "message": "The request is not valid"']],
    ["a pattern", 3, { message: /^Nope/ }, ['-   "message": /^Nope/', '+   "message": "The request is not valid"']],
    ["the kind", 3, { kind: "GONE" }, ['-   "kind": "GONE"', '+   "kind": undefined']],
    [
      "a detail",
      3,
      { details: [{ fieldViolations: [{ field: "title" }] }, retry] },
      ['-           "field": "title"', '+           "field": "name"'],
    ],
    [
      "a type of details",
      3,
      { details: [{ $typeName: "google.rpc.Help" }, {}] },
      ['"google.rpc.Help"', '"google.rpc.BadRequest"'],
    ],
    ["a missing detail", 3, { details: [violation, retry, { reason: "GONE" }] }, ['-       "reason": "GONE"'], 3],
    ["another detail", 3, { details: [violation] }, ['+       "$typeName": "google.rpc.RetryInfo"'], 8],
  ])("%s is not as expected: the diff shows it, and nothing else", ([, status, expected, lines, most = 2]) => {
    const text = failure(() => expectOf(missing()).toBeGRPCError(status, expected));
    const changed = text.split("\n").filter((line) => /^[-+] /.test(line) && !/^[-+] (Expected|Received)/.test(line));
    for (const line of lines) expect(text).toContain(line);
    expect(changed.length).toBeLessThanOrEqual(most);
    expectOf(missing()).not.toBeGRPCError(status, expected);
  });

  test("a rejection is compared, and a promise by itself is a mistake", async () => {
    await using served = await serve([
      testService({
        unary() {
          throw missing();
        },
      }),
    ]);
    const stub = new TestServiceStub(served.channel);
    await expectOf(stub.unary({})).rejects.toBeGRPCError(Status.INVALID_ARGUMENT, { details: [violation, retry] });
    const wrong = () => expectOf(stub.unary({})).rejects.toBeGRPCError(Status.NOT_FOUND);
    await expect(wrong()).rejects.toThrow("Expected a GRPCError with NOT_FOUND, got INVALID_ARGUMENT: The request");
    const promise = Promise.resolve();
    expect(failure(() => expectOf(promise).toBeGRPCError(Status.NOT_FOUND))).toContain("await expect(promise).rejects");
  });

  test("a promise by itself is a mistake after .not, too", () => {
    const promise = Promise.resolve();
    expect(() => expectOf(promise).not.toBeGRPCError(Status.NOT_FOUND)).toThrow("await expect(promise).rejects");
  });

  test.for<[what: string, expected: unknown, text: string]>([
    ["an error", new Error("other"), 'a plain object, as in { message: "…" }, got Error: other'],
    ["a GRPCError", missing(), "a plain object"],
    ["a pattern", /other/, "a plain object"],
    ["a function", () => {}, "a plain object"],
    ["an asymmetric matcher", expect.objectContaining({ message: "other" }), "a plain object"],
    ["a text", "other", 'a plain object, as in { message: "…" }, got other'],
    ["a list", [], "a plain object"],
    ["null", null, "got null"],
    ["a typo", { mesage: "other" }, 'no option "mesage". It has message, kind, details, data.'],
  ])("what to compare is not %s", ([, expected, text]) => {
    const given = expected as Parameters<GRPCMatchers["toBeGRPCError"]>[1];
    expect(() => expectOf(missing()).toBeGRPCError(Status.INVALID_ARGUMENT, given)).toThrow(text);
    expect(() => expectOf(missing()).not.toBeGRPCError(Status.INVALID_ARGUMENT, given)).toThrow(text);
  });

  test("a pattern with the flag g or y can be used again, and one without a prototype can be given", () => {
    for (const message of [/not/g, /The/y]) {
      for (const _ of [1, 2, 3]) expectOf(missing()).toBeGRPCError(Status.INVALID_ARGUMENT, { message });
    }
    const expected = Object.assign(Object.create(null), { message: "another" });
    expectOf(missing()).not.toBeGRPCError(Status.INVALID_ARGUMENT, expected);
  });

  test("other values are shown", () => {
    const text = failure(() => expectOf(new TypeError("a bug")).toBeGRPCError(Status.NOT_FOUND));
    expect(text).toBe("Expected a GRPCError with NOT_FOUND, got TypeError: a bug.");
    expectOf(undefined).not.toBeGRPCError(Status.NOT_FOUND);
    expect(() => expectOf(missing()).toBeGRPCError(Status.OK)).toThrow("takes the status of a failed call, got 0");
  });

  test("the data of a declared error is compared", () => {
    const data = { errorInfo: detail(ErrorInfoSchema, { reason: "GONE" }) };
    const gone = new GRPCError(Status.NOT_FOUND, "gone", [], { declared: { kind: "GONE", data, declaredBy: "/x/Y" } });
    expectOf(gone).toBeGRPCError(Status.NOT_FOUND, { kind: "GONE", data: { errorInfo: { reason: "GONE" } } });
    expectOf(gone).not.toBeGRPCError(Status.NOT_FOUND, { data: { errorInfo: { reason: "LOST" } } });
  });
});

/** The text of a failed assertion, without colours. */
function failure(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ANSI escapes
    return (error as Error).message.replaceAll(/\u001b\[\d+m/g, "");
  }
  throw new Error("The assertion holds");
}
