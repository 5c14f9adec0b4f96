// What interceptors of a user may do by mistake must neither end the process nor leave a call without an end.
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ClientInterceptor, GRPCError, retry, type ServerInterceptor, Status } from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { TestRequestSchema, TestService } from "../gen/test/v1/test_pb.js";
import { rejection, startPair } from "../harness.js";
import { withClient, withServer } from "./pairs.js";

const missing = handleAll(() => Promise.reject(new GRPCError(Status.NOT_FOUND, "no such book")));

const rejections: unknown[] = [];
const onRejection = (reason: unknown) => rejections.push(reason);
beforeEach(() => void process.on("unhandledRejection", onRejection));
afterEach(() => {
  process.off("unhandledRejection", onRejection);
  expect(rejections.splice(0)).toEqual([]);
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe("next() that rejects before it is awaited", () => {
  test.for(kinds)("%s: on a server", async (kind) => {
    const late: ServerInterceptor = async (_call, next) => {
      const done = next();
      await sleep(20);
      await done;
    };
    const { stub } = await withServer(missing, late);
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.NOT_FOUND });
  });

  test.for(kinds)("%s: on a client", async (kind) => {
    const late: ClientInterceptor = async (_call, next) => {
      const done = next();
      await sleep(20);
      return await done;
    };
    const { stub } = await withClient(missing, late);
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.NOT_FOUND, message: "no such book" });
  });
});

test.for(kinds)("%s: a server interceptor throws a revoked Proxy while next() is pending", async (kind) => {
  const throwing: ServerInterceptor = async (_call, next) => {
    void next().catch(() => {});
    throw revoked();
  };
  const { stub, reports } = await withServer(
    handleAll(() => sleep(50, {})),
    throwing,
  );
  expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.UNKNOWN });
  await sleep(80);
  expect(reports.take().length).toBeGreaterThan(0);
});

test.for(kinds)(
  "%s: a client interceptor that has read outcome throws an error whose details cannot be read",
  async (kind) => {
    const unreadable = Object.defineProperty(new GRPCError(Status.ABORTED), "details", {
      get: () => {
        throw new Error("not readable");
      },
    });
    const throwing: ClientInterceptor = async (call) => {
      void call.outcome;
      throw unreadable;
    };
    const { stub } = await withClient(
      handleAll(() => ({})),
      throwing,
    );
    expect(await rejection(call(stub, kind, { timeout: 5000 }))).toBe(unreadable);
  },
);

test("next() settles if the interceptor ends the call before the request has arrived", async () => {
  let settled = false;
  const ending: ServerInterceptor = async (call, next) => {
    const done = next();
    call.sendTrailingMetadata({ status: Status.UNAVAILABLE, message: "not now" });
    await done.catch(() => {});
    settled = true;
  };
  const { stub } = await withServer({ unary: () => ({}) }, ending);
  expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNAVAILABLE, message: "not now" });
  await expect.poll(() => settled).toBe(true);
});

describe("a message that the caller changes after it has sent it", () => {
  test("is sent by each attempt as it was", async () => {
    const received: number[][] = [];
    const { stub } = await startPair(
      {
        async clientStream(requests) {
          const numbers: number[] = [];
          received.push(numbers);
          for await (const { number } of requests) numbers.push(number);
          if (received.length === 1) throw new GRPCError(Status.UNAVAILABLE);
          return {};
        },
      },
      { channel: { interceptors: [retry({ initialBackoff: 1, methods: [TestService.method.clientStream] })] } },
    );
    const request = create(TestRequestSchema);
    await stub.clientStream(
      (async function* () {
        for (const number of [1, 2, 3]) {
          request.number = number;
          yield request;
        }
      })(),
    );
    expect(received).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  test("is sent as it was although an interceptor waits before next()", async () => {
    const waiting: ClientInterceptor = async (_call, next) => {
      await sleep(20);
      return await next();
    };
    const { stub } = await withClient({ unary: ({ number }) => ({ number }) }, waiting);
    const request = create(TestRequestSchema, { number: 1 });
    const response = stub.unary(request);
    request.number = 2;
    expect((await response).number).toBe(1);
  });
});
