// On Node 20 a composed signal does not keep a timeout signal alive: if nothing else does, the timeout is collected as
// garbage and never fires. docs/cancellation.md says what to do instead.
import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type GRPCError, Status } from "../../src/index.js";
import { collectGarbage } from "../attacks/programs/collect-garbage.js";
import { moment, rejection, startPair } from "../harness.js";

const FIRES_MS = 100;

let collector: NodeJS.Timeout;
beforeEach(() => {
  collector = setInterval(collectGarbage, 20);
});
afterEach(() => clearInterval(collector));

/** Keeps timeout signals alive, as a variable of the caller does. */
const kept: AbortSignal[] = [];
const compose = (timeout: AbortSignal) => AbortSignal.any([timeout, new AbortController().signal]);

const losesTimeouts = process.versions.node.startsWith("20.");

test.for([
  {
    signal: "a timeout that nothing else refers to",
    make: () => compose(AbortSignal.timeout(FIRES_MS)),
    status: losesTimeouts ? Status.DEADLINE_EXCEEDED : Status.CANCELLED,
  },
  {
    signal: "a composition of such a timeout",
    make: () => compose(compose(AbortSignal.timeout(FIRES_MS))),
    status: losesTimeouts ? Status.DEADLINE_EXCEEDED : Status.CANCELLED,
  },
  {
    signal: "a timeout that the caller refers to",
    make: () => {
      const timeout = AbortSignal.timeout(FIRES_MS);
      kept.push(timeout);
      return compose(timeout);
    },
    status: Status.CANCELLED,
  },
  {
    signal: "a timeout with a listener",
    make: () => {
      const timeout = AbortSignal.timeout(FIRES_MS);
      timeout.addEventListener("abort", () => {});
      return compose(timeout);
    },
    status: Status.CANCELLED,
  },
])("a call whose signal is composed of $signal", async ({ make, status }) => {
  const { stub } = await startPair({
    async unary(_request, { signal }) {
      await once(signal, "abort");
      return {};
    },
  });
  // Without the signal, the call ends by its own timeout.
  const error = await rejection(stub.unary({}, { signal: make(), timeout: 10 * FIRES_MS }));
  expect(error as GRPCError).toMatchObject({ status });
});

test("a handler's signal that is composed of the context's signal and a timeout fires when the client cancels", async () => {
  const started = moment();
  const fired = moment<unknown>();
  const { stub } = await startPair({
    async unary(_request, { signal }) {
      const composed = AbortSignal.any([signal, AbortSignal.timeout(60_000)]);
      composed.addEventListener("abort", (event) => fired.happens((event.target as AbortSignal).reason));
      started.happens();
      await fired.promise;
      return {};
    },
  });
  const controller = new AbortController();
  const call = rejection(stub.unary({}, controller));
  await started.promise;
  await new Promise((resolve) => setTimeout(resolve, FIRES_MS));
  controller.abort();
  expect(await fired.promise).toMatchObject({ name: "StreamTerminatedError" });
  expect(await call).toMatchObject({ status: Status.CANCELLED });
});
