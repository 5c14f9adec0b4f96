import assert from "node:assert/strict";
import { Status, wasCompressed } from "@grpclib-ts/runtime";
import { failureOf } from "../failure.js";
import { assertPayload, payload } from "../payload.js";
import type { Setting } from "./setting.js";

const compression = "gzip";

/** @param probe whether to check that the server sees whether a request was compressed */
export async function clientCompressedUnary({ test }: Setting, probe = true): Promise<void> {
  const request = (compressed: boolean) => ({
    expectCompressed: { value: compressed },
    responseSize: 314_159,
    payload: payload(271_828),
  });
  if (probe) await assertRefused(test.unaryCall(request(true)));
  assertPayload((await test.unaryCall(request(true), { compression })).payload, 314_159);
  assertPayload((await test.unaryCall(request(false))).payload, 314_159);
}

export async function serverCompressedUnary({ test }: Setting): Promise<void> {
  for (const compressed of [true, false]) {
    const response = await test.unaryCall({
      responseCompressed: { value: compressed },
      responseSize: 314_159,
      payload: payload(271_828),
    });
    assert.equal(response.payload?.body.length, 314_159);
    assert.equal(wasCompressed(response), compressed);
  }
}

/** @param probe whether to check that the server sees whether a request was compressed */
export async function clientCompressedStreaming({ test }: Setting, probe = true): Promise<void> {
  const request = (compressed: boolean, size: number) => ({
    expectCompressed: { value: compressed },
    payload: payload(size),
  });
  if (probe) await assertRefused(test.streamingInputCall([request(true, 27_182)]));
  const response = await test.streamingInputCall.open(
    async (stream) => {
      await stream.sendMessage(request(true, 27_182));
      await stream.sendMessage(request(false, 45_904), { compress: false });
      await stream.end();
      return await stream.recvMessage();
    },
    { compression },
  );
  assert.equal(response?.aggregatedPayloadSize, 73_086);
}

export async function serverCompressedStreaming({ test }: Setting): Promise<void> {
  const expected = [
    { compressed: true, size: 31_415 },
    { compressed: false, size: 92_653 },
  ];
  const responseParameters = expected.map(({ compressed, size }) => ({ compressed: { value: compressed }, size }));
  const received: unknown[] = [];
  for await (const response of test.streamingOutputCall({ responseParameters })) {
    received.push({ compressed: wasCompressed(response), size: response.payload?.body.length });
  }
  assert.deepEqual(received, expected);
}

async function assertRefused(call: Promise<unknown>): Promise<void> {
  const { status } = await failureOf(call);
  assert.equal(Status[status], "INVALID_ARGUMENT");
}
