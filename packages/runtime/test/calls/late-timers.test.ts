import { describe, expect, test } from "vitest";
import { Status, StreamTerminatedError, type Transport } from "../../src/index.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { moment, rejection } from "../harness.js";
import { call, kinds } from "./kinds.js";

/**
 * A transport whose calls are reset with CANCEL after `afterMs`. It blocks the
 * event loop for that time, so that no timer fires before the reset.
 */
function resetting(afterMs: number): Transport {
  return {
    start: (_, listener) => {
      const start = performance.now();
      const ended = moment();
      const pull = () => void ended.promise.then(() => listener.onMessagesEnd(undefined));
      const cause = new StreamTerminatedError("Reset", { code: 8 });
      queueMicrotask(() => {
        while (performance.now() - start < afterMs);
        listener.onEnd({ status: Status.CANCELLED, message: "Reset", origin: "client", cause });
        ended.happens();
      });
      return { peer: "there", send: () => true, end() {}, cancel() {}, pull };
    },
  };
}

// A server that enforces the deadline too, such as grpc-go, resets the call with CANCEL when it passes. The client may
// read that reset before its own timer fires.
describe("a call that the server resets with CANCEL", () => {
  test.for(kinds)("after its deadline → DEADLINE_EXCEEDED (%s)", async (kind) => {
    const error = await rejection(call(new TestServiceStub(resetting(20)), kind, { timeout: 10 }));
    expect(error).toMatchObject({ name: "GRPCError", status: Status.DEADLINE_EXCEEDED, message: "Deadline exceeded" });
  });

  test.for(kinds)("before its deadline → CANCELLED (%s)", async (kind) => {
    const error = await rejection(call(new TestServiceStub(resetting(0)), kind, { timeout: 60_000 }));
    expect(error).toMatchObject({ name: "GRPCError", status: Status.CANCELLED, message: "Reset", cause: { code: 8 } });
  });
});
