import { describe, expect, test } from "vitest";
import { Status } from "../../src/index.js";
import type { Color } from "../gen/rules/v1/rules_pb.js";
import { rejection } from "../harness.js";
import { startChecked, violationsIn } from "./servers.js";

const empty = (count: number) => ({ codes: Array<string>(count).fill("") });

test("of many violations, as many arrive as fit into the trailers", async () => {
  const { stub } = await startChecked();
  const error = await rejection(stub.check(empty(100_000)));
  const violations = violationsIn(error);
  expect(error).toMatchObject({
    status: Status.INVALID_ARGUMENT,
    statusMessage: `/rules.v1.RulesService/Check: the request is not valid; the first ${violations.length} of 100000 violations are listed`,
  });
  expect(violations.length).toBeGreaterThan(50);
  expect(violations.length).toBeLessThan(100);
  expect(violations.map(([field]) => field)).toEqual(violations.map((_, index) => `codes[${index}]`));
});

test("of a request of more than 256 KiB, only the first violation is looked for", async () => {
  const { stub } = await startChecked();
  const error = await rejection(stub.check(empty(140_000)));
  expect(violationsIn(error)).toHaveLength(1);
  expect(error).toMatchObject({
    statusMessage: "/rules.v1.RulesService/Check: 1 field is not valid; there may be more violations",
  });
});

test("with failFast, only the first violation is looked for", async () => {
  const { stub } = await startChecked({ failFast: true });
  const error = await rejection(stub.check(empty(3)));
  expect(violationsIn(error)).toHaveLength(1);
  expect(error).toMatchObject({ statusMessage: expect.stringMatching(/; there may be more violations$/) });
});

describe("texts that are too long are cut off", () => {
  test.for<[name: string, text: string]>([
    ["letters", "k".repeat(10_000)],
    ["characters of four bytes", "😀".repeat(5_000)],
    ["one letter, then characters of four bytes", `k${"😀".repeat(5_000)}`],
  ])("%s", async ([, key]) => {
    const { stub } = await startChecked();
    const stock = Object.fromEntries(["a", "b", "c", "d"].map((letter) => [letter + key, -1]));
    const violations = violationsIn(await rejection(stub.check({ maps: { stock } })));
    expect(violations.length).toBeGreaterThanOrEqual(3);
    for (const [field = ""] of violations) {
      expect(field).toMatch(/^maps\.stock\["[abcd].*…$/u);
      expect(field.length).toBeLessThanOrEqual(300);
      expect(field).not.toContain("\uFFFD");
    }
  });
});

test("many violations below a long key take little time", async () => {
  const { stub } = await startChecked();
  // The paths of all violations would have 10 GB together.
  const colors = Array<Color>(100_000).fill(7 as Color);
  const orders = { ["k".repeat(100_000)]: { items: [{ sku: "ABC-1", count: 1 }], colors } };
  const start = performance.now();
  const error = await rejection(stub.check({ maps: { stock: { ab: 1 }, orders } }));
  expect(performance.now() - start).toBeLessThan(5_000);
  expect(violationsIn(error).length).toBeGreaterThan(5);
});
