import { expect, test } from "vitest";
import { encodeText } from "../../src/wire/header-text.js";
import { quote } from "../../src/wire/quote.js";

test("a text of up to 100 characters is quoted as it is", () => {
  expect(quote("")).toBe("");
  expect(quote("a".repeat(100))).toBe("a".repeat(100));
});

test("the first 100 characters of a longer text are quoted", () => {
  expect(quote(`${"a".repeat(100)}b`)).toBe(`${"a".repeat(100)}…`);
});

test("an emoji is quoted as a whole, or not at all", () => {
  expect(quote(encodeText("😀".repeat(51)))).toBe(`${"😀".repeat(50)}…`);
  expect(quote(encodeText(`a${"😀".repeat(50)}`))).toBe(`a${"😀".repeat(49)}…`);
});
