import { create } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ClientInterceptor, GRPCError, Status, StreamTerminatedError } from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { TestResponseSchema } from "../gen/test/v1/test_pb.js";
import { moment, rejection } from "../harness.js";
import { withClient } from "./pairs.js";

// A call that ends before its interceptors do, or interceptors that end before their calls.

let unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => void unhandled.push(reason);

beforeEach(() => {
  unhandled = [];
  process.on("unhandledRejection", onUnhandled);
});

afterEach(async () => {
  await new Promise(setImmediate);
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled).toEqual([]);
});

/** Handlers that run until their call is cancelled. */
function waiting() {
  const running = moment();
  const reason = moment<unknown>();
  const handlers = handleAll(({ signal }) => {
    running.happens();
    return new Promise((_, reject) =>
      signal.addEventListener("abort", () => {
        reason.happens(signal.reason);
        reject(signal.reason);
      }),
    );
  });
  return { handlers, running: running.promise, reason: reason.promise };
}

const pass: ClientInterceptor = async (_call, next) => next();

const hanging: Record<string, ClientInterceptor> = {
  "before next()": () => new Promise(() => {}),
  "after it has called next(), which it does not await": (_call, next) => {
    void next();
    return new Promise(() => {});
  },
  "after a failure": async (_call, next) => {
    await rejection(next());
    return new Promise(() => {});
  },
};

const cases = kinds.flatMap((kind) => Object.keys(hanging).map((when) => [kind, when] as const));

describe("an interceptor that never settles", () => {
  const failing = handleAll(() => {
    throw new GRPCError(Status.UNAVAILABLE);
  });

  test.for(cases)("%s, %s: the deadline ends the call", async ([kind, when]) => {
    const handlers = when === "after a failure" ? failing : waiting().handlers;
    const { stub } = await withClient(handlers, pass, hanging[when] as ClientInterceptor, pass);
    const error = await rejection(call(stub, kind, { timeout: 100 }));
    expect(error).toMatchObject({ status: Status.DEADLINE_EXCEEDED, origin: "client" });
  });

  test.for(cases)("%s, %s: a signal ends the call", async ([kind, when]) => {
    const handlers = when === "after a failure" ? failing : waiting().handlers;
    const { stub } = await withClient(handlers, pass, hanging[when] as ClientInterceptor, pass);
    const controller = new AbortController();
    const outcome = rejection(call(stub, kind, { signal: controller.signal }));
    setTimeout(() => controller.abort("enough"), 50);
    expect(await outcome).toMatchObject({ status: Status.CANCELLED, cause: "enough" });
  });

  test.for(kinds)("%s: leaving open() cancels the call on the server", async (kind) => {
    const { handlers, running, reason } = waiting();
    const { stub } = await withClient(
      handlers,
      hanging["after it has called next(), which it does not await"] as never,
    );
    await stub[kind].open(async (stream) => {
      await stream.sendMessage({});
      await stream.end();
      await running;
    });
    expect(await reason).toBeInstanceOf(StreamTerminatedError);
  });
});

describe("an interceptor that ends before its call", () => {
  test.for(kinds)("%s: an error cancels the call on the server", async (kind) => {
    const { handlers, running, reason } = waiting();
    const mistake = new Error("mine");
    const { stub } = await withClient(handlers, pass, async (_call, next) => {
      void next();
      await running;
      throw mistake;
    });
    expect(await rejection(call(stub, kind))).toBe(mistake);
    expect(await reason).toBeInstanceOf(StreamTerminatedError);
  });

  test.for(["unary", "clientStream"] as const)("%s: an answer cancels the call on the server", async (kind) => {
    const { handlers, running, reason } = waiting();
    const { stub } = await withClient(handlers, async (_call, next) => {
      void next();
      await running;
      return create(TestResponseSchema, { text: "own" });
    });
    expect(await call(stub, kind)).toMatchObject([{ text: "own" }]);
    expect(await reason).toBeInstanceOf(StreamTerminatedError);
  });
});

describe("a caller who leaves", () => {
  test.for(kinds)("%s: what the interceptors do afterwards has no effect", async (kind) => {
    const { handlers, running, reason } = waiting();
    const done = moment<unknown>();
    const { stub } = await withClient(
      handlers,
      async (_call, next) => {
        const error = await rejection(next());
        await new Promise((resolve) => setTimeout(resolve, 10));
        done.happens(error);
        throw new Error("too late");
      },
      pass,
    );
    const controller = new AbortController();
    const outcome = rejection(call(stub, kind, { signal: controller.signal }));
    await running;
    controller.abort("enough");
    expect(await outcome).toMatchObject({ status: Status.CANCELLED, cause: "enough" });
    expect(await done.promise).toMatchObject({ status: Status.CANCELLED, cause: "enough" });
    expect(await reason).toBeInstanceOf(StreamTerminatedError);
  });

  test.for(kinds)("%s: an interceptor may be what aborts the signal, at once", async (kind) => {
    for (const place of ["before", "after"]) {
      const controller = new AbortController();
      const { stub } = await withClient(waiting().handlers, pass, (_call, next) => {
        const result = place === "after" ? next() : undefined;
        controller.abort(place);
        return result ?? next();
      });
      const error = await rejection(call(stub, kind, { signal: controller.signal }));
      expect(error).toMatchObject({ status: Status.CANCELLED, cause: place });
    }
  });

  test.for(kinds)("%s: an interceptor may call next() afterwards, and await it later", async (kind) => {
    const [left, done] = [moment(), moment<unknown>()];
    const { stub } = await withClient({}, async (_call, next) => {
      await left.promise;
      const late = next();
      await new Promise(setImmediate);
      done.happens(await rejection(late));
      return late;
    });
    const controller = new AbortController();
    const outcome = rejection(call(stub, kind, { signal: controller.signal }));
    controller.abort("enough");
    expect(await outcome).toMatchObject({ status: Status.CANCELLED });
    left.happens();
    expect(await done.promise).toMatchObject({ status: Status.CANCELLED, cause: "enough" });
  });

  test.for(kinds)("%s: after the parent's end, interceptors do not run", async (kind) => {
    const seen: string[] = [];
    const { stub } = await withClient({}, async (_call, next) => {
      seen.push("ran");
      return next();
    });
    await rejection(call(stub, kind, { signal: AbortSignal.abort("over") }));
    expect(seen).toEqual([]);
  });

  test.for(["serverStream", "bidi"] as const)("%s: leaving the responses rejects next()", async (kind) => {
    const seen = moment<unknown>();
    const endless = async function* () {
      for (let number = 0; ; number++) yield { number };
    };
    const { stub } = await withClient({ serverStream: endless, bidi: endless }, async (_call, next) => {
      const error = await rejection(next());
      seen.happens(error);
      throw error;
    });
    for await (const { number } of kind === "bidi" ? stub.bidi([]) : stub.serverStream({})) if (number === 3) break;
    expect(await seen.promise).toMatchObject({ status: Status.CANCELLED, message: "Cancelled by the caller" });
  });

  test("an error of the requests is what interceptors see as the cause", async () => {
    const seen: unknown[] = [];
    const mistake = new Error("no more");
    const { stub } = await withClient(waiting().handlers, async (call, next) => {
      const error = await rejection(next());
      seen.push((error as Error).cause, (await call.outcome).status);
      throw error;
    });
    const requests = async function* () {
      yield {};
      throw mistake;
    };
    expect(await rejection(stub.clientStream(requests()))).toBe(mistake);
    await new Promise(setImmediate);
    expect(seen).toEqual([mistake, Status.CANCELLED]);
  });
});

describe("next() that comes too late, and that nobody awaits", () => {
  test.for(kinds)("%s: after the interceptor has returned", async (kind) => {
    let late: (() => Promise<unknown>) | undefined;
    const { stub } = await withClient(
      handleAll(() => ({})),
      (_call, next) => {
        late = next;
        return next();
      },
    );
    await call(stub, kind);
    void late?.();
  });

  test.for(kinds)("%s: after the headers have arrived", async (kind) => {
    const { stub } = await withClient(
      handleAll(() => ({})),
      async (_call, next) => {
        const result = await next();
        void next();
        return result;
      },
    );
    await call(stub, kind);
  });
});
