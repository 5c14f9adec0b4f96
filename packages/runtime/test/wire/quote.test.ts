import { expect, test } from "vitest";
import { quote } from "../../src/wire/quote.js";

test("a text of up to 100 characters is quoted as it is", () => {
  expect(quote("")).toBe("");
  expect(quote("a".repeat(100))).toBe("a".repeat(100));
});

test("the first 100 characters of a longer text are quoted", () => {
  expect(quote(`${"a".repeat(100)}b`)).toBe(`${"a".repeat(100)}…`);
});
