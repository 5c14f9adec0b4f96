import { inspect } from "node:util";
import { expect, test } from "vitest";
import { setInspect } from "../../src/core/inspect.js";

class Box {
  readonly content: unknown;
  constructor(content: unknown) {
    this.content = content;
  }
}
setInspect(Box, (box, options, show) => `Box(${show(box.content, options)})`);

test("util.inspect formats an object with the function of its class", () => {
  expect(inspect(new Box("text"))).toBe("Box('text')");
});

test("util.inspect passes its options to that function", () => {
  const options = { compact: false, breakLength: 1 };
  expect(inspect(new Box([1]), options)).toBe(`Box(${inspect([1], options)})`);
});

test("that function is not listed among the properties of an object", () => {
  expect(Object.keys(Box.prototype)).toEqual([]);
  expect(Object.getOwnPropertySymbols(new Box(1))).toEqual([]);
});
