import { describe, expect, test } from "vitest";
import { checkCompression, compressions } from "../../src/core/compression.js";
import { ACCEPT_ENCODING, acceptEncoding, acceptsEncoding, parseEncoding } from "../../src/wire/encoding.js";

test("all supported encodings are accepted", () => {
  expect(ACCEPT_ENCODING).toBe("identity,gzip,deflate");
  for (const compression of compressions) {
    expect(acceptsEncoding(ACCEPT_ENCODING, compression)).toBe(true);
  }
});

describe("the encoding of messages", () => {
  test.for(["identity", "gzip", "deflate"])("is the one in the header: %s", (name) => {
    expect(parseEncoding(["te", "trailers", "grpc-encoding", name])).toEqual({ encoding: name });
  });

  test("is identity without a header", () => {
    expect(parseEncoding([])).toEqual({ encoding: "identity" });
    expect(parseEncoding(["grpc-accept-encoding", "gzip", "content-encoding", "gzip"])).toEqual({
      encoding: "identity",
    });
  });

  test.for(["br", "snappy", "GZIP", "gzip,deflate", " gzip", "", "constructor"])(
    "is reported as unknown if it is not supported: %j",
    (name) => {
      expect(parseEncoding(["grpc-encoding", name])).toEqual({ unknown: name });
    },
  );
});

describe("the encodings that a peer accepts", () => {
  test.for<[accepted: string, gzip: boolean, deflate: boolean]>([
    ["gzip", true, false],
    ["deflate", false, true],
    ["identity,gzip,deflate", true, true],
    ["identity, deflate, gzip", true, true],
    ["  gzip  ,\tdeflate", true, true],
    ["identity,deflate", false, true],
    ["identity", false, false],
    ["", false, false],
    [",,", false, false],
    ["gzip;q=0, x-gzip, deflate64", false, false],
  ])("with grpc-accept-encoding %j: gzip %s, deflate %s", ([accepted, gzip, deflate]) => {
    expect(acceptEncoding(["te", "trailers", "grpc-accept-encoding", accepted])).toBe(accepted);
    expect(acceptsEncoding(accepted, "gzip")).toBe(gzip);
    expect(acceptsEncoding(accepted, "deflate")).toBe(deflate);
    expect(acceptsEncoding(accepted, "identity")).toBe(true);
  });

  test("without the header: identity only", () => {
    expect(acceptEncoding(["accept-encoding", "gzip", "grpc-encoding", "gzip"])).toBe("");
  });
});

describe("the option", () => {
  test("accepts any compression, or undefined", () => {
    expect([...compressions, undefined].map(checkCompression)).toEqual(["identity", "gzip", "deflate", undefined]);
  });

  test.for(["br", "GZIP", "", null, 2, "toString"])(
    "otherwise throws a TypeError that lists the compressions: %j",
    (name) => {
      expect(() => checkCompression(name as never)).toThrow(
        new TypeError(`No such compression: ${name}. Use one of identity, gzip, deflate.`),
      );
    },
  );
});
