import assert from "node:assert";
import { create } from "@bufbuild/protobuf";
import { expect as jestExpect } from "expect";
import { describe, expect, test } from "vitest";
import { BadRequest_FieldViolationSchema, BadRequestSchema } from "../../src/error-details.js";
import { type Detail, detail, GRPCError, type GRPCErrorOptions, Metadata, Status } from "../../src/index.js";
import { handleAll } from "../calls/kinds.js";
import { startPair } from "../harness.js";

// How test runners compare errors. A call adds its method, peer, origin and metadata to an error, and they must not count.
//
// - vitest: `name`, `message`, the own enumerable properties, and `cause` if the expected error has one.
// - node:assert: `name`, `message` and the own enumerable properties of the expected error.
// - Jest: the class, `message` and `cause`. It sees neither the status nor the details.

const badRequest = (field: string) => detail(BadRequestSchema, { fieldViolations: [{ field }] });
const expected = new GRPCError(Status.NOT_FOUND, "no such book", [badRequest("name")]);

/** The promise of a call that fails with the error that a handler throws. */
async function callThatFails(details: readonly Detail[] | undefined, options?: GRPCErrorOptions) {
  const { stub } = await startPair(
    handleAll(() => {
      throw new GRPCError(Status.NOT_FOUND, "no such book", details, options);
    }),
  );
  return { call: () => stub.unary({}) };
}

const matching: [title: string, expected: GRPCError, details: readonly Detail[] | undefined][] = [
  ["without details", new GRPCError(Status.NOT_FOUND, "no such book"), undefined],
  ["with details", expected, [badRequest("name")]],
  [
    "whose details were made with create()",
    new GRPCError(Status.NOT_FOUND, "no such book", [
      create(BadRequestSchema, {
        fieldViolations: [create(BadRequest_FieldViolationSchema, { field: "name" })],
      }),
    ]),
    [badRequest("name")],
  ],
  [
    "that knows more of its own call",
    new GRPCError(Status.NOT_FOUND, "no such book", undefined, { peer: "elsewhere", origin: "client", method: "/a/b" }),
    undefined,
  ],
];

const different: [title: string, expected: Error][] = [
  ["another status", new GRPCError(Status.DATA_LOSS, "no such book", [badRequest("name")])],
  ["other details", new GRPCError(Status.NOT_FOUND, "no such book", [badRequest("title")])],
  ["more details", new GRPCError(Status.NOT_FOUND, "no such book", [badRequest("name"), badRequest("name")])],
  ["another message", new GRPCError(Status.NOT_FOUND, "no such author", [badRequest("name")])],
  ["another class", new Error("no such book")],
];

const runners: [
  name: string,
  toThrow: (call: () => Promise<unknown>, error: Error) => Promise<unknown>,
  seesStatus: boolean,
][] = [
  ["vitest: rejects.toThrow()", (call, error) => expect(call()).rejects.toThrow(error), true],
  ["vitest: rejects.toEqual()", (call, error) => expect(call()).rejects.toEqual(error), true],
  ["vitest: rejects.toStrictEqual()", (call, error) => expect(call()).rejects.toStrictEqual(error), true],
  ["node:assert: rejects()", (call, error) => assert.rejects(call, error), true],
  ["jest: rejects.toThrow()", (call, error) => jestExpect(call()).rejects.toThrow(error), false],
  ["jest: rejects.toEqual()", (call, error) => jestExpect(call()).rejects.toEqual(error), false],
];

describe.for(runners)("%s", ([, toThrow, seesStatus]) => {
  test.for(matching)("a received error equals one %s", async ([, error, details]) => {
    const { call } = await callThatFails(details, { metadata: new Metadata({ key: "value" }) });
    await toThrow(call, error);
  });

  test.for(different.slice(seesStatus ? 0 : 3, seesStatus ? undefined : 4))(
    "a received error does not equal one with %s",
    async ([, error]) => {
      const { call } = await callThatFails([badRequest("name")]);
      await expect(toThrow(call, error)).rejects.toThrow();
    },
  );
});

test("vitest: an error with a cause on this side equals one without", () => {
  const lost = new GRPCError(Status.UNAVAILABLE, "lost", undefined, { cause: new Error("why"), origin: "client" });
  expect(lost).toEqual(new GRPCError(Status.UNAVAILABLE, "lost"));
});

const matchers: [name: string, toMatchObject: (error: unknown, part: object) => void][] = [
  ["vitest", (error, part) => expect(error).toMatchObject(part)],
  ["jest", (error, part) => jestExpect(error).toMatchObject(part)],
];
test.for(matchers)("%s: toMatchObject() sees everything, also what is not enumerable", ([, toMatchObject]) => {
  const error = new GRPCError(Status.NOT_FOUND, "no such book", undefined, {
    method: "/a/b",
    origin: "peer",
    declared: { kind: "GONE", data: {}, declaredBy: "/a/b" },
  });
  const part = { status: Status.NOT_FOUND, statusMessage: "no such book", kind: "GONE", data: {}, method: "/a/b" };
  toMatchObject(error, { ...part, details: undefined, metadata: undefined });
  expect(() => toMatchObject(error, { ...part, kind: "OTHER" })).toThrow();
});
