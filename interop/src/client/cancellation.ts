import assert from "node:assert/strict";
import { Status } from "@grpclib-ts/runtime";
import { failureOf } from "../failure.js";
import { assertPayload, payload } from "../payload.js";
import type { Setting } from "./setting.js";

export async function timeoutOnSleepingServer({ test }: Setting): Promise<void> {
  const call = test.fullDuplexCall.open(
    async (stream) => {
      await stream.sendMessage({ payload: payload(27_182) });
      await stream.recvMessage();
    },
    { timeout: 1 },
  );
  const { status } = await failureOf(call);
  assert.equal(Status[status], "DEADLINE_EXCEEDED");
}

export async function cancelAfterBegin({ test }: Setting): Promise<void> {
  const controller = new AbortController();
  const call = test.streamingInputCall.open(
    async (stream) => {
      await stream.sendRequest();
      controller.abort();
      await stream.recvMessage();
    },
    { signal: controller.signal },
  );
  const { status } = await failureOf(call);
  assert.equal(Status[status], "CANCELLED");
}

export async function cancelAfterFirstResponse({ test }: Setting): Promise<void> {
  await test.fullDuplexCall.open(async (stream) => {
    await stream.sendMessage({ responseParameters: [{ size: 31_415 }], payload: payload(27_182) });
    assertPayload((await stream.recvMessage())?.payload, 31_415);
    await stream.cancel();
    const { status } = await failureOf(stream.recvMessage());
    assert.equal(Status[status], "CANCELLED");
  });
}
