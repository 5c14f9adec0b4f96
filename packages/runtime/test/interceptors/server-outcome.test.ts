import { describe, expect, test } from "vitest";
import {
  type CallOutcome,
  detail,
  GRPCError,
  type ServerInterceptor,
  Status,
  StreamTerminatedError,
} from "../../src/index.js";
import { call, handleAll, kinds, type TestHandlers } from "../calls/kinds.js";
import { OwnDetailSchema } from "../gen/test/v1/test_pb.js";
import { moment, rejection, startPairOnNetwork, type TestServerOptions } from "../harness.js";
import { frame, paths, RawClient, type RawRequest } from "../peers/raw-client.js";

/** A server with an interceptor that learns the outcome before `next()` settles, and after it. */
async function observe(handlers: TestHandlers, server: TestServerOptions = {}) {
  const done = moment<{ early: CallOutcome; late: CallOutcome; error: unknown; reason: unknown }>();
  const interceptor: ServerInterceptor = async (call, next) => {
    const asked = call.outcome;
    let error: unknown;
    try {
      await next();
    } catch (thrown) {
      error = thrown;
      throw thrown;
    } finally {
      const { signal } = call;
      const reason = signal.aborted ? signal.reason : undefined;
      done.happens({ early: await asked, late: await call.outcome, error, reason });
    }
  };
  const pair = await startPairOnNetwork(handlers, { server: { ...server, interceptors: [interceptor] } });
  return { ...pair, seen: done.promise };
}

/** Handlers that run until their call is cancelled. */
function waiting() {
  const running = moment();
  const handlers = handleAll(({ signal }) => {
    running.happens();
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  return { handlers, running: running.promise };
}

describe("outcome", () => {
  test.for(kinds)("%s: of a success", async (kind) => {
    const { stub, seen } = await observe(handleAll(() => ({})));
    await call(stub, kind);
    const expected = { status: Status.OK, message: undefined, details: [], endedBy: "server" };
    const { early, late, error } = await seen;
    expect([early, late, error]).toMatchObject([expected, expected, undefined]);
  });

  test.for(kinds)("%s: of a GRPCError", async (kind) => {
    const thrown = new GRPCError(Status.ABORTED, "no", [detail(OwnDetailSchema, { text: "why" })]);
    const { stub, seen } = await observe(
      handleAll(() => {
        throw thrown;
      }),
    );
    await rejection(call(stub, kind));
    const { details } = thrown;
    const expected = { status: Status.ABORTED, message: "no", details, endedBy: "server", error: thrown };
    expect(await seen).toMatchObject({ early: expected, late: expected, error: thrown });
  });

  test.for(kinds)("%s: of another error, which the client does not get", async (kind) => {
    const thrown = new Error("secret");
    const { stub, seen, reports } = await observe(
      handleAll(() => {
        throw thrown;
      }),
    );
    await rejection(call(stub, kind));
    const expected = { status: Status.UNKNOWN, message: "Internal Server Error", details: [], error: thrown };
    expect(await seen).toMatchObject({ early: expected, late: expected, error: thrown });
    expect(reports.take()).toHaveLength(1);
  });

  test.for(kinds)("%s: of sendTrailingMetadata()", async (kind) => {
    const { stub, seen } = await observe(
      handleAll((context) => context.sendTrailingMetadata({ status: Status.ABORTED, message: "no" }) as never),
    );
    await rejection(call(stub, kind));
    const expected = { status: Status.ABORTED, message: "no", details: [], endedBy: "server" };
    expect(await seen).toMatchObject({ early: expected, late: expected });
  });

  test.for(kinds)("%s: of a deadline", async (kind) => {
    const { handlers } = waiting();
    const { address, seen } = await observe(handlers);
    const { headers } = await new RawClient(address).request({
      headers: { ":path": paths[kind], "grpc-timeout": "50m" },
    });
    expect(headers["grpc-status"]).toBe(String(Status.DEADLINE_EXCEEDED));
    const expected = { status: Status.DEADLINE_EXCEEDED, message: "Deadline exceeded", endedBy: "server" };
    const { early, late, error, reason } = await seen;
    expect([early, late]).toMatchObject([expected, expected]);
    expect(error).toBeInstanceOf(GRPCError);
    expect([early.error, late.error, error]).toEqual([reason, reason, reason]);
  });

  test.for(kinds)("%s: of a client that has left", async (kind) => {
    const { handlers, running } = waiting();
    const { stub, seen } = await observe(handlers);
    const controller = new AbortController();
    const left = rejection(call(stub, kind, { signal: controller.signal }));
    await running;
    controller.abort();
    await left;
    const { early, late, error, reason } = await seen;
    const { message } = reason as StreamTerminatedError;
    const expected = { status: Status.CANCELLED, message, details: [], endedBy: "client" };
    expect([early, late]).toMatchObject([expected, expected]);
    expect(reason).toBeInstanceOf(StreamTerminatedError);
    expect(error).toBe(reason);
  });

  test.for(kinds)("%s: of a server that shuts down", async (kind) => {
    const { handlers, running } = waiting();
    const { stub, server, seen } = await observe(handlers);
    const outcome = rejection(call(stub, kind));
    await running;
    await server.close({ grace: 10 });
    expect(await outcome).toMatchObject({ status: Status.UNAVAILABLE });
    const expected = { status: Status.UNAVAILABLE, message: "The server is shutting down", endedBy: "server" };
    expect(await seen).toMatchObject({ early: expected, late: expected, error: { status: Status.UNAVAILABLE } });
  });

  test.for(["serverStream", "bidi"] as const)(
    "%s: next() settles though the handler waits for a client that leaves",
    async (kind) => {
      const data = new Uint8Array(100_000);
      let sent = 0;
      const generate = async function* () {
        for (; ; sent++) yield { data };
      };
      const { stub, seen } = await observe({ serverStream: generate, bidi: generate });
      const responses = kind === "bidi" ? stub.bidi([]) : stub.serverStream({});
      await responses.next();
      for (let before = -1; before !== sent; ) {
        before = sent;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await responses.return?.();
      expect(await seen).toMatchObject({ late: { status: Status.CANCELLED, endedBy: "client" } });
    },
  );
});

describe("a client that leaves", () => {
  /** A call whose client leaves while something waits, which then throws an error. */
  async function leave(where: "interceptor" | "handler", thrown: unknown) {
    const running = moment();
    const wait = (signal: AbortSignal) => {
      running.happens();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(thrown)));
    };
    const { stub, reports } = await startPairOnNetwork(
      { ...handleAll(() => ({})), unary: (_request, { signal }) => wait(signal) as never },
      {
        server: {
          interceptors: [
            async (call, next) => {
              if (where === "interceptor" && call.method.path.endsWith("/Unary")) await wait(call.signal);
              await next();
            },
          ],
        },
      },
    );
    const controller = new AbortController();
    const left = rejection(stub.unary({}, { signal: controller.signal }));
    await running.promise;
    controller.abort();
    await left;
    await stub.clientStream([]);
    return reports.take().map(({ error }) => error);
  }

  test("may get a GRPCError of an interceptor too late, which is not reported", async () => {
    expect(await leave("interceptor", new GRPCError(Status.UNAUTHENTICATED))).toEqual([]);
  });

  test.for(["interceptor", "handler"] as const)(
    "causes no mistake: another error of the %s is reported",
    async (where) => {
      const mistake = new Error("secret");
      const errors = await leave(where, mistake);
      expect(errors).toMatchObject([{ message: "Failed to handle cancellation" }]);
      expect((errors[0] as Error).cause).toBe(mistake);
    },
  );

  test("ends a handler, whose GRPCError is reported as without interceptors", async () => {
    expect(await leave("handler", new GRPCError(Status.NOT_FOUND))).toMatchObject([
      { message: "Failed to handle cancellation" },
    ]);
  });
});

describe("a call that the runtime refuses", () => {
  const unary = { ":path": paths.unary };
  const refusals: Record<
    string,
    { request: RawRequest; status: Status; server?: TestServerOptions; desc?: boolean; reports?: number }
  > = {
    "an unknown method": {
      request: { headers: { ":path": "/test.v1.TestService/Missing" } },
      status: Status.UNIMPLEMENTED,
      desc: false,
    },
    "a malformed timeout": { request: { headers: { ...unary, "grpc-timeout": "soon" } }, status: Status.INTERNAL },
    "an unknown encoding": { request: { headers: { ...unary, "grpc-encoding": "br" } }, status: Status.UNIMPLEMENTED },
    "no request": { request: { headers: unary, body: [] }, status: Status.UNIMPLEMENTED },
    "two requests": { request: { headers: unary, body: [frame(), frame()] }, status: Status.UNIMPLEMENTED },
    "a request that cannot be decoded": {
      request: { headers: unary, body: [Buffer.from([0, 0, 0, 0, 1, 0xff])] },
      status: Status.INTERNAL,
      reports: 1,
    },
    "a request that is too large": {
      request: { headers: unary, body: [frame(new Uint8Array(100))] },
      status: Status.RESOURCE_EXHAUSTED,
      server: { maxReceiveMessageBytes: 10 },
    },
  };

  test.for(Object.keys(refusals))("%s: interceptors run, next() rejects, and no handler runs", async (name) => {
    const {
      request,
      status,
      server,
      desc = true,
      reports: expectedReports = 0,
    } = refusals[name] as (typeof refusals)[string];
    const methods: unknown[] = [];
    const done = moment<unknown[]>();
    const { address, reports } = await startPairOnNetwork(
      {},
      {
        server: {
          ...server,
          interceptors: [
            async (call, next) => {
              methods.push(call.method.path, call.method.desc !== undefined);
              const error = await rejection(next());
              const { outcome, signal } = call;
              done.happens([error, signal.reason, (await outcome).status, (await outcome).endedBy]);
              throw error;
            },
          ],
        },
      },
    );
    const { headers } = await new RawClient(address).request(request);
    expect(headers["grpc-status"]).toBe(String(status));
    const [error, reason, ...outcome] = await done.promise;
    expect(methods).toEqual([request.headers?.[":path"], desc]);
    expect(error).toBeInstanceOf(GRPCError);
    expect(error).toBe(reason);
    expect(outcome).toEqual([status, "server"]);
    expect((error as GRPCError).status).toBe(status);
    expect(reports.take()).toHaveLength(expectedReports);
  });

  test("an interceptor cannot answer it instead", async () => {
    const { address } = await startPairOnNetwork({}, { server: { interceptors: [async () => {}] } });
    const { headers } = await new RawClient(address).request({ headers: { ":path": "/no/such" } });
    expect(headers).toMatchObject({ "grpc-status": String(Status.UNIMPLEMENTED) });
    expect(headers["grpc-message"]).toBe("Method not found: /no/such");
  });

  /** Makes a call that is refused, on a server with this interceptor. @returns what is reported until the next call is over */
  async function refused(interceptor: ServerInterceptor) {
    const { address, stub, reports } = await startPairOnNetwork(
      handleAll(() => ({})),
      {
        server: {
          interceptors: [(call, next) => (call.method.path === "/no/such" ? interceptor(call, next) : next())],
        },
      },
    );
    const { headers } = await new RawClient(address).request({ headers: { ":path": "/no/such" } });
    expect(headers["grpc-status"]).toBe(String(Status.UNIMPLEMENTED));
    await stub.unary({});
    return reports.take();
  }

  test("a mistake of an interceptor is reported as for other calls", async () => {
    const mistake = new Error("too late");
    const reports = await refused(async () => {
      throw mistake;
    });
    expect(reports).toMatchObject([{ error: mistake, info: { method: "/no/such" } }]);
    expect(reports[0]?.error).toBe(mistake);
  });

  test("a GRPCError of an interceptor is not reported, because every client could cause it", async () => {
    const unauthenticated = new GRPCError(Status.UNAUTHENTICATED, "Send a valid token");
    const throwing: ServerInterceptor = async () => {
      throw unauthenticated;
    };
    expect(await refused(throwing)).toEqual([]);
    const replacing: ServerInterceptor = async (_call, next) => {
      await rejection(next());
      throw unauthenticated;
    };
    expect(await refused(replacing)).toEqual([]);
  });

  test("without interceptors, an unknown method is refused as before", async () => {
    const { address } = await startPairOnNetwork({}, { server: { interceptors: [] } });
    const plain = await new RawClient(address).request({ headers: { ":path": "/no/such" } });
    const { address: intercepted } = await startPairOnNetwork(
      {},
      { server: { interceptors: [(_call, next) => next()] } },
    );
    const { headers } = await new RawClient(intercepted).request({ headers: { ":path": "/no/such" } });
    const relevant = ({ date: _, ...rest }: typeof headers) => ({ ...rest });
    expect(relevant(headers)).toEqual(relevant(plain.headers));
  });
});
