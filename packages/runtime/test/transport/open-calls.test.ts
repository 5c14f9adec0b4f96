import fc from "fast-check";
import { expect, test } from "vitest";
import { OpenCalls } from "../../src/transport/open-calls.js";

test("the open calls are those added and not deleted, in any order of events", () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), (steps) => {
      const openCalls = new OpenCalls<{ index: number }>();
      const expected: { index: number }[] = [];
      for (const step of steps) {
        if (step % 3 === 0 && expected.length > 0) {
          const [call] = expected.splice(step % expected.length, 1);
          if (call !== undefined) openCalls.delete(call);
        } else {
          const call = { index: 0 };
          expected.push(call);
          openCalls.add(call);
        }
      }
      expect(openCalls.list()).toHaveLength(expected.length);
      expect(new Set(openCalls.list())).toEqual(new Set(expected));
      expect(openCalls.list().map(({ index }) => index)).toEqual(expected.map((_, i) => i));
    }),
  );
});
