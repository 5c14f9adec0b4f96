import { expect, test } from "vitest";
import { MemoryBudget, type Share } from "../../src/http2/memory-budget.js";

/** A budget of ten bytes, and those who have some of it. */
function start() {
  const budget = new MemoryBudget(10);
  const granted: string[] = [];
  const take = (name: string, bytes: number): Share => {
    const share = { bytes, onGranted: () => granted.push(name) };
    budget.take(share);
    return share;
  };
  return { budget, granted, take };
}

test("grants what there is at once, and the rest in the order in which it was asked for", () => {
  const { budget, granted, take } = start();
  const first = take("first", 6);
  const second = take("second", 4);
  take("third", 5);
  take("fourth", 1);
  expect(granted).toEqual(["first", "second"]);
  expect(budget.giveBack(second)).toBe(false);
  expect(granted).toEqual(["first", "second"]);
  budget.giveBack(first);
  expect(granted).toEqual(["first", "second", "third", "fourth"]);
});

test("a share that is given back while it waits is not granted, and holds nobody up", () => {
  const { budget, granted, take } = start();
  take("first", 8);
  const second = take("second", 5);
  take("third", 2);
  expect(budget.giveBack(second)).toBe(true);
  expect(granted).toEqual(["first", "third"]);
});

test("what a share no longer needs is there for others", () => {
  const { budget, granted, take } = start();
  const first = take("first", 10);
  take("second", 7);
  budget.shrink(first, 3);
  expect(granted).toEqual(["first", "second"]);
  take("third", 3);
  budget.giveBack(first);
  expect(granted).toEqual(["first", "second", "third"]);
});
