import assert from "node:assert/strict";
import { type Payload, PayloadType } from "./gen/grpc/testing/messages_pb.js";

/** A payload of `size` zero bytes. */
export function payload(size: number) {
  return { type: PayloadType.COMPRESSABLE, body: new Uint8Array(size) };
}

/** Checks that a payload exists and consists of `size` zero bytes. */
export function assertPayload(actual: Payload | undefined, size: number): void {
  assert.equal(actual?.type, PayloadType.COMPRESSABLE);
  assert.equal(actual.body.length, size);
  assert.ok(
    actual.body.every((byte) => byte === 0),
    "The payload contains bytes other than zero",
  );
}
