import { describe, expect, test } from "vitest";
import { type CallOutcome, type ClientInterceptor, detail, GRPCError, Status } from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { OwnDetailSchema } from "../gen/test/v1/test_pb.js";
import { moment, rejection } from "../harness.js";
import { withClient } from "./pairs.js";

const succeeding = handleAll(() => ({}));

/** The outcomes of a call that an interceptor learns: asked for before, during and after `next()`. */
function observer() {
  const outcomes: CallOutcome[] = [];
  const interceptor: ClientInterceptor = async (call, next) => {
    const before = call.outcome;
    const result = next();
    const during = call.outcome;
    try {
      return await result;
    } finally {
      outcomes.push(await before, await during, await call.outcome);
    }
  };
  return { outcomes, interceptor };
}

describe("outcome", () => {
  test.for(kinds)("%s: of a success", async (kind) => {
    const { outcomes, interceptor } = observer();
    const { stub } = await withClient(succeeding, interceptor);
    await call(stub, kind);
    const expected = { status: Status.OK, message: undefined, details: [], endedBy: "server", error: undefined };
    expect(outcomes).toEqual([expected, expected, expected]);
  });

  test.for(kinds)("%s: of an error of the server", async (kind) => {
    const { outcomes, interceptor } = observer();
    const own = detail(OwnDetailSchema, { text: "why" });
    const { stub } = await withClient(
      handleAll(() => {
        throw new GRPCError(Status.ABORTED, "no", [own]);
      }),
      interceptor,
    );
    const error = (await rejection(call(stub, kind))) as GRPCError;
    expect(outcomes).toHaveLength(3);
    for (const { error: seen, ...outcome } of outcomes) {
      expect(outcome).toEqual({ status: Status.ABORTED, message: "no", details: error.details, endedBy: "server" });
      expect(seen).toMatchObject({ status: Status.ABORTED, origin: "peer" });
    }
  });

  const hanging = () => {
    const running = moment();
    const handlers = handleAll(({ signal }) => {
      running.happens();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    return { running: running.promise, handlers };
  };

  const ends = {
    "a deadline": { options: { timeout: 100 }, status: Status.DEADLINE_EXCEEDED, cause: {} },
    "the signal of the caller": { options: undefined, status: Status.CANCELLED, cause: { cause: "enough" } },
  };
  const cases = kinds.flatMap((kind) =>
    (Object.keys(ends) as (keyof typeof ends)[]).map((end) => [kind, end] as const),
  );

  test.for(cases)("%s: of a call that ends with %s, as next() and the signal say", async ([kind, end]) => {
    const { outcomes, interceptor } = observer();
    const seen: unknown[] = [];
    const { running, handlers } = hanging();
    const { stub } = await withClient(
      handlers,
      async (call, next) => {
        const { signal } = call;
        expect(signal.aborted).toBe(false);
        signal.addEventListener("abort", () => seen.push(signal.reason));
        try {
          return await next();
        } catch (error) {
          seen.push(error, signal.reason);
          throw error;
        }
      },
      interceptor,
    );
    const controller = new AbortController();
    void running.then(() => ends[end].options ?? controller.abort("enough"));
    const error = (await rejection(call(stub, kind, ends[end].options ?? { signal: controller.signal }))) as GRPCError;
    const { status, cause } = ends[end];
    const { message } = error;
    expect(error).toMatchObject({ status, ...cause, origin: "client" });
    await new Promise(setImmediate);
    expect(outcomes.map(({ status, message, endedBy }) => [status, message, endedBy])).toEqual(
      Array(3).fill([status, message, "client"]),
    );
    expect(seen).toMatchObject(Array(3).fill({ status, message, ...cause, origin: "client" }));
  });

  test.for(kinds)("%s: is known, and the signal aborted, if the call ends before next()", async (kind) => {
    const seen = moment<unknown[]>();
    const { stub } = await withClient({}, async (call, next) => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      const error = await rejection(next());
      seen.happens([(await call.outcome).status, call.signal.aborted, call.signal.reason, error]);
      return undefined;
    });
    const error = (await rejection(call(stub, kind, { timeout: 20 }))) as GRPCError;
    const same = { status: Status.DEADLINE_EXCEEDED, message: error.message };
    expect(await seen.promise).toMatchObject([Status.DEADLINE_EXCEEDED, true, same, same]);
  });

  test.for(kinds)("%s: is that of the latest attempt", async (kind) => {
    const statuses: Status[] = [];
    let attempts = 0;
    const { stub } = await withClient(
      handleAll(() => {
        if (++attempts === 1) throw new GRPCError(Status.UNAVAILABLE);
        return {};
      }),
      async (call, next) => {
        call.keepRequests();
        const early = call.outcome;
        await rejection(next());
        statuses.push((await early).status, (await call.outcome).status);
        const result = next();
        const during = call.outcome;
        await result;
        statuses.push((await during).status, (await call.outcome).status);
        return result;
      },
    );
    await call(stub, kind);
    expect(statuses).toEqual([Status.UNAVAILABLE, Status.UNAVAILABLE, Status.OK, Status.OK]);
  });

  test.for(kinds)("%s: of an interceptor that throws instead of next()", async (kind) => {
    const outcomes: CallOutcome[] = [];
    const mistake = new GRPCError(Status.UNAUTHENTICATED, "who are you?");
    const { stub } = await withClient({}, async (call) => {
      void call.outcome.then((outcome) => outcomes.push(outcome));
      throw mistake;
    });
    expect(await rejection(call(stub, kind))).toBe(mistake);
    const { status, message } = { status: Status.UNAUTHENTICATED, message: "who are you?" };
    expect(outcomes).toEqual([{ status, message, details: [], endedBy: "client", error: mistake }]);
  });

  test.for(["unary", "clientStream"] as const)("%s: of a response that onResponse() does not accept", async (kind) => {
    const { outcomes, interceptor } = observer();
    const mistake = new Error("not this one");
    const { stub } = await withClient(succeeding, async (call, next) => {
      call.onResponse(() => {
        throw mistake;
      });
      return interceptor(call, next);
    });
    expect(await rejection(call(stub, kind))).toBe(mistake);
    expect(outcomes.map(({ status, error, endedBy }) => [status, error, endedBy])).toEqual(
      Array(3).fill([Status.UNKNOWN, mistake, "client"]),
    );
  });

  test.for(kinds)("%s: does not abort the signal of a call that ends by itself", async (kind) => {
    const signals: AbortSignal[] = [];
    const { stub } = await withClient(succeeding, async (call, next) => {
      signals.push(call.signal);
      return next();
    });
    await call(stub, kind);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });
});
