import type { MessageInitShape } from "@bufbuild/protobuf";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { Metadata, type MetadataValue } from "@grpclib-ts/runtime";
import type { Header, HeaderSchema } from "./gen/connectrpc/conformance/v1/service_pb.js";

/** Converts headers from the suite's format to metadata entries. The suite encodes bytes as base64. */
export function metadataOf(headers: readonly Header[]): [key: string, value: MetadataValue][] {
  return headers.flatMap(({ name, value: values }) =>
    values.map((value): [string, MetadataValue] => [name, isBinary(name) ? base64Decode(value) : value]),
  );
}

/** Converts metadata to the suite's format: bytes become base64 without padding. */
export function headersOf(metadata: Metadata = new Metadata()): MessageInitShape<typeof HeaderSchema>[] {
  const valuesByName = new Map<string, string[]>();
  for (const [name, value] of metadata) {
    const text = typeof value === "string" ? value : base64Encode(value, "std_raw");
    valuesByName.set(name, [...(valuesByName.get(name) ?? []), text]);
  }
  return [...valuesByName].map(([name, value]) => ({ name, value }));
}

function isBinary(name: string): boolean {
  return name.toLowerCase().endsWith("-bin");
}
