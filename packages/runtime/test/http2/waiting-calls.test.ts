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
