import { expect, onTestFinished, test, vi } from "vitest";
import { MemoryBudget } from "../../src/http2/memory-budget.js";

/** A budget of ten bytes, and the names of the shares granted so far. */
function start() {
  const budget = new MemoryBudget(10);
  const granted: string[] = [];
  const take = (name: string, bytes: number) => budget.acquire(bytes, () => granted.push(name));
  return { budget, granted, take };
}

/** Waits until released bytes are granted again. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test("grants available bytes at once, and later ones in the order of the requests", async () => {
  const { granted, take } = start();
  const first = take("first", 6);
  const second = take("second", 4);
  take("third", 5);
  take("fourth", 1);
  expect(granted).toEqual(["first", "second"]);
  expect(second.release()).toBe(false);
  await turns();
  expect(granted).toEqual(["first", "second"]);
  first.release();
  expect(granted).toEqual(["first", "second"]);
  await turns();
  expect(granted).toEqual(["first", "second", "third", "fourth"]);
});

test("grants waiting shares in one turn, unless that takes long", async () => {
  const { budget, granted, take } = start();
  const first = take("first", 10);
  take("second", 1);
  take("third", 1);
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  budget.acquire(1, () => {
    now = 10;
  });
  take("fourth", 1);
  first.release();
  await new Promise((resolve) => setImmediate(resolve));
  expect(granted).toEqual(["first", "second", "third"]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(granted).toEqual(["first", "second", "third", "fourth"]);
});

test("a share that is given back while it waits is not granted, and does not delay others", async () => {
  const { granted, take } = start();
  take("first", 8);
  const second = take("second", 5);
  take("third", 2);
  expect(second.release()).toBe(true);
  await turns();
  expect(granted).toEqual(["first", "third"]);
});

test("bytes that a share no longer needs are granted to others", async () => {
  const { granted, take } = start();
  const first = take("first", 10);
  take("second", 7);
  first.shrink(3);
  await turns();
  expect(granted).toEqual(["first", "second"]);
  take("third", 3);
  first.release();
  await turns();
  expect(granted).toEqual(["first", "second", "third"]);
});

test("a share that is larger than the budget gets the whole budget", async () => {
  const { granted, take } = start();
  const first = take("first", 1);
  take("second", 1000);
  first.release();
  await turns();
  expect(granted).toEqual(["first", "second"]);
});
