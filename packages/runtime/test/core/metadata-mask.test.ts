import { inspect } from "node:util";
import { pino } from "pino";
import { afterEach, describe, expect, test } from "vitest";
import { defaultMaskedKeys, GRPCError, Metadata, maskMetadata, Status } from "../../src/index.js";

afterEach(() => maskMetadata(defaultMaskedKeys));

const secret = "cGFzc3dvcmQ";

/** Everything that logs may show of metadata. */
function shown(metadata: Metadata): Readonly<Record<string, string>> {
  const error = new GRPCError(Status.ABORTED, "no", undefined, { metadata });
  let line = "";
  pino({}, { write: (text) => (line += text) }).error(error);
  return {
    "JSON.stringify(metadata)": JSON.stringify(metadata),
    "inspect(metadata)": inspect(metadata),
    "JSON.stringify(error)": JSON.stringify(error),
    "inspect(error)": inspect(error),
    "pino.error(error)": line,
  };
}

describe.for([...defaultMaskedKeys, "Authorization"])("%s", (key) => {
  test("is masked in JSON, in inspect() and by pino, for metadata and errors", () => {
    for (const [what, text] of Object.entries(
      shown(
        new Metadata([
          [key, `Bearer ${secret}`],
          [key, secret],
        ]),
      ),
    )) {
      expect(text, what).not.toContain(secret);
      expect(text.match(/\[masked\]/g), what).toHaveLength(2);
    }
  });

  test("can be read and sent", () => {
    const metadata = new Metadata({ [key]: secret });
    expect(metadata.get(key)).toBe(secret);
    expect([...new Metadata(metadata)]).toEqual([[key.toLowerCase(), secret]]);
  });
});

test("the default list has the keys that hold secrets by convention", () => {
  expect(defaultMaskedKeys).toEqual(["authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key"]);
});

test("maskMetadata() replaces the list, in upper or lower case, also for keys of bytes", () => {
  maskMetadata(["X-Session", "token-bin"]);
  const metadata = new Metadata([
    ["x-session", secret],
    ["token-bin", new Uint8Array([1, 2, 3])],
    ["authorization", "shown now"],
  ]);
  expect(metadata.toJSON()).toEqual({
    "x-session": ["[masked]"],
    "token-bin": ["[masked]"],
    authorization: ["shown now"],
  });
  expect(inspect(metadata)).toContain("'token-bin': [ '[masked]' ]");
});

test("bytes are shortened to 64", () => {
  const metadata = new Metadata([
    ["short-bin", new Uint8Array(64)],
    ["long-bin", new Uint8Array(65).fill(255)],
  ]);
  const base64 = `${"/".repeat(85)}w==`;
  expect(metadata.toJSON()).toEqual({ "short-bin": [`${"A".repeat(86)}==`], "long-bin": [`${base64}… (65 bytes)`] });
  expect(inspect(metadata)).toContain("Uint8Array(64)");
  expect(inspect(metadata)).toContain(`'${base64}… (65 bytes)'`);
});

test("an error that is restored lacks what was masked or shortened", () => {
  const metadata = new Metadata([
    ["key", "value"],
    ["authorization", secret],
    ["token-bin", new Uint8Array(3)],
    ["data-bin", new Uint8Array(500)],
    ["data-bin", new Uint8Array([1])],
  ]);
  maskMetadata(["authorization", "token-bin"]);
  const error = new GRPCError(Status.ABORTED, "no", undefined, { metadata });
  const restored = GRPCError.fromJSON(JSON.parse(JSON.stringify(error)));
  expect([...(restored.metadata ?? [])]).toEqual([
    ["key", "value"],
    ["data-bin", new Uint8Array([1])],
  ]);
});

test.for([
  ["a text", "authorization"],
  ["a list of something else", [5]],
  ["nothing", undefined],
])("maskMetadata() refuses %s, and the list stays", ([, keys]) => {
  expect(() => maskMetadata(keys as never)).toThrow("maskMetadata() takes a list of keys");
  expect(new Metadata({ cookie: secret }).toJSON()).toEqual({ cookie: ["[masked]"] });
});
