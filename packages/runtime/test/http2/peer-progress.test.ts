import { expect, test } from "vitest";
import { type FlowState, PeerProgress } from "../../src/http2/peer-progress.js";

/** For each look after the first one, whether it is a sign of the peer. */
function signs(...states: FlowState[]): boolean[] {
  const progress = new PeerProgress();
  const counts = states.map((state) => progress.look(state));
  return counts.slice(1).map((count, index) => count !== counts[index]);
}

const idle: FlowState = { received: 0, window: 65_535, sent: 100 };

test("data from the peer is a sign, also when this side has enlarged its window since", () => {
  expect(signs(idle, { ...idle, received: 10 }, { ...idle, received: 10 }, idle)).toEqual([true, false, true]);
});

test("a larger window is a sign, a smaller one is not", () => {
  const sent = { ...idle, window: 55_535, sent: 10_200 };
  expect(signs(idle, sent, { ...sent, window: 60_000 }, { ...sent, window: 60_000 })).toEqual([false, true, false]);
});

test("data for which the window has not become smaller is a sign", () => {
  const full = { ...idle, window: 0, sent: 70_000 };
  const states = [70_100, 78_000, 78_100, 90_000].map((sent) => ({ ...full, sent }));
  expect(signs(full, ...states)).toEqual([false, true, false, true]);
});

test("pings and small messages are no sign, however many there are", () => {
  const pings = Array.from({ length: 200 }, (_, n) => ({ ...idle, sent: 100 + 17 * n }));
  expect(signs(...pings.slice(0, 100)).includes(true)).toBe(false);
  // Each message of 10 bytes has a head of 9 bytes, which takes nothing from the window.
  const messages = Array.from({ length: 6000 }, (_, n) => ({ ...idle, window: 65_535 - 10 * n, sent: 100 + 19 * n }));
  expect(signs(...messages).includes(true)).toBe(false);
});

test("a runtime without these numbers shows no sign", () => {
  const unknown = { received: undefined, window: 0, sent: 0 };
  expect(signs(unknown, { ...unknown, sent: 9 })).toEqual([false]);
});
