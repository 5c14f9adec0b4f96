import assert from "node:assert/strict";
import type { Metadata } from "@grpclib-ts/runtime";
import { initialKey, trailingKey } from "../echo-keys.js";
import { assertPayload, payload } from "../payload.js";
import type { Setting } from "./setting.js";

const initialValue = "test_initial_metadata_value";
const trailingValue = Uint8Array.of(0x0a, 0x0b, 0x0a, 0x0b, 0x0a, 0x0b);
const metadata = { [initialKey]: initialValue, [trailingKey]: trailingValue };

export async function customMetadata({ test }: Setting): Promise<void> {
  const received: { headers?: Metadata; trailers?: Metadata } = {};
  const response = await test.unaryCall(
    { responseSize: 1, payload: payload(1) },
    {
      metadata,
      onHeaders: (headers) => Object.assign(received, { headers }),
      onTrailers: (trailers) => Object.assign(received, { trailers }),
    },
  );
  assertPayload(response.payload, 1);
  assertEchoed(received.headers, received.trailers);

  await test.fullDuplexCall.open(
    async (stream) => {
      await stream.sendMessage({ responseParameters: [{ size: 1 }], payload: payload(1) });
      const headers = await stream.recvInitialMetadata();
      assertPayload((await stream.recvMessage())?.payload, 1);
      await stream.end();
      assert.equal(await stream.recvMessage(), undefined);
      assertEchoed(headers, await stream.recvTrailingMetadata());
    },
    { metadata },
  );
}

function assertEchoed(headers: Metadata | undefined, trailers: Metadata | undefined): void {
  assert.deepEqual(headers?.getAll(initialKey), [initialValue]);
  assert.deepEqual(
    trailers?.getAll(trailingKey).map((value) => [...value]),
    [[...trailingValue]],
  );
}
