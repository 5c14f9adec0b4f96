import { create, type DescMessage, fromBinary, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  FileDescriptorProtoSchema,
  ListValueSchema,
  SourceCodeInfo_LocationSchema,
  StructSchema,
} from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodedSize } from "../../src/wire/decoded-size.js";
import { descFiles } from "../core/descriptors.js";
import { TestRequestSchema } from "../gen/test/v1/test_pb.js";

const COUNT = 10_000;

/** Writes a field many times. */
function repeated(number: number, wireType: WireType, write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter();
  for (let n = 0; n < COUNT; n++) write(writer.tag(number, wireType));
  return writer.finish();
}

function nested(number: number, inner: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(inner).finish();
}

const empties = repeated(1, WireType.LengthDelimited, (writer) => writer.bytes(new Uint8Array(0)));
const numbers = new Uint8Array(COUNT);

// The minimum that each thing adds, given the size of V8's objects.
test.for([
  { title: "messages in a list", schema: ListValueSchema, bytes: empties, each: 100 },
  { title: "messages within a message", schema: ListValueSchema, bytes: nested(1, nested(6, empties)), each: 100 },
  { title: "entries of a map", schema: StructSchema, bytes: empties, each: 100 },
  { title: "messages in a map", schema: StructSchema, bytes: nested(1, nested(2, nested(6, empties))), each: 100 },
  {
    title: "fields that the schema does not have",
    schema: TestRequestSchema,
    bytes: repeated(15, WireType.Varint, (writer) => writer.uint32(0)),
    each: 150,
  },
  {
    title: "texts",
    schema: FileDescriptorProtoSchema,
    bytes: repeated(3, WireType.LengthDelimited, (writer) => writer.string("ab")),
    each: 24,
  },
  { title: "packed numbers", schema: SourceCodeInfo_LocationSchema, bytes: nested(1, numbers), each: 8 },
])("$title count with their size in memory", ({ schema, bytes, each }) => {
  const size = decodedSize(schema, bytes);
  expect(fromBinary(schema, bytes)).toBeDefined();
  expect(size).toBeGreaterThan(COUNT * each);
  expect(size).toBeLessThan(COUNT * 2 * each + 2 * bytes.length + 1000);
});

/** A new type with a field of each sort, as what is known of a type is kept. */
function describeSorts(): DescMessage {
  const scalar = { int32: 5, int64: 3, string: 9, bytes: 12 };
  const message = 11;
  const list = 3;
  const files = descFiles({
    name: "sorts.proto",
    messageType: [
      {
        name: "Sorts",
        field: [
          { name: "numbers", number: 1, type: scalar.int32, label: list },
          { name: "longs", number: 2, type: scalar.int64, label: list },
          { name: "texts", number: 3, type: scalar.string, label: list },
          { name: "blobs", number: 4, type: scalar.bytes, label: list },
          { name: "inner", number: 5, type: message, typeName: ".Sorts" },
          { name: "map", number: 6, type: message, typeName: ".Sorts.MapEntry", label: list },
          { name: "text", number: 7, type: scalar.string },
          { name: "messages", number: 8, type: message, typeName: ".Sorts", label: list },
        ],
        nestedType: [
          {
            name: "MapEntry",
            field: [
              { name: "key", number: 1, type: scalar.string },
              { name: "value", number: 2, type: message, typeName: ".Sorts" },
            ],
            options: { mapEntry: true },
          },
        ],
      },
    ],
  });
  return files.get("sorts.proto")?.messages[0] as DescMessage;
}

const long = new Uint8Array(1000);
const text = nested(7, long);
const unknown = 15;

test.for<[title: string, bytes: Uint8Array, low: number, high: number]>([
  ["a text", text, 24, 48],
  [
    "a text whose length has more than 32 bits",
    Uint8Array.of(7 * 8 + 2, 0xe8, 0x87, 0x80, 0x80, 0x80, ...Array(4).fill(0xff), 1, ...long),
    24,
    48,
  ],
  ["a text in a list", nested(3, long), 24, 48],
  ["bytes in a list", nested(4, long), 24, 48],
  ["a message", nested(5, new Uint8Array(0)), 100, 160],
  ["a message with a text", nested(5, text), 130, 200],
  ["a message with a text in a list", nested(8, text), 130, 200],
  ["an entry of a map", nested(6, nested(1, long)), 130, 200],
  ["an entry of a map whose value has a text", nested(6, nested(2, text)), 240, 350],
  ["100 packed numbers", nested(1, new Uint8Array(100)), 800, 900],
  [
    "100 packed numbers of five bytes",
    nested(
      1,
      Uint8Array.from({ length: 500 }, (_, i) => (i % 5 < 4 ? 0xff : 1)),
    ),
    800,
    900,
  ],
  ["100 packed 64-bit numbers", nested(2, new Uint8Array(100)), 2400, 3400],
  ["an unknown text", nested(unknown, text), 150, 180],
  ["an unknown number before a text", Uint8Array.of(unknown * 8 + 1, ...Array(8).fill(0xff), ...text), 180, 230],
  ["an unknown short number before a text", Uint8Array.of(unknown * 8 + 5, ...Array(4).fill(0xff), ...text), 180, 230],
  ["an unknown group before a text", Uint8Array.of(unknown * 8 + 3, ...text, unknown * 8 + 4, ...text), 340, 600],
])("besides its bytes, %s takes a certain memory", ([, bytes, low, high]) => {
  const schema = describeSorts();
  const size = decodedSize(schema, bytes) - bytes.length - decodedSize(schema, new Uint8Array(0));
  expect(size).toBeGreaterThanOrEqual(low);
  expect(size).toBeLessThanOrEqual(high);
});

test.for<[depth: number, scanned: boolean]>([
  [100, true],
  [101, false],
])("whether messages are scanned within %d others: %s", ([depth, scanned]) => {
  let bytes = Uint8Array.from(Array.from({ length: 1000 }, () => [5 * 8 + 2, 0]).flat());
  for (let level = 0; level < depth; level++) bytes = Uint8Array.from(nested(5, bytes));
  expect(decodedSize(describeSorts(), bytes) > 100_000).toBe(scanned);
});

test("bytes and long texts count with their length", () => {
  const bytes = toBinary(TestRequestSchema, create(TestRequestSchema, { data: new Uint8Array(100_000), text: "text" }));
  expect(decodedSize(TestRequestSchema, bytes)).toBeLessThan(101_000);
});

test("messages that are nested too deeply are not scanned", () => {
  let bytes = new Uint8Array(0);
  for (let depth = 0; depth < 5000; depth++) bytes = Uint8Array.from(nested(1, nested(6, bytes)));
  expect(decodedSize(ListValueSchema, bytes)).toBeGreaterThan(bytes.length);
});

test.for([
  { title: "is too long for a varint", length: [...Array<number>(200).fill(0x80), 0] },
  { title: "is 0 in its lower 32 bits", length: [0x80, 0x80, 0x80, 0x80, 0x10] },
  { title: "is 0, encoded in ten bytes", length: [...Array<number>(9).fill(0x80), 0] },
])("a length that $title does not hide the fields after it", ({ length }) => {
  const bytes = Uint8Array.from([0x0a, ...length, ...empties]);
  const size = decodedSize(ListValueSchema, bytes);
  expect(size).toBeGreaterThan(length.length < 20 ? COUNT * 100 : 0);
});

test("groups do not hide the fields in or after them", () => {
  const group = Uint8Array.from([0x0b, ...empties, 0x0c]);
  expect(decodedSize(ListValueSchema, Uint8Array.from([...group, ...empties]))).toBeGreaterThan(COUNT * 150);
});

test("any bytes have a size, and a message that is cut off counts up to its end", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const schema of [TestRequestSchema, StructSchema]) {
        expect(Number.isFinite(decodedSize(schema, bytes))).toBe(true);
      }
    }),
  );
  fc.assert(
    fc.property(fc.object(), fc.double({ min: 0, max: 1, noNaN: true }), (value, share) => {
      const fields = JSON.parse(JSON.stringify(value)) as JsonObject;
      const bytes = toBinary(StructSchema, create(StructSchema, { fields: structOf(fields) }));
      const part = bytes.subarray(0, Math.floor(share * bytes.length));
      expect(decodedSize(StructSchema, part)).toBeLessThanOrEqual(decodedSize(StructSchema, bytes));
    }),
  );
});

function structOf(fields: JsonObject) {
  return Object.fromEntries(
    Object.keys(fields).map((key) => [key, { kind: { case: "stringValue" as const, value: key } }]),
  );
}
