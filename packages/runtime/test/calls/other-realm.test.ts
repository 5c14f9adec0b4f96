import { createContext, runInContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { isBytes } from "../../src/core/bytes.js";
import { isError } from "../../src/core/is-error.js";
import { messageOf, stackOf } from "../../src/core/text-of.js";
import { Metadata, Status } from "../../src/index.js";
import { isCausedBy } from "../../src/server/caused-by.js";
import { moment, rejection, startPair } from "../harness.js";
import { call, handleAll, kinds } from "./kinds.js";

// Objects of another realm, as in Jest: there, modules run in a realm of their own, and Node's modules in another.
// With an error of node:fs from a handler in Jest, callers of a grpc-js 1.14 server get UNKNOWN and the error's message,
// those of nice-grpc 2.1 UNKNOWN and "Unknown server error occurred", and connect-es 2.1 makes a ConnectError with
// [unknown] and "Error: ENOENT: no such file" of it.

const realm = createContext({ DOMException });
const foreign = (code: string) => runInContext(code, realm);

test.for<[code: string, isAnError: boolean]>([
  ["new Error('text')", true],
  ["new TypeError('text')", true],
  ["new (class Own extends Error {})('text')", true],
  ["new DOMException('text', 'AbortError')", true],
  ["({ name: 'Error', message: 'text', stack: 'text' })", false],
  ["({})", false],
  ["'Error: text'", false],
  ["() => {}", false],
  ["null", false],
  ["undefined", false],
])("%s of another realm: isError() is %s", ([code, isAnError]) => {
  expect(isError(foreign(code))).toBe(isAnError);
  expect(foreign(code) instanceof Error).toBe(code.includes("DOMException"));
});

test("the message and the stack of an error of another realm are known", () => {
  expect(messageOf(foreign("new RangeError('text')"))).toBe("text");
  expect(stackOf(foreign("new RangeError('text')"))).toMatch(/^RangeError: text\n {4}at /);
});

test.for<[code: string, bytes: boolean]>([
  ["new Uint8Array(2)", true],
  ["new Uint16Array(2)", false],
  ["new DataView(new ArrayBuffer(2))", false],
  ["new Proxy(new Uint8Array(2), {})", false],
  ["[1, 2]", false],
])("%s of another realm: isBytes() is %s", ([code, bytes]) => {
  expect(isBytes(foreign(code))).toBe(bytes);
});

test("metadata takes bytes of another realm", () => {
  expect(new Metadata({ "x-bin": foreign("Uint8Array.of(1, 2)") }).get("x-bin")).toHaveLength(2);
});

test("a deadline may be a Date of another realm", async () => {
  const { stub } = await startPair(handleAll(() => ({})));
  expect(await stub.unary({}, { deadline: foreign("new Date(Date.now() + 60_000)") })).toMatchObject({ text: "" });
  expect(await rejection(stub.unary({}, { deadline: foreign("new Date(0)") }))).toMatchObject({
    status: Status.DEADLINE_EXCEEDED,
  });
});

describe("a handler", () => {
  test.for(kinds)("%s: that returns an error of another realm fails with it", async (kind) => {
    const error = foreign("Object.assign(new Error('no such file'), { code: 'ENOENT' })");
    const { stub, reports } = await startPair(handleAll(() => error));
    expect(await rejection(call(stub, kind))).toMatchObject({
      status: Status.UNKNOWN,
      message: "Internal Server Error",
    });
    expect(reports.take().map((report) => report.error)).toEqual([error]);
  });

  test.for<[title: string, code: string]>([
    ["an AbortError", "Object.assign(new Error('aborted'), { name: 'AbortError', code: 'ABORT_ERR' })"],
    [
      "an error that an AbortError caused",
      "new Error('late', { cause: Object.assign(new Error, { name: 'AbortError' }) })",
    ],
    ["a DOMException", "new DOMException('aborted', 'AbortError')"],
  ])("that rejects with %s of another realm when it is cancelled has handled the cancellation", async ([, code]) => {
    const running = moment();
    const over = moment();
    const { stub, reports } = await startPair({
      async unary(_request, { signal }) {
        running.happens();
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        setImmediate(() => over.happens());
        throw foreign(code);
      },
    });
    const abort = new AbortController();
    const result = rejection(stub.unary({}, { signal: abort.signal }));
    await running.promise;
    abort.abort();
    expect(await result).toMatchObject({ status: Status.CANCELLED });
    await over.promise;
    expect(reports.take()).toEqual([]);
  });
});

test("errors of another realm whose causes are circular, or no errors, do not result from a cancellation", () => {
  const reason = new Error("left");
  expect(isCausedBy(foreign("const a = new Error('a'); a.cause = a; a"), reason)).toBe(false);
  expect(isCausedBy(foreign("new Error('a', { cause: 'AbortError' })"), reason)).toBe(false);
  expect(isCausedBy(foreign("new Error('a', { cause: new Error('b') })"), reason)).toBe(false);
});
