import { describe, expect, test } from "vitest";
import { GRPCError, ProtocolError, type ServerInterceptor, Status } from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { collect, rejection } from "../harness.js";
import { withServer } from "./pairs.js";

const internal = { status: Status.UNKNOWN, statusMessage: "Internal Server Error", origin: "peer" };

const thrown: Record<string, unknown> = {
  "a GRPCError": new GRPCError(Status.NOT_FOUND, "no such book"),
  "an Error": new Error("secret"),
  "a string": "secret",
  undefined: undefined,
  null: null,
};

const cases = kinds.flatMap((kind) => Object.keys(thrown).map((name) => [kind, name] as const));

const failing = (error: unknown) => handleAll(() => Promise.reject(error));

describe("what a handler throws", () => {
  test.for(cases)("%s: %s reaches the interceptors as it is, and becomes another error", async ([kind, name]) => {
    const seen: unknown[] = [];
    const { stub } = await withServer(
      failing(thrown[name]),
      async (_call, next) => {
        const error = await rejection(next());
        throw error;
      },
      async (_call, next) => {
        seen.push(await rejection(next()));
        throw new GRPCError(Status.ABORTED, "mapped");
      },
    );
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.ABORTED, statusMessage: "mapped" });
    expect(seen).toEqual([thrown[name]]);
    expect(seen[0] === thrown[name]).toBe(true);
  });

  test.for(cases)("%s: %s, thrown again, is the same as without interceptors", async ([kind, name]) => {
    const pass: ServerInterceptor = async (_call, next) => next();
    const { stub, reports } = await withServer(failing(thrown[name]), pass, pass);
    const { stub: plain, reports: plainReports } = await withServer(failing(thrown[name]));
    const seen = (await rejection(call(stub, kind))) as GRPCError;
    const expected = (await rejection(call(plain, kind))) as GRPCError;
    expect([seen.status, seen.message, seen.origin]).toEqual([expected.status, expected.message, expected.origin]);
    expect(reports.take().map(({ error }) => error)).toEqual(plainReports.take().map(({ error }) => error));
  });
});

test.for(kinds)("%s: what an interceptor reports goes to onError, and the call continues", async (kind) => {
  const mistake = new Error("secret");
  const { stub, reports } = await withServer(
    handleAll(() => ({})),
    async (call, next) => {
      call.report(mistake);
      await next();
    },
  );
  await call(stub, kind);
  const [{ error, info } = { error: undefined, info: undefined }, ...others] = reports.take();
  expect(error).toBe(mistake);
  expect(info?.method).toMatch(/^\/test\.v1\.TestService\//);
  expect(others).toEqual([]);
});

describe("what an interceptor throws", () => {
  test.for(kinds)("%s: an Error is reported, and the client gets UNKNOWN", async (kind) => {
    const mistake = new Error("secret");
    const { stub, reports } = await withServer({}, async () => {
      throw mistake;
    });
    expect(await rejection(call(stub, kind))).toMatchObject(internal);
    expect(reports.take().map(({ error }) => error)).toEqual([mistake]);
  });

  test.for(kinds)("%s: after the handler has succeeded, it is the outcome", async (kind) => {
    const { stub } = await withServer(
      handleAll(() => ({})),
      async (_call, next) => {
        await next();
        throw new GRPCError(Status.DATA_LOSS, "could not store it");
      },
    );
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.DATA_LOSS, origin: "peer" });
  });

  test("after streamed responses, the client gets the responses first", async () => {
    const { stub } = await withServer(
      {
        async *serverStream() {
          yield { text: "a" };
          yield { text: "b" };
        },
      },
      async (_call, next) => {
        await next();
        throw new GRPCError(Status.DATA_LOSS);
      },
    );
    const responses = stub.serverStream({});
    expect([(await responses.next()).value?.text, (await responses.next()).value?.text]).toEqual(["a", "b"]);
    expect(await rejection(responses.next())).toMatchObject({ status: Status.DATA_LOSS });
  });

  test.for(["unary", "clientStream"] as const)("%s: a single response stays unread if it fails late", async (kind) => {
    const { stub } = await withServer(
      handleAll(() => ({ text: "a" })),
      async (_call, next) => {
        await next();
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw new GRPCError(Status.DATA_LOSS);
      },
    );
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.DATA_LOSS });
  });
});

test.for(kinds)("%s: a function that creates an interceptor must not take its place", async (kind) => {
  const authenticate = (): ServerInterceptor => (_call, next) => next();
  const { stub, reports } = await withServer({}, authenticate as never);
  expect(await rejection(call(stub, kind))).toMatchObject(internal);
  const [report, ...more] = reports.take();
  expect(more).toEqual([]);
  expect(report?.error).toBeInstanceOf(ProtocolError);
  expect((report as { error: Error }).error.message).toMatch(
    /^An interceptor of \/test\.v1\.TestService\/\w+ has returned a function, without next\(\)\. authenticate seems to create the interceptor\. Pass authenticate\(\)\.$/,
  );
});

describe("an interceptor that swallows the error of the handler", () => {
  const swallow: ServerInterceptor = async (_call, next) => {
    await rejection(next());
  };

  test.for(["unary", "clientStream"] as const)("%s: there is no response to send, which is reported", async (kind) => {
    const seen: unknown[] = [];
    const { stub, reports } = await withServer(
      failing(new GRPCError(Status.NOT_FOUND)),
      async (_call, next) => {
        seen.push(await rejection(next()));
        throw seen[0];
      },
      swallow,
    );
    expect(await rejection(call(stub, kind))).toMatchObject(internal);
    const [report, ...more] = reports.take();
    expect(more).toEqual([]);
    expect(report?.error).toBeInstanceOf(ProtocolError);
    expect((report as { error: Error }).error.message).toMatch(
      /^An interceptor of \/test\.v1\.TestService\/\w+ has returned, but no response has been sent\. Await next\(\)/,
    );
    expect(seen).toEqual([report?.error]);
  });

  test.for(["unary", "clientStream"] as const)("%s: neither is there if it does not call next()", async (kind) => {
    const { stub, reports } = await withServer({}, async () => {});
    expect(await rejection(call(stub, kind))).toMatchObject(internal);
    expect(reports.take()).toMatchObject([{ error: expect.any(ProtocolError) }]);
  });

  test.for(["serverStream", "bidi"] as const)("%s: the responses end there", async (kind) => {
    const generate = async function* () {
      yield { text: "a" };
      throw new Error("secret");
    };
    const { stub } = await withServer({ serverStream: generate, bidi: generate }, swallow);
    const responses = await collect(kind === "bidi" ? stub.bidi([]) : stub.serverStream({}));
    expect(responses).toMatchObject([{ text: "a" }]);
  });
});
