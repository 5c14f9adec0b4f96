import { base64Encode } from "@bufbuild/protobuf/wire";
import type { Metadata } from "../core/metadata.js";
import { encodeText } from "../wire/header-text.js";
import { metadataOf } from "../wire/headers.js";

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
  return metadataOf([...headers].filter(([key]) => !key.startsWith("connect-") && !protocolKeys.has(key)).flat());
}

/** The headers that Connect's protocols or HTTP itself set in every call. */
const protocolKeys: ReadonlySet<string> = new Set(["accept-encoding", "content-encoding", "date", "x-grpc-web"]);
