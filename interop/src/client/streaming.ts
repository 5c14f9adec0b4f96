import assert from "node:assert/strict";
import { assertPayload, payload } from "../payload.js";
import type { Setting } from "./setting.js";

const exchanges = [
  { requestSize: 27_182, responseSize: 31_415 },
  { requestSize: 8, responseSize: 9 },
  { requestSize: 1_828, responseSize: 2_653 },
  { requestSize: 45_904, responseSize: 58_979 },
];

export async function clientStreaming({ test }: Setting): Promise<void> {
  const requests = exchanges.map(({ requestSize }) => ({ payload: payload(requestSize) }));
  const { aggregatedPayloadSize } = await test.streamingInputCall(requests);
  assert.equal(aggregatedPayloadSize, 74_922);
}

export async function serverStreaming({ test }: Setting): Promise<void> {
  const responseParameters = exchanges.map(({ responseSize }) => ({ size: responseSize }));
  let count = 0;
  for await (const response of test.streamingOutputCall({ responseParameters })) {
    assertPayload(response.payload, exchanges[count++]?.responseSize ?? Number.NaN);
  }
  assert.equal(count, exchanges.length);
}

export async function pingPong({ test }: Setting): Promise<void> {
  await test.fullDuplexCall.open(async (stream) => {
    for (const { requestSize, responseSize } of exchanges) {
      await stream.sendMessage({ responseParameters: [{ size: responseSize }], payload: payload(requestSize) });
      assertPayload((await stream.recvMessage())?.payload, responseSize);
    }
    await stream.end();
    assert.equal(await stream.recvMessage(), undefined);
  });
}

export async function emptyStream({ test }: Setting): Promise<void> {
  for await (const _ of test.fullDuplexCall([])) assert.fail("The server sent a response");
}
