import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Metadata, Status } from "../../src/index.js";
import { formatStatus } from "../../src/wire/response.js";
import { fitTrailers } from "../../src/wire/trailer-budget.js";

/** The size of headers as HTTP/2 counts it. */
function sizeOf(headers: Readonly<Record<string, string | string[]>>): number {
  const entries = Object.entries(headers).flatMap(([name, values]) => [values].flat().map((value) => name + value));
  return entries.reduce((size, entry) => size + entry.length + 32, 0);
}

describe("what trailers lose when they are over the budget, step by step", () => {
  const detail = (name: string) => ({ typeUrl: `type.googleapis.com/${name}`, value: new Uint8Array(40) });
  const first = detail("a.First");
  const second = detail("a.Second");
  const debug1 = detail("google.rpc.DebugInfo");
  const debug2 = { ...debug1, value: new Uint8Array(50) };
  const metadata = new Metadata([
    ["key", "one"],
    ["key", "two"],
  ]);

  const end = { status: Status.ABORTED, message: "ab😀", details: [debug1, first, debug2, second], metadata };
  const debugInfo = "the detail google.rpc.DebugInfo";
  const details = [debugInfo, debugInfo, "the detail a.Second", "the detail a.First"];
  const all = [...details, "the trailing metadata", "the end of the message"];
  const bare = { status: end.status };

  const steps = [
    { title: "nothing", left: end, dropped: [] },
    { title: "the last DebugInfo", left: { ...end, details: [debug1, first, second] }, dropped: details.slice(0, 1) },
    { title: "all DebugInfo", left: { ...end, details: [first, second] }, dropped: details.slice(0, 2) },
    { title: "the last other detail", left: { ...end, details: [first] }, dropped: details.slice(0, 3) },
    { title: "all details", left: { ...end, details: [] }, dropped: details },
    { title: "the google.rpc.Status", left: { ...end, details: undefined }, dropped: details },
    { title: "the metadata", left: { ...bare, message: "ab😀" }, dropped: all.slice(0, 5) },
    { title: "the last character of the message", left: { ...bare, message: "ab" }, dropped: all },
    { title: "another character of the message", left: { ...bare, message: "a" }, dropped: all },
    { title: "the message", left: { ...bare, message: "" }, dropped: all },
  ].map((step) => ({ ...step, headers: formatStatus(step.left), size: sizeOf(formatStatus(step.left)) }));

  test.for(steps.map((step, index) => ({ ...step, before: steps[index - 1]?.size ?? Number.POSITIVE_INFINITY })))(
    "$title",
    ({ headers, size, dropped, before }) => {
      expect(size).toBeLessThan(before);
      expect(fitTrailers(end, size)).toEqual({ headers, size, dropped });
      expect(fitTrailers(end, before - 1)).toEqual({ headers, size, dropped });
    },
  );

  test("no more than all", () => {
    const { headers, size } = steps.at(-1) ?? {};
    expect(fitTrailers(end, 0)).toEqual({ headers, size, dropped: all });
  });

  test("only what they have", () => {
    expect(fitTrailers({ status: Status.ABORTED, message: "abc" }, 0).dropped).toEqual(["the end of the message"]);
    const headers = formatStatus(bare);
    expect(fitTrailers(bare, 0)).toEqual({ headers, size: sizeOf(headers), dropped: [] });
  });

  test("nothing within the budget", () => {
    const headers = formatStatus({ ...bare, message: "abc" });
    expect(fitTrailers({ ...bare, message: "abc" }, 7168)).toEqual({ headers, size: sizeOf(headers), dropped: [] });
  });
});

test("trailers take no more bytes than the budget, and nothing that fits is dropped", () => {
  const text = fc.string({ unit: fc.constantFrom(" ", "a", "%", "é", "☃"), maxLength: 60 });
  const packed = fc.array(fc.record({ typeUrl: text, value: fc.uint8Array({ maxLength: 30 }) }), { maxLength: 3 });
  fc.assert(
    fc.property(text, packed, fc.integer({ min: -3, max: 3 }), (message, details, room) => {
      const end = { status: Status.ABORTED, message, details };
      const whole = fitTrailers(end, Number.POSITIVE_INFINITY);
      const size = sizeOf(formatStatus(end));
      expect(whole).toEqual({ headers: formatStatus(end), size, dropped: [] });
      const budget = size + room;
      const fitted = fitTrailers(end, budget);
      expect(sizeOf(fitted.headers)).toBe(fitted.size);
      expect(fitted.size).toBeLessThanOrEqual(budget);
      expect(fitted).toEqual(room >= 0 ? whole : expect.anything());
    }),
    { numRuns: 1000 },
  );
});

test("a message of some megabytes does not block the server", () => {
  const details = Array.from({ length: 20 }, () => ({ typeUrl: "/a.Detail", value: new Uint8Array(1000) }));
  const start = performance.now();
  const { dropped } = fitTrailers({ status: Status.ABORTED, message: "é".repeat(4_000_000), details }, 7168);
  expect(performance.now() - start).toBeLessThan(500);
  expect(dropped.at(-1)).toBe("the end of the message");
});
