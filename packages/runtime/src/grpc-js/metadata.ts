import { Buffer } from "node:buffer";
import { Metadata as GrpcJsMetadata } from "@grpc/grpc-js";
import { type Metadata, type MetadataEntries, receivedMetadata } from "../core/metadata.js";
import type { CallRequest } from "../transport/client.js";

/** The metadata of a call, for grpc-js. @throws Error for values that grpc-js does not send */
export function toGrpcJs({ metadata, waitForReady, previousAttempts }: CallRequest): GrpcJsMetadata {
  const sent = new GrpcJsMetadata({ waitForReady });
  if (metadata !== undefined) for (const [key, value] of metadata) sent.add(key, toGrpcJsValue(value));
  if (previousAttempts > 0) sent.set("grpc-previous-rpc-attempts", String(previousAttempts));
  return sent;
}

/** Metadata that arrived through grpc-js, without what belongs to the protocol. */
export function fromGrpcJs(received: GrpcJsMetadata): Metadata {
  return receivedMetadata({ parse: () => entriesOf(received) });
}

function entriesOf(received: GrpcJsMetadata): MetadataEntries {
  return Object.keys(received.getMap())
    .filter((key) => !key.startsWith("grpc-") && !protocolKeys.has(key))
    .flatMap((key) => received.get(key).map((value): MetadataEntries[number] => [key, fromGrpcJsValue(value)]));
}

/** As `Channel` does: what HTTP/2 itself sends is not metadata. */
const protocolKeys: ReadonlySet<string> = new Set(["content-type", "date"]);

function toGrpcJsValue(value: string | Uint8Array): string | Buffer {
  return typeof value === "string" ? value : Buffer.from(value);
}

function fromGrpcJsValue(value: string | Buffer): string | Uint8Array {
  return typeof value === "string" ? value : new Uint8Array(value);
}
