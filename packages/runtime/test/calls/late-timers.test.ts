import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { GRPCError, Metadata, Status, StreamTerminatedError, type Transport } from "../../src/index.js";
import { type CallStatus, Dispatcher, type RequestListener } from "../../src/transport.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestRequestSchema } from "../gen/test/v1/test_pb.js";
import { moment, rejection } from "../harness.js";
import { call, kinds, testService } from "./kinds.js";

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
    expect(error).toMatchObject({ name: "GRPCError", status: Status.DEADLINE_EXCEEDED, origin: "client" });
  });

  test.for(kinds)("before its deadline → CANCELLED (%s)", async (kind) => {
    const error = await rejection(call(new TestServiceStub(resetting(0)), kind, { timeout: 60_000 }));
    expect(error).toMatchObject({ name: "GRPCError", status: Status.CANCELLED, message: "Reset", cause: { code: 8 } });
  });
});

/** Takes a unary call as a transport would. @returns what the call ends with, and what is reported */
async function serve(handler: () => never, { timeout }: { readonly timeout: number }) {
  const reports: unknown[] = [];
  const onError = (error: unknown) => reports.push(error);
  const route = new Dispatcher([testService({ unary: handler })], { onError }).find("/test.v1.TestService/Unary");
  if (route === undefined) throw new Error("There is no such method");
  const end = await new Promise<CallStatus>((finish) => {
    const messages = [create(TestRequestSchema)];
    let listener: RequestListener | undefined;
    const pull = () =>
      queueMicrotask(() => {
        const message = messages.shift();
        if (message === undefined) listener?.onMessagesEnd();
        else listener?.onMessage(message);
      });
    const head = { metadata: new Metadata(), timeout, peer: "a test", previousAttempts: 0 };
    listener = route.handle(
      { compression: "identity", useCompression: () => true, sendHeaders() {}, send: () => true, finish, pull },
      head,
    );
  });
  return { end, reports };
}

describe("a handler that blocks the event loop beyond the deadline, so that no timer fires", () => {
  const block = () => {
    const start = performance.now();
    while (performance.now() - start < 20);
  };

  test("and throws a GRPCError → DEADLINE_EXCEEDED", async () => {
    const { end, reports } = await serve(
      () => {
        block();
        throw new GRPCError(Status.ABORTED, "too late");
      },
      { timeout: 10 },
    );
    expect(end).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    expect(reports).toEqual([]);
  });

  test("and throws anything else → DEADLINE_EXCEEDED, and a report", async () => {
    const bug = new Error("a bug");
    const { end, reports } = await serve(
      () => {
        block();
        throw bug;
      },
      { timeout: 10 },
    );
    expect(end).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    expect(reports).toMatchObject([{ cause: bug }]);
  });
});
