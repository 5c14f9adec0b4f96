import { expect, test } from "vitest";
import { isBytes } from "../../src/core/bytes.js";

const rows: Readonly<Record<string, readonly [value: unknown, expected: boolean]>> = {
  "a Uint8Array": [new Uint8Array(1), true],
  "a Buffer": [Buffer.of(1), true],
  "another typed array": [new Uint16Array(1), false],
  "a DataView": [new DataView(new ArrayBuffer(1)), false],
  "a Proxy of a Uint8Array": [new Proxy(new Uint8Array(1), {}), false],
  "an object with the prototype of Uint8Array": [Object.create(Uint8Array.prototype), false],
  "an array": [[1], false],
};

test.for(Object.keys(rows))("whether bytes can be read from %s", (name) => {
  const [value, expected] = rows[name] ?? [];
  expect(isBytes(value)).toBe(expected);
});
