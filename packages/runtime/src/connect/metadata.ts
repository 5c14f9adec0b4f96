import { base64Encode } from "@bufbuild/protobuf/wire";
import { isBinaryKey, isReservedKey, type Metadata, type MetadataEntries, receivedMetadata } from "../core/metadata.js";
import { decodeIfText, encodeText } from "../wire/header-text.js";
import { parseBinary } from "../wire/headers.js";

/**
 * Metadata as headers, without `user-agent` as over HTTP/2. `Headers` joins several values of a key with commas.
 *
 * @param reserved keys that mean something else to Connect's protocols
 * @throws TypeError for these keys, and for values that headers cannot have
 */
export function toHeaders(metadata: Metadata | undefined, reserved?: RegExp): Headers {
  const headers = new Headers();
  for (const [key, value] of metadata ?? []) {
    if (key === "user-agent") continue;
    if (reserved?.test(key)) {
      throw new TypeError(`The Connect protocol uses the header ${JSON.stringify(key)}. Choose another name.`);
    }
    headers.append(key, typeof value === "string" ? encodeText(value) : base64Encode(value, "std_raw"));
  }
  return headers;
}

/** The metadata among received headers, parsed on first access. Binary values that are not base64 are left out. */
export function fromHeaders(headers: Headers): Metadata {
  return receivedMetadata({ parse: () => entriesOf(headers) });
}

function entriesOf(headers: Headers): MetadataEntries {
  const entries: MetadataEntries = [];
  headers.forEach((value, key) => {
    if (isOfProtocol(key)) return;
    if (isBinaryKey(key)) for (const bytes of parseBinary(value) ?? []) entries.push([key, bytes]);
    else entries.push([key, decodeIfText(value)]);
  });
  return entries;
}

/** Whether a header belongs to Connect's protocols or to HTTP itself, as far as they set it in every call. */
function isOfProtocol(key: string): boolean {
  return (isReservedKey(key) && key !== "user-agent") || key.startsWith("connect-") || protocolKeys.has(key);
}

const protocolKeys: ReadonlySet<string> = new Set(["accept-encoding", "content-encoding", "date", "x-grpc-web"]);
