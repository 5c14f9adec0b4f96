import { inspect } from "node:util";
import fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  isBinaryKey,
  isReservedKey,
  joinMetadata,
  Metadata,
  type MetadataEntries,
  type MetadataInit,
  type MetadataValue,
  receivedMetadata,
} from "../../src/core/metadata.js";

const bytes = Uint8Array.of(1, 2, 3);

describe("a Metadata can be created from", () => {
  test.for<[title: string, init: MetadataInit | undefined, entries: [string, MetadataValue][]]>([
    ["nothing", undefined, []],
    [
      "a record",
      { key: "value", other: "text" },
      [
        ["key", "value"],
        ["other", "text"],
      ],
    ],
    [
      "a record with several values for a key",
      { key: ["a", "b"], other: "c" },
      [
        ["key", "a"],
        ["key", "b"],
        ["other", "c"],
      ],
    ],
    ["a record with no values for a key", { key: [] }, []],
    ["a record with bytes", { "key-bin": bytes }, [["key-bin", bytes]]],
    [
      "a record with several byte values for a key",
      { "key-bin": [bytes, bytes] },
      [
        ["key-bin", bytes],
        ["key-bin", bytes],
      ],
    ],
    [
      "pairs",
      [
        ["b", "1"],
        ["a", "2"],
        ["b", "3"],
      ],
      [
        ["b", "1"],
        ["a", "2"],
        ["b", "3"],
      ],
    ],
    ["a Map", new Map([["key", "value"]]), [["key", "value"]]],
    ["another Metadata", new Metadata({ key: "value" }), [["key", "value"]]],
    [
      "keys in any case",
      { KEY: "Value", "Key-BIN": bytes },
      [
        ["key", "Value"],
        ["key-bin", bytes],
      ],
    ],
    [
      "keys that all objects have",
      [
        ["constructor", "a"],
        ["__proto__", "b"],
      ],
      [
        ["constructor", "a"],
        ["__proto__", "b"],
      ],
    ],
    ["all characters that are valid in a key", [["0-9_a.z", "value"]], [["0-9_a.z", "value"]]],
    ["an empty value", { key: "" }, [["key", ""]]],
    [
      "all printable ASCII",
      { key: "!\"#$%&'()*+,-./:;<=>? @[\\]^_`{|}~" },
      [["key", "!\"#$%&'()*+,-./:;<=>? @[\\]^_`{|}~"]],
    ],
    ["values with leading and trailing spaces, which are removed", { key: "  a b  " }, [["key", "a b"]]],
    ["a value of spaces", { key: "  " }, [["key", ""]]],
  ])("%s", ([, init, entries]) => {
    const metadata = new Metadata(init);
    expect([...metadata]).toEqual(entries);
    expect(metadata.size).toBe(entries.length);
  });
});

describe("the values of a key", () => {
  let metadata: Metadata;
  beforeEach(() => {
    metadata = new Metadata([
      ["key", "first"],
      ["key-bin", bytes],
      ["key", "second"],
    ]);
  });

  test("are found regardless of case", () => {
    expect(metadata.get("key")).toBe("first");
    expect(metadata.get("KEY")).toBe("first");
    expect(metadata.getAll("Key")).toEqual(["first", "second"]);
    expect(metadata.has("kEY")).toBe(true);
  });

  test("are bytes if the key ends in -bin", () => {
    expect(metadata.get("key-bin")).toBe(bytes);
    expect(metadata.getAll("key-bin")).toEqual([bytes]);
  });

  test("do not exist if the key is absent", () => {
    expect(metadata.get("other")).toBeUndefined();
    expect(metadata.getAll("other")).toEqual([]);
    expect(metadata.has("other")).toBe(false);
  });

  test("exist even if they are empty", () => {
    expect(new Metadata({ key: "" }).has("key")).toBe(true);
  });

  test("are replaced by set(), at the end", () => {
    metadata.set("KEY", "third");
    expect([...metadata]).toEqual([
      ["key-bin", bytes],
      ["key", "third"],
    ]);
  });

  test("are added to by append()", () => {
    metadata.append("KEY", "third");
    expect(metadata.getAll("key")).toEqual(["first", "second", "third"]);
  });

  test("are removed by delete(), which returns whether there were any", () => {
    expect(metadata.delete("KEY")).toBe(true);
    expect(metadata.delete("key")).toBe(false);
    expect([...metadata]).toEqual([["key-bin", bytes]]);
  });
});

describe("an error says what is wrong with", () => {
  const characters = 'is invalid. Use only letters, digits, "_", "-" and ".".';
  const reserved = "is reserved by the protocol. Choose another name.";
  const takesBytes = 'keys that end in "-bin" take a Uint8Array.';
  const takesText = 'takes a string. For bytes, use a key that ends in "-bin".';
  const printable =
    "the value has characters other than printable ASCII. " +
    'Encode it, or send bytes under a key that ends in "-bin".';

  const refusals: [key: string, value: unknown, message: string][] = [
    ...["", "a b", "a:b", "ä", "a/b", "a\n", "a\0", " a"].map((key): [string, unknown, string] => [
      key,
      "value",
      `Metadata key ${JSON.stringify(key)} ${characters}`,
    ]),
    // The Kelvin sign: its lower case is the ASCII letter k.
    ["\u212Aey", "value", `Metadata key "\u212Aey" ${characters}`],
    ...["grpc-status", "grpc-timeout", "grpc-anything", "Grpc-Status", "connection", "content-length", "content-type"]
      .concat(
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
      )
      .map((key): [string, unknown, string] => [key, "value", `Metadata key ${JSON.stringify(key)} ${reserved}`]),
    [":path", "value", `Metadata key ":path" ${characters}`],
    ["grpc-details-bin", bytes, `Metadata key "grpc-details-bin" ${reserved}`],
    ...["text", undefined, 5, [1, 2, 3]].map((value): [string, unknown, string] => [
      "Key-Bin",
      value,
      `Metadata "Key-Bin": ${takesBytes}`,
    ]),
    ...[bytes, undefined, null, 5, true, {}].map((value): [string, unknown, string] => [
      "Key",
      value,
      `Metadata "Key" ${takesText}`,
    ]),
    ...["a\r", "a\nb", "a\0b", "\t", "ä", "\u{1f600}", "\x7f", "a\n"].map((value): [string, unknown, string] => [
      "Key",
      value,
      `Metadata "Key": ${printable}`,
    ]),
  ];

  test.for(refusals)("key %j with value %j", ([key, value, message]) => {
    const metadata = new Metadata({ key: "kept" });
    const refusal = new TypeError(message);
    expect(() => metadata.append(key, value as string)).toThrow(refusal);
    expect(() => metadata.set(key, value as string)).toThrow(refusal);
    expect(() => new Metadata([[key, value as string]])).toThrow(refusal);
    expect([...metadata]).toEqual([["key", "kept"]]);
  });

  test("a value in a record", () => {
    expect(() => new Metadata({ key: ["good", "b\nad"] })).toThrow(TypeError);
  });
});

describe("received metadata", () => {
  const received = () =>
    receivedMetadata([
      ["user-agent", "grpc-go/1.60"],
      ["key", "täxt"],
    ]);

  test("is parsed on first access, once", () => {
    const parse = vi.fn((): MetadataEntries => [["key", "value"]]);
    const metadata = receivedMetadata({ parse });
    expect(parse).not.toHaveBeenCalled();
    expect(metadata.get("key")).toBe("value");
    expect([...metadata.append("key", "more")]).toHaveLength(2);
    expect(parse).toHaveBeenCalledTimes(1);
  });

  test("can be copied even if it is invalid", () => {
    expect([...new Metadata(received())]).toEqual([...received()]);
  });

  test("does not change when its copy does", () => {
    const original = received();
    const copy = new Metadata(original);
    copy.append("more", "value");
    copy.delete("key");
    expect([...original]).toEqual([...received()]);
  });

  test("can be joined with other metadata, which changes neither", () => {
    const first = received();
    const second = new Metadata({ key: "b" });
    expect(joinMetadata(first, second)?.getAll("key")).toEqual(["täxt", "b"]);
    expect([...first]).toEqual([...received()]);
    expect([...second]).toEqual([["key", "b"]]);
  });

  test("is returned as it is when joined with undefined", () => {
    const only = received();
    expect(joinMetadata(only, undefined)).toBe(only);
    expect(joinMetadata(undefined, only)).toBe(only);
    expect(joinMetadata(undefined, undefined)).toBeUndefined();
  });
});

describe("for logs", () => {
  test("the JSON has the values by key, with bytes in base64", () => {
    expect(new Metadata({ a: ["1", "2"], b: "3", "c-bin": bytes }).toJSON()).toEqual({
      a: ["1", "2"],
      b: ["3"],
      "c-bin": [Buffer.from(bytes).toString("base64")],
    });
  });

  test("the JSON has keys that all objects have", () => {
    const metadata = new Metadata([
      ["constructor", "a"],
      ["__proto__", "b"],
      ["__proto__", "c"],
    ]);
    expect(JSON.stringify(metadata)).toBe('{"constructor":["a"],"__proto__":["b","c"]}');
  });

  test("util.inspect shows the values by key", () => {
    expect(inspect(new Metadata({ a: ["1", "2"] }))).toBe("Metadata { a: [ '1', '2' ] }");
    expect(inspect([new Metadata()])).toBe("[ Metadata {} ]");
  });
});

test.for([
  ["key-bin", true],
  ["-bin", true],
  ["text", false],
  ["key-bin-", false],
  ["bin", false],
] as const)("whether values of %s are bytes: %s", ([key, binary]) => {
  expect(isBinaryKey(key)).toBe(binary);
});

test.for([
  [":path", true],
  ["grpc-", true],
  ["te", true],
  ["grpc", false],
  ["tea", false],
  ["authorization", false],
] as const)("whether %s is reserved: %s", ([key, reserved]) => {
  expect(isReservedKey(key)).toBe(reserved);
});

describe("any sequence of changes", () => {
  const textKey = fc.constantFrom("a", "B", "constructor", "__proto__", "A");
  const entry = fc.oneof(
    fc.tuple(textKey, fc.string({ unit: "grapheme-ascii" })),
    fc.tuple(fc.constantFrom("a-bin", "B-Bin"), fc.uint8Array({ maxLength: 4 })),
  );
  const change = fc.record({ action: fc.constantFrom("set", "append", "delete"), entry });

  test("has the same effect as on a list of pairs", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const metadata = new Metadata();
        let model: [key: string, value: MetadataValue][] = [];
        for (const { action, entry } of changes) {
          const [key, value] = entry as [string, string];
          const lower = key.toLowerCase();
          const had = model.some(([name]) => name === lower);
          const result = metadata[action](key, value);
          expect(result).toBe(action === "delete" ? had : metadata);
          if (action !== "append") model = model.filter(([name]) => name !== lower);
          if (action !== "delete") model.push([lower, typeof value === "string" ? value.trim() : value]);
        }
        expect([...metadata]).toEqual(model);
        for (const key of ["a", "b", "a-bin", "b-bin", "constructor", "__proto__"]) {
          const values = model.filter(([name]) => name === key).map(([, value]) => value);
          expect(metadata.getAll(key)).toEqual(values);
          expect(metadata.get(key)).toBe(values[0]);
          expect(metadata.has(key)).toBe(values.length > 0);
          const texts = values.map((value) =>
            typeof value === "string" ? value : Buffer.from(value).toString("base64"),
          );
          expect(Object.entries(metadata.toJSON()).find(([name]) => name === key)?.[1] ?? []).toEqual(texts);
        }
      }),
      { numRuns: 10_000 },
    );
  });
});
