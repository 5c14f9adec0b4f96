import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import type { ErrorContent } from "./errors.js";

/** A key of metadata, and one of its values. */
export type MetadataEntry = readonly [key: string, value: string | Uint8Array];

/** The trailing metadata of an error. */
export function metadataOf({ metadata = {} }: ErrorContent): MetadataEntry[] {
  return Object.entries(metadata).flatMap(([key, values]) =>
    values.map((value): MetadataEntry => [key, key.endsWith("-bin") ? base64Decode(value) : value]),
  );
}

/** Converts received metadata to the form that it has in errors.json. What libraries add themselves is left out. */
export function metadataJson(entries: Iterable<MetadataEntry>): Record<string, string[]> {
  const json: Record<string, string[]> = {};
  for (const [key, value] of entries) {
    if (!key.startsWith("interop-")) continue;
    json[key] ??= [];
    json[key].push(typeof value === "string" ? value : base64Encode(value));
  }
  return json;
}
