import { Deadline } from "../core/deadline.js";
import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import { GRPCError } from "../errors/error.js";
import type { QueuedCall } from "./call-queue.js";
import type { Connector } from "./connector.js";

/**
 * Waits until there is a connection, as a call that is `waitForReady` does, but
 * without opening a stream on it.
 *
 * @param timeout how long to wait, in milliseconds. Default: no limit
 * @throws GRPCError DEADLINE_EXCEEDED, whose cause is the last error of the connection; CANCELLED if the channel is closed
 */
export async function untilReady(connector: Connector, timeout: number = Number.POSITIVE_INFINITY): Promise<void> {
  const deadline = Deadline.after(timeout);
  await new Promise<void>((resolve, reject) => {
    const fail = ({ status, message, cause }: CallEnd): void =>
      reject(new GRPCError(status, message, undefined, { origin: "client", cause }));
    const waiter: QueuedCall = {
      request: { waitForReady: true },
      get expired() {
        return deadline.expired;
      },
      open() {
        stopTimer();
        resolve();
      },
      refuse(end) {
        stopTimer();
        fail(end);
      },
    };
    const stopTimer = deadline.onExpired(() => {
      const { activity, cause } = connector.whyPending();
      connector.withdraw(waiter);
      fail({
        status: Status.DEADLINE_EXCEEDED,
        message: `Deadline exceeded while ${activity}`,
        origin: "client",
        cause,
      });
    });
    connector.open(waiter);
  });
}
