import { format } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Status } from "../../src/index.js";
import { logError } from "../../src/server/report.js";
import { rejection, startPair } from "../harness.js";
import { brokenThenables, hostileValues, trap } from "./hostile-values.js";
import type { TestHandlers } from "./kinds.js";

// onError gets the errors that do not reach a client. Even if it fails, the server answers calls and keeps serving.

afterEach(() => void vi.restoreAllMocks());

/** Captures console.error(). Returns a function that returns the text so far, as Node formats it. */
function watchConsole() {
  const lines: string[] = [];
  vi.spyOn(console, "error").mockImplementation((...values) => void lines.push(format(...values)));
  return () => lines.join("\n");
}

function throwing(value: unknown): TestHandlers {
  return {
    unary() {
      throw value;
    },
  };
}

describe("the default onError", () => {
  test.for(Object.keys(hostileValues))("prints %s", async (name) => {
    const printed = watchConsole();
    const { stub } = await startPair(throwing(hostileValues[name]?.()), { server: { onError: undefined } });
    for (let i = 0; i < 2; i++) expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNKNOWN });
    expect(printed().match(/grpclib-ts: error in \/test\.v1\.TestService\/Unary, called by/g)).toHaveLength(2);
  });

  test("prints what it can read of an error that cannot be inspected", async () => {
    const printed = watchConsole();
    const error = new Error("no such shelf");
    Object.defineProperty(error, Symbol.for("nodejs.util.inspect.custom"), { value: trap });
    const { stub } = await startPair(throwing(error), { server: { onError: undefined } });
    await rejection(stub.unary({}));
    expect(printed()).toContain("no such shelf");
    expect(printed()).toMatch(/\nThe console could not print it: .*looked at/);
  });

  test("says where an error of a connection comes from, if that is known", () => {
    const printed = watchConsole();
    logError(new Error("why"), { peer: "a test" });
    logError(new Error("why"), { method: "/a.B/C" });
    logError(new Error("why"), { method: "/a.B/C", peer: "a test" });
    logError(new Error("why"), {});
    expect(printed().match(/grpclib-ts.*/g)).toEqual([
      "grpclib-ts: error on the connection from a test: Error: why",
      "grpclib-ts: error in /a.B/C: Error: why",
      "grpclib-ts: error in /a.B/C, called by a test: Error: why",
      "grpclib-ts: error: Error: why",
    ]);
  });

  test("survives a console that fails", async () => {
    vi.spyOn(console, "error").mockImplementation(trap);
    const { stub } = await startPair(throwing(new Error("a bug")), { server: { onError: undefined } });
    for (let i = 0; i < 2; i++) expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNKNOWN });
  });
});

describe("when onError fails", () => {
  const failures: Readonly<Record<string, () => unknown>> = {
    ...Object.fromEntries(Object.entries(brokenThenables).map(([name, make]) => [`returning ${name}`, make])),
    "throwing an error": trap,
    "throwing a revoked Proxy": () => {
      throw hostileValues["a revoked Proxy"]?.();
    },
    "throwing an error whose stack cannot be read": () => {
      throw hostileValues["an Error whose stack throws"]?.();
    },
  };

  test.for(Object.keys(failures))("by %s, the original error is printed", async (name) => {
    const printed = watchConsole();
    const onError = failures[name] as () => void;
    const { stub } = await startPair(throwing(new Error("a bug")), { server: { onError } });
    for (let i = 0; i < 2; i++) expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNKNOWN });
    await vi.waitFor(() => expect(printed().match(/onError failed/g)).toHaveLength(2));
    expect(printed()).toContain("a bug");
  });

  test("its own error is printed too", async () => {
    const printed = watchConsole();
    const { stub } = await startPair(throwing(new Error("a bug")), {
      server: {
        onError() {
          throw new Error("the log is full");
        },
      },
    });
    await rejection(stub.unary({}));
    expect(printed()).toContain("the log is full");
  });
});
