import { expect, test } from "vitest";
import { MemoryBudget } from "../../src/http2/memory-budget.js";

/** A budget of ten bytes, and those who have got some of it. */
function start() {
  const budget = new MemoryBudget(10);
  const granted: string[] = [];
  const take = (name: string, bytes: number) => budget.take(bytes, () => granted.push(name));
  return { granted, take };
}

/** Until what has been given back is granted: one share in a turn. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test("grants what there is at once, and the rest in the order in which it was asked for", async () => {
  const { granted, take } = start();
  const first = take("first", 6);
  const second = take("second", 4);
  take("third", 5);
  take("fourth", 1);
  expect(granted).toEqual(["first", "second"]);
  expect(second.giveBack()).toBe(false);
  await turns();
  expect(granted).toEqual(["first", "second"]);
  first.giveBack();
  expect(granted).toEqual(["first", "second"]);
  await turns();
  expect(granted).toEqual(["first", "second", "third", "fourth"]);
});

test("grants one in a turn", async () => {
  const { granted, take } = start();
  const first = take("first", 10);
  for (const name of ["second", "third", "fourth"]) take(name, 1);
  first.giveBack();
  for (const count of [2, 3, 4]) {
    await new Promise((resolve) => setImmediate(resolve));
    expect(granted).toHaveLength(count);
  }
});

test("a share that is given back while it waits is not granted, and holds nobody up", async () => {
  const { granted, take } = start();
  take("first", 8);
  const second = take("second", 5);
  take("third", 2);
  expect(second.giveBack()).toBe(true);
  await turns();
  expect(granted).toEqual(["first", "third"]);
});

test("what a share no longer needs is there for others", async () => {
  const { granted, take } = start();
  const first = take("first", 10);
  take("second", 7);
  first.shrink(3);
  await turns();
  expect(granted).toEqual(["first", "second"]);
  take("third", 3);
  first.giveBack();
  await turns();
  expect(granted).toEqual(["first", "second", "third"]);
});

test("a share that is larger than the budget gets it all", async () => {
  const { granted, take } = start();
  const first = take("first", 1);
  take("second", 1000);
  first.giveBack();
  await turns();
  expect(granted).toEqual(["first", "second"]);
});
