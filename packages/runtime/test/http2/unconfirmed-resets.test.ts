import { expect, test } from "vitest";
import { UnconfirmedResets } from "../../src/http2/unconfirmed-resets.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("resets are confirmed together, one question at a time", async () => {
  const acks: (() => void)[] = [];
  let confirmed = 0;
  const resets = new UnconfirmedResets({ roundTrip: (onAck) => void acks.push(onAck) }, () => {
    confirmed += 1;
  });
  resets.hold();
  resets.hold();
  expect(acks).toHaveLength(0);
  await turn();
  expect(acks).toHaveLength(1);
  // This one may reach the server after the question.
  resets.hold();
  await turn();
  expect([resets.held, acks.length]).toEqual([3, 1]);
  acks[0]?.();
  expect([resets.held, acks.length, confirmed]).toEqual([1, 2, 1]);
  acks[1]?.();
  expect([resets.held, acks.length, confirmed]).toEqual([0, 2, 2]);
  resets.hold();
  await turn();
  expect([resets.held, acks.length]).toEqual([1, 3]);
});
