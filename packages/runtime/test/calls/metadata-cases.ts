import type { MetadataValue } from "../../src/index.js";

const allBytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** Metadata with every sort of key and value. */
export const everySort: readonly (readonly [key: string, value: MetadataValue])[] = [
  ["text", "a value, with a comma"],
  ["repeated", "first"],
  ["repeated", "second"],
  ["repeated", "first"],
  ["data-bin", allBytes],
  ["repeated-bin", Uint8Array.of(1)],
  ["repeated-bin", Uint8Array.of()],
  ["repeated-bin", Uint8Array.of(2, 3)],
  ["Upper-Case", "Value"],
  ["empty", ""],
  ["x_y.z-0", "~!@"],
];
/** The same as the peer must receive it. */
export const everySortReceived: readonly (readonly [key: string, value: MetadataValue])[] = everySort.map(
  ([key, value]) => [key.toLowerCase(), value],
);
