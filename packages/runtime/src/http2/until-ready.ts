import { Deadline } from "../core/deadline.js";
import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import { GRPCError } from "../errors/error.js";
import type { QueuedCall } from "./call-queue.js";
import type { Connector } from "./connector.js";

/**
 * Waits until there is a connection, as a call that is `waitForReady` does, but
 * before all calls and without opening a stream.
 *
 * @param timeout how long to wait, in milliseconds. Default: no limit
 * @throws GRPCError DEADLINE_EXCEEDED, whose cause is the last error of the connection; CANCELLED if the channel is closed
 */
export async function untilReady(connector: Connector, timeout: number = Number.POSITIVE_INFINITY): Promise<void> {
  const deadline = Deadline.after(timeout);
  let stopTimer = () => {};
  const failure = await new Promise<CallEnd | undefined>((resolve) => {
    const waiter: QueuedCall = {
      request: { waitForReady: true },
      needsStream: false,
      get expired() {
        return deadline.expired;
      },
      open: () => resolve(undefined),
      refuse: resolve,
    };
    stopTimer = deadline.onExpired(() => {
      const { activity, cause } = connector.whyPending();
      connector.withdraw(waiter);
      const message = `Deadline exceeded while ${activity}`;
      resolve({ status: Status.DEADLINE_EXCEEDED, message, origin: "client", cause });
    });
    connector.open(waiter);
  });
  stopTimer();
  if (failure === undefined) return;
  const { status, message, cause } = failure;
  throw new GRPCError(status, message, undefined, { origin: "client", cause });
}
