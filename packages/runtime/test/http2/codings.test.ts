import { deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Coding, codings } from "../../src/http2/codings.js";

const MIB = 1024 * 1024;
const text = (content: string) => new TextEncoder().encode(content);
const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

function codingOf(name: "gzip" | "deflate"): Coding {
  const coding = codings[name];
  if (coding === undefined) throw new Error(`There is no coding for ${name}`);
  return coding;
}

const both = [
  { name: "gzip", coding: codingOf("gzip"), compress: gzipSync, decompress: gunzipSync },
  { name: "deflate", coding: codingOf("deflate"), compress: deflateSync, decompress: inflateSync },
] as const;

test("identity has no coding", () => {
  expect(codings.identity).toBeUndefined();
});

describe.for(both)("$name", ({ coding, compress, decompress }) => {
  const hello = text("hello, hello");

  test("decompressing what it compressed gives the original bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(coding.decompress(coding.compress(bytes), bytes.length)).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  test("it is compatible with node:zlib in both directions", () => {
    expect(decompress(coding.compress(hello)).equals(hello)).toBe(true);
    expect(coding.decompress(new Uint8Array(compress(hello)), 100)).toEqual(hello);
  });

  test("it compresses and decompresses a large message", () => {
    const zeros = new Uint8Array(MIB);
    const compressed = coding.compress(zeros);
    expect(compressed.length).toBeLessThan(MIB / 100);
    expect(Buffer.compare(coding.decompress(compressed, MIB) ?? text("nothing"), zeros)).toBe(0);
  });

  test.for([0, 1, 12, 100_000])("a message of %d bytes is a Uint8Array with its own memory, not a Buffer", (length) => {
    const message = coding.decompress(coding.compress(new Uint8Array(length)), MIB);
    expect(message?.constructor).toBe(Uint8Array);
    expect(message).toHaveLength(length);
    expect(message?.buffer.byteLength).toBe(length);
  });

  // node:zlib produces its output in chunks of 16 KiB.
  test.for([0, 1, 2, 1000, 16 * 1024, 16 * 1024 + 1, 5 * 16 * 1024])(
    "a message may have exactly the limit of %d bytes, but not one more",
    (limit) => {
      expect(coding.decompress(coding.compress(new Uint8Array(limit)), limit)).toHaveLength(limit);
      expect(coding.decompress(coding.compress(new Uint8Array(limit + 1)), limit)).toBeUndefined();
    },
  );

  test.for([Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, 2 ** 33])(
    "a limit of %d is as good as none",
    (limit) => {
      expect(coding.decompress(coding.compress(hello), limit)).toEqual(hello);
    },
  );

  test("decompression of a huge message stops as soon as it is over the limit", () => {
    const bomb = coding.compress(new Uint8Array(100 * MIB));
    expect(bomb.length).toBeLessThan(MIB);
    const before = process.memoryUsage().arrayBuffers;
    expect(coding.decompress(bomb, MIB)).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * MIB);
  });

  test.for<[title: string, bytes: (compressed: Uint8Array) => Uint8Array]>([
    ["is not compressed", () => text("not compressed at all")],
    ["is empty", () => new Uint8Array(0)],
    ["is cut off", (compressed) => compressed.subarray(0, -1)],
    [
      "has a wrong checksum at its end",
      (compressed) => compressed.map((byte, i) => (i === compressed.length - 1 ? ~byte : byte)),
    ],
    ["is deflated without a header", () => deflateRawSync(hello)],
  ])("it throws if its input %s", ([, bytes]) => {
    expect(() => coding.decompress(bytes(coding.compress(hello)), 100)).toThrow(
      /^(incorrect|unexpected|invalid|unknown)/,
    );
  });

  test("it throws for input in the other coding", () => {
    const other = both.find((each) => each.coding !== coding);
    expect(() => coding.decompress(other?.coding.compress(hello) ?? hello, 100)).toThrow("incorrect header check");
  });

  test("it returns any bytes within the limit, and undefined beyond it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(50), (bytes, limit) => {
        expect(coding.decompress(coding.compress(bytes), limit)).toEqual(bytes.length > limit ? undefined : bytes);
      }),
      { numRuns: 2000 },
    );
  });

  test("for any input, it stays within the limit or throws an Error", () => {
    const outcome = (bytes: Uint8Array, limit: number): unknown => {
      try {
        return coding.decompress(bytes, limit)?.length ?? 0;
      } catch (error) {
        return error;
      }
    };
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.uint8Array({ maxLength: 3 }),
        fc.nat(50),
        (bytes, junk, limit) => {
          const compressed = coding.compress(bytes);
          compressed.set(junk, Math.min(bytes.length, compressed.length - junk.length));
          const result = outcome(compressed, limit);
          expect(result instanceof Error || (result as number) <= limit).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

// This is what node:zlib does, and therefore grpc-js too.
describe("after the end of the compressed data", () => {
  const [gzip, deflate] = [codingOf("gzip"), codingOf("deflate")];
  const twice = (coding: Coding) => concat(coding.compress(text("abc")), coding.compress(text("def")));

  test("gzip reads further gzip members, up to the limit for all of them together", () => {
    expect(gzip.decompress(twice(gzip), 6)).toEqual(text("abcdef"));
    expect(gzip.decompress(twice(gzip), 5)).toBeUndefined();
  });

  test("gzip accepts zeros as padding, and throws for anything else", () => {
    const compressed = gzip.compress(text("abc"));
    expect(gzip.decompress(concat(compressed, new Uint8Array(9)), 3)).toEqual(text("abc"));
    expect(() => gzip.decompress(concat(compressed, text("more")), 100)).toThrow("incorrect header check");
  });

  test("deflate ignores what follows", () => {
    expect(deflate.decompress(twice(deflate), 3)).toEqual(text("abc"));
    expect(deflate.decompress(concat(deflate.compress(text("abc")), text("more")), 3)).toEqual(text("abc"));
  });
});
