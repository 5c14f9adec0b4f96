import fc from "fast-check";
import { expect, test } from "vitest";
import { OpenCalls } from "../../src/http2/open-calls.js";

test("open calls are those that were added and not deleted, in whatever order that was", () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), (steps) => {
      const openCalls = new OpenCalls<{ place: number }>();
      const expected: { place: number }[] = [];
      for (const step of steps) {
        if (step % 3 === 0 && expected.length > 0) {
          const [call] = expected.splice(step % expected.length, 1);
          if (call !== undefined) openCalls.delete(call);
        } else {
          const call = { place: 0 };
          expected.push(call);
          openCalls.add(call);
        }
      }
      expect(openCalls.list()).toHaveLength(expected.length);
      expect(new Set(openCalls.list())).toEqual(new Set(expected));
      expect(openCalls.list().map(({ place }) => place)).toEqual(expected.map((_, i) => i));
    }),
  );
});
