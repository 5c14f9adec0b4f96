import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Metadata, type MetadataValue, receivedMetadata } from "../../src/core/metadata.js";
import {
  addMetadata,
  formatBinary,
  headerValue,
  malformedKey,
  metadataOf,
  type OutgoingHeaders,
  parseBinary,
  type RawHeaders,
} from "../../src/wire/headers.js";
import { rawHeadersOf } from "./raw-headers.js";

type Entry = [key: string, value: MetadataValue];

const bytes = Uint8Array.of(1, 2, 3, 4);

function parseMetadata(raw: RawHeaders) {
  return { metadata: metadataOf(raw), malformed: malformedKey(raw) };
}

function send(metadata: Metadata | undefined): OutgoingHeaders {
  const headers: OutgoingHeaders = Object.create(null);
  addMetadata(headers, metadata);
  return headers;
}

test.for([0, 1, 2, 3, 255, 8191, 8192, 8193, 100_000])("%d bytes are sent as base64 without padding", (length) => {
  const sent = Uint8Array.from({ length }, (_, i) => i * 7);
  expect(formatBinary(sent)).toBe(Buffer.from(sent).toString("base64").replace(/=+$/, ""));
});

// Took seconds when each value made a copy of those before it.
test("many values of a key are sent in little time", () => {
  const values = Array.from({ length: 50_000 }, (_, index) => `${index}`);
  const start = performance.now();
  expect(send(new Metadata({ key: values }))).toEqual({ key: values });
  expect(performance.now() - start).toBeLessThan(1000);
});

describe("metadata is sent", () => {
  test.for<[title: string, entries: Entry[], headers: [string, string | string[]][]]>([
    ["as no headers if it is empty", [], []],
    ["as text", [["key", "value"]], [["key", "value"]]],
    ["as an empty text", [["key", ""]], [["key", ""]]],
    ["as unpadded base64 if it is bytes", [["key-bin", bytes]], [["key-bin", "AQIDBA"]]],
    ["as an empty text if it is zero bytes", [["key-bin", new Uint8Array(0)]], [["key-bin", ""]]],
    [
      "as several headers if a key has several values",
      [
        ["a", "1"],
        ["b", "2"],
        ["a", "3"],
        ["a", "4"],
      ],
      [
        ["a", ["1", "3", "4"]],
        ["b", "2"],
      ],
    ],
    [
      "as several headers if a key has several binary values",
      [
        ["a-bin", bytes],
        ["a-bin", bytes],
      ],
      [["a-bin", ["AQIDBA", "AQIDBA"]]],
    ],
    [
      "joined by commas if node:http2 accepts only one value",
      [
        ["authorization", "a"],
        ["authorization", "b"],
        ["authorization", "c"],
      ],
      [["authorization", "a, b, c"]],
    ],
    [
      "under keys that are properties of Object.prototype",
      [
        ["constructor", "a"],
        ["__proto__", "b"],
        ["__proto__", "c"],
      ],
      [
        ["constructor", "a"],
        ["__proto__", ["b", "c"]],
      ],
    ],
    [
      "without the user agent of a call that it was received from",
      [
        ["user-agent", "grpc-go"],
        ["key", "value"],
      ],
      [["key", "value"]],
    ],
  ])("%s", ([, entries, headers]) => {
    expect(Object.entries(send(receivedMetadata(entries)))).toEqual(headers);
  });

  test("as no headers if it is undefined", () => {
    expect(Object.entries(send(undefined))).toEqual([]);
  });

  test("in addition to existing headers", () => {
    const headers: OutgoingHeaders = { te: "trailers" };
    addMetadata(headers, new Metadata({ key: "value" }));
    expect(headers).toEqual({ te: "trailers", key: "value" });
  });
});

describe("metadata is received", () => {
  test.for<[title: string, raw: string[], entries: Entry[]]>([
    [
      "in order",
      ["b", "1", "a", "2", "b", "3"],
      [
        ["b", "1"],
        ["a", "2"],
        ["b", "3"],
      ],
    ],
    [
      "without the headers of the protocol",
      [":path", "/a", "te", "trailers", "content-type", "x", "grpc-timeout", "1S", "a", "b"],
      [["a", "b"]],
    ],
    [
      "without the status and its details",
      ["grpc-status", "0", "grpc-message", "", "grpc-status-details-bin", "!"],
      [],
    ],
    ["with the user agent", ["user-agent", "grpc-go/1.60"], [["user-agent", "grpc-go/1.60"]]],
    [
      "with any values",
      ["a", "t\u00e4xt, with a comma", "b", ""],
      [
        ["a", "t\u00e4xt, with a comma"],
        ["b", ""],
      ],
    ],
    ["as bytes from unpadded base64", ["a-bin", "AQIDBA"], [["a-bin", bytes]]],
    ["as bytes from padded base64", ["a-bin", "AQIDBA=="], [["a-bin", bytes]]],
    ["as zero bytes from an empty value", ["a-bin", ""], [["a-bin", new Uint8Array(0)]]],
    [
      "as several binary values joined by commas",
      ["a-bin", "AQ,Ag==, Aw"],
      [
        ["a-bin", Uint8Array.of(1)],
        ["a-bin", Uint8Array.of(2)],
        ["a-bin", Uint8Array.of(3)],
      ],
    ],
    [
      "as binary values from several headers",
      ["a-bin", "AQ", "b", "c", "a-bin", "Ag"],
      [
        ["a-bin", Uint8Array.of(1)],
        ["b", "c"],
        ["a-bin", Uint8Array.of(2)],
      ],
    ],
    [
      "under keys that are properties of Object.prototype",
      ["constructor", "a", "__proto__", "b"],
      [
        ["constructor", "a"],
        ["__proto__", "b"],
      ],
    ],
    ["as nothing", [], []],
  ])("%s", ([, raw, entries]) => {
    const { metadata, malformed } = parseMetadata(raw);
    expect([...metadata]).toEqual(entries);
    expect(malformed).toBeUndefined();
  });

  test("without binary values that are not base64, and malformedKey() returns the first key of these", () => {
    const { metadata, malformed } = parseMetadata(["a", "b", "x-bin", "!", "y-bin", "AQ", "z-bin", "?"]);
    expect([...metadata]).toEqual([
      ["a", "b"],
      ["y-bin", Uint8Array.of(1)],
    ]);
    expect(malformed).toBe("x-bin");
  });

  test("and can be forwarded, without the user agent", () => {
    const raw = ["user-agent", "grpc-go/1.60", "a", "1", "a", "2", "b-bin", "AQIDBA"];
    expect(rawHeadersOf(send(parseMetadata(raw).metadata))).toEqual(raw.slice(2));
  });
});

describe("a binary value", () => {
  test.for<[value: string, all: number[][]]>([
    ["", [[]]],
    ["AA", [[0]]],
    ["AA==", [[0]]],
    ["AA=", [[0]]],
    ["AAE", [[0, 1]]],
    ["AAE=", [[0, 1]]],
    ["AAEC", [[0, 1, 2]]],
    ["+/+/", [[0xfb, 0xff, 0xbf]]],
    // Some senders use the URL-safe alphabet.
    ["-_-_", [[0xfb, 0xff, 0xbf]]],
    [" AA ", [[0]]],
    ["AA,AAE", [[0], [0, 1]]],
    ["AA==, AAE= ,AAEC", [[0], [0, 1], [0, 1, 2]]],
    ["AA,,AA", [[0], [], [0]]],
    [",", [[], []]],
  ])("%j is %j", ([value, all]) => {
    expect(parseBinary(value)?.map((each) => [...each])).toEqual(all);
  });

  test.for([
    "!",
    "A",
    "AAAAA",
    "AA!A",
    "AA A",
    "ä",
    "AA;AA",
    "AA==AA==",
    "A===",
    "A=",
    "A=AA",
    "AA===",
    "AA==,!",
    "A,AA",
    "AA,A",
    "\0",
  ])("%j is malformed", (value) => {
    expect(parseBinary(value)).toBeUndefined();
  });
});

describe("the value of a header", () => {
  const raw = ["a", "1", "b", "a", "a", "2", "c", "", "d", "3", "d", "3", "e", "", "e", "4"];

  test.for<[name: string, value: string | undefined]>([
    ["a", "1, 2"],
    ["b", "a"],
    ["c", ""],
    ["d", "3"],
    ["e", ", 4"],
    ["1", undefined],
    ["", undefined],
  ])("%j is that of all its lines, joined if they differ: %j", ([name, value]) => {
    expect(headerValue(raw, name)).toBe(value);
  });

  test("is undefined if there are no headers", () => {
    expect(headerValue([], "a")).toBeUndefined();
  });
});

describe("any metadata", () => {
  const entry = fc.oneof(
    fc.tuple(
      fc.constantFrom("a", "b", "constructor", "__proto__"),
      fc.string({ unit: "grapheme-ascii" }).map((text) => text.trim()),
    ),
    fc.tuple(fc.constantFrom("a-bin", "b-bin"), fc.uint8Array({ maxLength: 20 })),
  ) as fc.Arbitrary<Entry>;
  const anyMetadata = fc.array(entry, { maxLength: 8 }).map((entries) => new Metadata(entries));

  test("arrives unchanged", () => {
    fc.assert(
      fc.property(anyMetadata, (sent) => {
        const { metadata, malformed } = parseMetadata(rawHeadersOf(send(sent)));
        expect(malformed).toBeUndefined();
        expect(metadata.toJSON()).toEqual(sent.toJSON());
      }),
      { numRuns: 10_000 },
    );
  });

  test("arrives unchanged when a proxy pads binary values and joins them by commas", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (all, padded) => {
          const texts = all.map((each) => (padded ? Buffer.from(each).toString("base64") : formatBinary(each)));
          expect(parseBinary(texts.join(", "))).toEqual(all);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  test("is read without throwing, and malformed keys are found", () => {
    const pair = fc.tuple(fc.constantFrom("a", "a-bin", ":path", "grpc-x", "user-agent", ""), fc.string());
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const { metadata, malformed } = parseMetadata(pairs.flat());
        const bad = pairs.find(([key, value]) => key === "a-bin" && parseBinary(value) === undefined);
        expect(malformed).toBe(bad?.[0]);
        expect(metadata.getAll("a")).toEqual(pairs.filter(([key]) => key === "a").map(([, value]) => value));
      }),
      { numRuns: 10_000 },
    );
  });
});
