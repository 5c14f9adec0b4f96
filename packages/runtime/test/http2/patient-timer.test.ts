import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { PatientTimer } from "../../src/http2/patient-timer.js";
import { handleAll } from "../calls/kinds.js";
import { startPair } from "../harness.js";

/** Blocks the event loop. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

function startTimer(milliseconds: number) {
  const start = performance.now();
  let after: number | undefined;
  const timer = new PatientTimer(milliseconds, () => {
    after = performance.now() - start;
  });
  timer.start();
  return { timer, after: () => after };
}

test("fires in time while the event loop runs", async () => {
  const { after } = startTimer(50);
  await sleep(200);
  expect(after()).toBeGreaterThanOrEqual(49);
  expect(after()).toBeLessThan(150);
});

test("gives the time back for which the event loop was blocked at the end", async () => {
  const { after } = startTimer(50);
  block(400);
  await sleep(250);
  expect(after()).toBeUndefined();
  await sleep(300);
  expect(after()).toBeGreaterThanOrEqual(700);
});

test("keeps the process alive unless it is told not to, also while it gives time back", async () => {
  const timeouts = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const others = timeouts();
  const { timer } = startTimer(50);
  expect(timeouts()).toBe(others + 1);
  timer.unref();
  expect(timeouts()).toBe(others);
  block(200);
  await new Promise((resolve) => setImmediate(resolve));
  expect(timeouts()).toBe(others);
  timer.ref();
  expect(timeouts()).toBe(others + 1);
  timer.stop();
});

test("does not fire after it was stopped, also while it gives time back", async () => {
  const { timer, after } = startTimer(50);
  block(300);
  await sleep(50);
  timer.stop();
  await sleep(400);
  expect(after()).toBeUndefined();
});

test("a channel connects although the event loop is blocked for longer than its connectTimeout", async () => {
  const { stub } = await startPair(
    handleAll(() => ({ text: "answer" })),
    { channel: { connectTimeout: 200 } },
  );
  const call = stub.unary({});
  block(600);
  expect(await call).toMatchObject({ text: "answer" });
});
