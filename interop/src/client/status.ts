import assert from "node:assert/strict";
import { type GRPCError, Status } from "@grpclib-ts/runtime";
import { failureOf } from "../failure.js";
import type { Setting } from "./setting.js";

export async function statusCodeAndMessage({ test }: Setting): Promise<void> {
  const responseStatus = { code: Status.UNKNOWN, message: "test status message" };

  assertStatus(await failureOf(test.unaryCall({ responseStatus })), responseStatus);

  const call = test.fullDuplexCall.open(async (stream) => {
    await stream.sendMessage({ responseStatus });
    await stream.end();
    await stream.recvMessage();
  });
  assertStatus(await failureOf(call), responseStatus);
}

export async function specialStatusMessage({ test }: Setting): Promise<void> {
  const message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
  const responseStatus = { code: Status.UNKNOWN, message };
  assertStatus(await failureOf(test.unaryCall({ responseStatus })), responseStatus);
}

export async function unimplementedMethod({ test }: Setting): Promise<void> {
  const { status } = await failureOf(test.unimplementedCall({}));
  assert.equal(Status[status], "UNIMPLEMENTED");
}

export async function unimplementedService({ unimplemented }: Setting): Promise<void> {
  const { status } = await failureOf(unimplemented.unimplementedCall({}));
  assert.equal(Status[status], "UNIMPLEMENTED");
}

function assertStatus({ status, statusMessage, origin }: GRPCError, expected: { code: Status; message: string }): void {
  assert.deepEqual({ code: status, message: statusMessage, origin }, { ...expected, origin: "peer" });
}
