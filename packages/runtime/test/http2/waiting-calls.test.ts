import { expect, test } from "vitest";
import type { QueuedCall } from "../../src/http2/call-queue.js";
import { WaitingCalls } from "../../src/http2/waiting-calls.js";

interface NamedCall extends QueuedCall {
  readonly name: string;
}

function call(name: string, options: Pick<QueuedCall, "needsStream"> = {}): NamedCall {
  return { name, request: { waitForReady: false }, expired: false, open() {}, refuse() {}, ...options };
}

const order = (waiting: WaitingCalls) => [...waiting].map((each) => (each as NamedCall).name);

test("calls that are opened again come before new ones, and those that need no stream before all", () => {
  const waiting = new WaitingCalls(() => {});
  for (const name of ["new 1", "again 1", "new 2", "again 2"]) waiting.add(call(name), name.startsWith("again"));
  waiting.add(call("ready", { needsStream: false }), false);
  expect(order(waiting)).toEqual(["ready", "again 1", "again 2", "new 1", "new 2"]);
});

test("a call has to wait for those that come before it, and for no others", () => {
  const waiting = new WaitingCalls(() => {});
  const ready = call("ready", { needsStream: false });
  expect([waiting.hasBefore(call("a"), false), waiting.hasBefore(ready, false)]).toEqual([false, false]);
  const first = call("new");
  waiting.add(first, false);
  expect([waiting.hasBefore(call("a"), false), waiting.hasBefore(call("a"), true)]).toEqual([true, false]);
  waiting.add(call("again"), true);
  expect([waiting.hasBefore(call("a"), true), waiting.hasBefore(ready, false)]).toEqual([true, false]);
});

test("a call does not wait for one whose time is up", () => {
  const waiting = new WaitingCalls(() => {});
  waiting.add({ ...call("late"), expired: true }, false);
  expect(waiting.hasBefore(call("a"), false)).toBe(false);
  waiting.add(call("b"), false);
  expect(waiting.hasBefore(call("a"), false)).toBe(true);
});

test("tells when a first call starts to wait, and when none waits any more", () => {
  const sizes: number[] = [];
  const waiting: WaitingCalls = new WaitingCalls(() => void sizes.push(waiting.size));
  const [one, two] = [call("one"), call("two")];
  waiting.add(one, false);
  waiting.add(two, true);
  waiting.delete(call("other"));
  waiting.delete(one);
  waiting.delete(one);
  expect(sizes).toEqual([1]);
  waiting.delete(two);
  expect(sizes).toEqual([1, 0]);
});
