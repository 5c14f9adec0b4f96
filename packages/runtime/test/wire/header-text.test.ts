import { expect, test } from "vitest";
import { decodeIfText, decodeText, encodeText } from "../../src/wire/header-text.js";

test.for<[title: string, header: string, text: string]>([
  ["ASCII", "a b", "a b"],
  ["UTF-8", "caf\u00c3\u00a9", "café"],
  ["UTF-8 with a byte order mark, which is kept", "\u00ef\u00bb\u00bfa", "\ufeffa"],
])("headers present each byte as a character: %s", ([, header, text]) => {
  expect(encodeText(text)).toBe(header);
  expect(decodeText(header)).toBe(text);
  expect(decodeIfText(header)).toBe(text);
});

test("bytes that are not UTF-8 become U+FFFD, or stay as they are", () => {
  expect(decodeText("caf\u00e9")).toBe("caf\ufffd");
  expect(decodeIfText("caf\u00e9")).toBe("caf\u00e9");
});
