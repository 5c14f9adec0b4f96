import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatStatusMessage, parseStatusMessage } from "../../src/wire/percent.js";

const bad = "\u{fffd}";

describe("the status message of", () => {
  test.for<[message: string, text: string]>([
    ["", ""],
    ["no such book", "no such book"],
    ["!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~", "!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~"],
    ["100%", "100%25"],
    ["%41", "%2541"],
    ["a\r\nb\tc\0d\x7f", "a%0D%0Ab%09c%00d%7F"],
    ["Größe", "Gr%C3%B6%C3%9Fe"],
    ["本", "%E6%9C%AC"],
    ["\u{1f600}", "%F0%9F%98%80"],
    // Printable characters stay as they are.
    ["!~\n", "!~%0A"],
    ["\u{feff}text", "%EF%BB%BFtext"],
    // node:http2 drops a header whose value begins or ends with a space.
    [" ", "%20"],
    ["  ", "%20%20"],
    ["   ", "%20 %20"],
    [" a  b ", "%20a  b%20"],
    [" %", "%20%25"],
  ])("%j is sent as %j, and received unchanged", ([message, text]) => {
    expect(formatStatusMessage(message)).toBe(text);
    expect(parseStatusMessage(text)).toBe(message);
  });

  test.for<[message: string, text: string]>([
    ["\ud800", "%EF%BF%BD"],
    ["a\udc00b", "a%EF%BF%BDb"],
    ["\udc00\ud800", "%EF%BF%BD%EF%BF%BD"],
  ])("a lone surrogate %j is sent as U+FFFD: %j", ([message, text]) => {
    expect(formatStatusMessage(message)).toBe(text);
  });
});

describe("the text that a peer sends", () => {
  test.for<[text: string, message: string]>([
    // Nothing to decode.
    ["plain text", "plain text"],
    // Lower case, and a character that need not be encoded.
    ["%c3%b6%41%20", "öA "],
    // A stray % stays.
    ["100%", "100%"],
    ["%", "%"],
    ["%%", "%%"],
    ["%4", "%4"],
    ["%zz %4z %z4", "%zz %4z %z4"],
    ["%%41", "%A"],
    ["%41%", "A%"],
    ["%41%4", "A%4"],
    ["%u00e4", "%u00e4"],
    // Invalid UTF-8 becomes U+FFFD.
    ["%FF", bad],
    ["%FF%41", `${bad}A`],
    ["a%C3", `a${bad}`],
    ["%C3b", `${bad}b`],
    ["%E6%9C", bad],
    ["%ED%A0%80", bad + bad + bad],
    ["%C0%AF", bad + bad],
    // The rest is decoded nevertheless.
    ["%FF %C3%B6 % %zz", `${bad} ö % %zz`],
    // A byte order mark is part of the message.
    ["%EF%BB%BFa", "\u{feff}a"],
    // UTF-8 without escapes, with one character for each byte as node:http2 has it.
    ["caf\u00c3\u00a9", "café"],
    ["\u00c3\u00a4%C3%A4", "ää"],
    ["\u00f0\u009f\u0098\u0080", "\u{1f600}"],
    // A character whose bytes are escaped in part.
    ["%C3\u00a4", "ä"],
    ["\u00c3%a4", "ä"],
    // Not UTF-8.
    ["caf\u00e9", `caf${bad}`],
    ["\u00ff%", `${bad}%`],
  ])("%j is read as %j", ([text, message]) => {
    expect(parseStatusMessage(text)).toBe(message);
  });
});

describe("any string", () => {
  const codeUnit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
  const anything = fc.string({
    unit: fc.oneof(codeUnit, fc.constantFrom(" ", "%", "4", "a", "\ud83d", "\ude00"), fc.string({ unit: "binary" })),
  });

  test("arrives unchanged, except for U+FFFD in place of lone surrogates", () => {
    fc.assert(
      fc.property(anything, (message) => {
        const wellFormed = message.replace(/\p{Surrogate}/gu, bad);
        expect(parseStatusMessage(formatStatusMessage(message))).toBe(wellFormed);
      }),
      { numRuns: 10_000 },
    );
  });

  test("is sent as printable ASCII without leading or trailing spaces", () => {
    fc.assert(
      fc.property(anything, (message) => {
        expect(formatStatusMessage(message)).toMatch(/^(?! )[ -~]*(?<! )$/);
      }),
      { numRuns: 10_000 },
    );
  });

  test("is decoded without throwing", () => {
    const escaped = fc.integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, "0")}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(anything, escaped)), (parts) => {
        expect(parseStatusMessage(parts.join(""))).toBeTypeOf("string");
      }),
      { numRuns: 10_000 },
    );
  });
});
