import { expect, onTestFinished, test, vi } from "vitest";
import { type CallOutcome, GRPCError, Status, StreamTerminatedError } from "../../src/index.js";
import { endedBy } from "../../src/otel/outcome.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { data, headers, reset, settings } from "../frames/frames.js";
import { requestFields, requestMessage } from "../frames/grpc.js";
import { moment, startServer } from "../harness.js";

// A client enforces the deadline, too, and its reset may arrive before the timer of the server fires.

const TIMEOUT_MS = 60_000;
const CANCEL = 8;
const PROTOCOL_ERROR = 1;

/**
 * What aborts a handler whose client resets the stream with a code when this time is left until the deadline, and what
 * interceptors and the server's snapshot say of the call.
 */
async function reasonOfReset(left: number, code: number, fields = [["grpc-timeout", `${TIMEOUT_MS}m`]] as const) {
  const [started, reason] = [moment(), moment<unknown>()];
  const outcome = moment<CallOutcome>();
  const { server, port, reports } = await startServer(
    {
      unary(_request, { signal }) {
        started.happens();
        return new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            reason.happens(signal.reason);
            reject(new GRPCError(Status.DEADLINE_EXCEEDED, "no time left"));
          });
        });
      },
    },
    {
      interceptors: [
        (call, next) => {
          void call.outcome.then(outcome.happens);
          return next();
        },
      ],
    },
  );
  const connection = await FrameConnection.connect(port);
  connection.send(settings(), headers(1, requestFields("Unary", fields)));
  connection.send(data(1, requestMessage({}), { endStream: true }));
  await started.promise;
  const now = performance.now();
  vi.spyOn(performance, "now").mockReturnValue(now + TIMEOUT_MS - left);
  onTestFinished(() => void vi.restoreAllMocks());
  connection.send(reset(1, code));
  return { reason: await reason.promise, outcome: await outcome.promise, calls: server.snapshot().calls, reports };
}

test.for([-1000, 0, 10])(
  "CANCEL with %i ms left is the deadline, and a handler that says so is not reported",
  async (left) => {
    const { reason, outcome, calls, reports } = await reasonOfReset(left, CANCEL);
    expect(reason).toBeInstanceOf(GRPCError);
    expect(reason).toMatchObject({ status: Status.DEADLINE_EXCEEDED, message: "Deadline exceeded" });
    expect(outcome).toMatchObject({ status: Status.DEADLINE_EXCEEDED, message: "Deadline exceeded", error: reason });
    expect(endedBy(outcome, false)).toBe("deadline");
    expect(outcome.endedBy).toBe("server");
    expect(calls).toMatchObject({ inFlight: 0, byStatus: { DEADLINE_EXCEEDED: 1 } });
    expect(reports.take()).toEqual([]);
  },
);

test.for<[what: string, left: number, code: number, fields?: readonly (readonly [string, string])[]]>([
  ["CANCEL with 100 ms left", 100, CANCEL],
  ["another code", 0, PROTOCOL_ERROR],
  ["CANCEL without a deadline", 0, CANCEL, []],
])("%s is a reset", async ([, left, code, fields]) => {
  const { reason, outcome, calls, reports } = await reasonOfReset(left, code, fields as never);
  expect(reason).toBeInstanceOf(StreamTerminatedError);
  expect(reason).toMatchObject({ code });
  expect(outcome).toMatchObject({ status: Status.CANCELLED, endedBy: "client", error: reason });
  expect(calls).toMatchObject({ inFlight: 0, byStatus: { CANCELLED: 1 } });
  expect(reports.take()).toMatchObject([{ error: { message: "Failed to handle cancellation" } }]);
});
