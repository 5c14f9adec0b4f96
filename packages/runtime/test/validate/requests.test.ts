import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { type GRPCError, Status } from "../../src/index.js";
import { type CheckRequestSchema, Color, ItemSchema, OrderSchema } from "../gen/rules/v1/rules_pb.js";
import { collect, rejection } from "../harness.js";
import { startChecked, violationsIn } from "./servers.js";

const valid = { sku: "ABC-1", count: 1 };

test("a valid request reaches the handler", async () => {
  const { stub, handled } = await startChecked();
  await stub.check({ order: { items: [valid] } });
  expect(handled).toEqual(["check"]);
});

test("a request that breaks rules ends with INVALID_ARGUMENT, and the handler does not run", async () => {
  const { stub, handled } = await startChecked();
  const error = await rejection(stub.check({ order: { items: [valid, valid, { sku: "x", count: 1 }] } }));
  expect(error).toMatchObject({
    status: Status.INVALID_ARGUMENT,
    statusMessage: "/rules.v1.RulesService/Check: 1 field is not valid",
    origin: "peer",
  });
  expect(violationsIn(error)).toEqual([
    ["order.items[2].sku", "string.pattern", "does not match regex pattern `^[A-Z]{3}-[0-9]+$`"],
  ]);
  expect(handled).toEqual([]);
});

test("the message counts fields, not violations", async () => {
  const { stub } = await startChecked();
  const error = await rejection(stub.check({ scalars: { small: 9, accepted: true, name: "a" } }));
  const paths = new Set(violationsIn(error).map(([field]) => field));
  expect(error).toMatchObject({ statusMessage: `/rules.v1.RulesService/Check: ${paths.size} fields are not valid` });
  expect(paths.size).toBeGreaterThan(2);
});

test.for<[count: number, codes: string[], subject: string]>([
  [1, ["a"], "the request is"],
  [2, [""], "1 field is"],
])("a rule of the whole request has no field: %i", async ([count, codes, subject]) => {
  const { stub } = await startChecked();
  const error = await rejection(stub.check({ level: 10, codes }));
  expect(error).toMatchObject({ statusMessage: `/rules.v1.RulesService/Check: ${subject} not valid` });
  const violations = violationsIn(error);
  expect(violations).toHaveLength(count);
  expect(violations).toContainEqual(["", "check.level", "level must be less than 10"]);
});

type Init = MessageInitShape<typeof CheckRequestSchema>;

describe("paths and rule ids", () => {
  test.for<[name: string, request: Init, expected: string[][]]>([
    ["a list", { order: {} }, [["order.items", "repeated.min_items"]]],
    ["items of a list", { order: { items: [valid], tags: ["a", "longer"] } }, [["order.tags[1]", "string.max_len"]]],
    [
      "enums",
      { order: { items: [valid], colors: [Color.RED, 7 as Color] } },
      [["order.colors[1]", "enum.defined_only"]],
    ],
    [
      "keys and values of a map",
      { maps: { stock: { a: 1, bc: -1 } } },
      [
        ['maps.stock["a"]', "string.min_len"],
        ['maps.stock["bc"]', "int32.gte"],
      ],
    ],
    [
      "a message in a map",
      { maps: { stock: { ab: 1 }, items: { 7: { sku: "A", count: 1 } } } },
      [["maps.items[7].sku", "string.pattern"]],
    ],
    ["a oneof", { choice: {} }, [["choice.choice", "required"]]],
    ["a field of a oneof", { choice: { choice: { case: "word", value: "a" } } }, [["choice.word", "string.min_len"]]],
    ["a rule for several fields", { either: { left: "a", right: "b" } }, [["either", "message.oneof"]]],
    [
      "Any",
      { wellKnown: { number: 1, any: anyPack(OrderSchema, create(OrderSchema)) } },
      [["well_known.any", "any.in"]],
    ],
    [
      "wrappers",
      { wellKnown: { number: 0, word: "a" } },
      [
        ["well_known.word", "string.min_len"],
        ["well_known.number", "int32.gt"],
      ],
    ],
    ["a required field", { wellKnown: {} }, [["well_known.number", "required"]]],
    ["ignored rules", { ignored: { item: {}, words: ["", "a"] } }, [["ignored.words[1]", "string.min_len"]]],
    ["expressions for a field", { custom: { to: 3 } }, [["custom.to", "custom.even"]]],
    [
      "expressions for a message",
      { custom: { from: -1, to: -2 } },
      [
        ["custom", "custom.order"],
        ["custom", "this.from >= 0"],
      ],
    ],
    [
      "predefined rules",
      { predefined: { slug: "A B", multiple: 4 } },
      [
        ["predefined.slug", "string.slug"],
        ["predefined.multiple", "int32.multiple_of"],
      ],
    ],
    [
      "recursive messages",
      { tree: { label: "a", children: [{ label: "b", children: [{}] }] } },
      [["tree.children[0].children[0].label", "string.min_len"]],
    ],
  ])("%s", async ([, request, expected]) => {
    const { stub } = await startChecked();
    const violations = violationsIn(await rejection(stub.check(request)));
    expect(violations.map(([field, reason]) => [field, reason]).sort()).toEqual([...expected].sort());
  });

  test("any message in an Any that is allowed is not looked into", async () => {
    const { stub } = await startChecked();
    await stub.check({ wellKnown: { number: 1, any: anyPack(ItemSchema, create(ItemSchema)) } });
  });

  test("the message of an expression is the description", async () => {
    const { stub } = await startChecked();
    const error = await rejection(stub.check({ custom: { to: 3 } }));
    expect(violationsIn(error)).toEqual([["custom.to", "custom.even", "must be even, got 3"]]);
  });
});

test("each request of a stream is checked, and a violation ends the call", async () => {
  const { stub, handled } = await startChecked();
  const responses: unknown[] = [];
  const all = (async () => {
    for await (const response of stub.checkAll([{ request: {} }, { request: { tree: {} } }, { request: {} }])) {
      responses.push(response);
    }
  })();
  const error = await rejection(all);
  expect(violationsIn(error)).toEqual([["request.tree.label", "string.min_len", expect.any(String)]]);
  expect(error).toMatchObject({ statusMessage: "/rules.v1.RulesService/CheckAll: 1 field is not valid" });
  expect(handled).toEqual(["checkAll"]);
});

test("a stream of valid requests passes", async () => {
  const { stub } = await startChecked();
  expect(await collect(stub.checkAll([{ request: {} }, { request: {} }]))).toHaveLength(2);
});

test("a rule that fails ends the call with INTERNAL, and onError gets the reason", async () => {
  const { stub, reports, handled } = await startChecked();
  const error = await rejection(stub.check({ divided: { by: 0 } }));
  expect(error).toMatchObject({ status: Status.INTERNAL, statusMessage: "The request could not be checked" });
  expect((error as GRPCError).details).toBeUndefined();
  const [report, ...others] = reports.take();
  expect(others).toEqual([]);
  expect(report?.info.method).toBe("/rules.v1.RulesService/Check");
  expect(report?.error).toMatchObject({
    message: "The rules of rules.v1.CheckRequest have failed",
    cause: { name: "RuntimeError" },
  });
  expect(handled).toEqual([]);
});
