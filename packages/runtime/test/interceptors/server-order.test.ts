import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import { createContextKey, GRPCError, type ServerInterceptor, Status } from "../../src/index.js";
import { call, handleAll, kinds, testService } from "../calls/kinds.js";
import { rejection, startPairOnNetwork, startServer } from "../harness.js";
import { paths, RawClient } from "../peers/raw-client.js";
import { withServer } from "./pairs.js";

const user = createContextKey("user", "nobody");

/** Notes when it gets the call and when it gets the result. */
const named =
  (name: string, seen: string[]): ServerInterceptor =>
  async (call, next) => {
    seen.push(`${name} begins`);
    call.values.set(user, `${call.values.get(user)},${name}`);
    try {
      await next();
    } finally {
      seen.push(`${name} ends`);
    }
  };

describe("interceptors of a server", () => {
  test.for(kinds)("%s: the first one is the outermost, and handlers get their values", async (kind) => {
    const seen: string[] = [];
    const { stub } = await withServer(
      handleAll(({ values }) => {
        seen.push("handler");
        return { text: values.get(user) };
      }),
      ...["a", "b", "c"].map((name) => named(name, seen)),
    );
    expect(await call(stub, kind)).toMatchObject([{ text: "nobody,a,b,c" }]);
    expect(seen).toEqual(["a begins", "b begins", "c begins", "handler", "c ends", "b ends", "a ends"]);
  });

  test.for(kinds)("%s: an error passes them from the inside out", async (kind) => {
    const seen: string[] = [];
    const { stub } = await withServer(
      handleAll(() => {
        throw new GRPCError(Status.ABORTED);
      }),
      ...["a", "b"].map((name) => named(name, seen)),
    );
    await rejection(call(stub, kind));
    expect(seen).toEqual(["a begins", "b begins", "b ends", "a ends"]);
  });

  test.for(kinds)("%s: without any, handlers have empty values", async (kind) => {
    const { stub } = await startPairOnNetwork(
      handleAll(({ values }) => ({ text: values.get(user) })),
      { server: { interceptors: [] } },
    );
    expect(await call(stub, kind)).toMatchObject([{ text: "nobody" }]);
  });

  test.for(kinds)("%s: share the context of the handler", async (kind) => {
    const { stub, port } = await withServer(
      handleAll((context) => {
        context.trailingMetadata.append("key", "handler");
        return { text: `${context.metadata.get("key")} ${context.compression}` };
      }),
      async (call, next) => {
        expect(call.method.path).toBe(paths[kind]);
        expect(call.method.desc?.localName).toBe(kind);
        expect(call.deadline?.remaining()).toBeGreaterThan(50_000);
        expect(call.peer).toMatch(/^127\.0\.0\.1:\d+$/);
        expect(call.auth).toBeUndefined();
        expect(call.previousAttempts).toBe(0);
        expect(call.signal.aborted).toBe(false);
        call.metadata.set("key", `${call.metadata.get("key")} and more`);
        call.compression = "gzip";
        call.sendInitialMetadata({ key: "interceptor" });
        call.trailingMetadata.append("key", "before");
        await next();
        call.trailingMetadata.append("key", "after");
      },
    );
    expect(port).toBeGreaterThan(0);
    const seen: unknown[] = [];
    const responses = await call(stub, kind, {
      timeout: 60_000,
      metadata: { key: "value" },
      onHeaders: (headers) => seen.push(headers.get("key")) as never,
      onTrailers: (trailers) => seen.push(trailers.getAll("key")) as never,
    });
    expect(responses).toMatchObject([{ text: "value and more gzip" }]);
    expect(seen).toEqual(["interceptor", ["before", "handler", "after"]]);
  });

  test.for(kinds)("%s: the handler runs in the async context of next()", async (kind) => {
    const storage = new AsyncLocalStorage<string>();
    const { stub } = await withServer(
      handleAll(async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return { text: storage.getStore() ?? "none" };
      }),
      async (call, next) => storage.run(`${call.metadata.get("user")}`, next),
      async (_call, next) => next(),
    );
    const users = ["first", "second", "third"];
    const texts = await Promise.all(users.map((user) => call(stub, kind, { metadata: { user } })));
    expect(texts.map(([response]) => response?.text)).toEqual(users);
  });

  test.for([
    ["a function", () => {}, /^interceptors takes a list of functions, got /],
    ["null", null, /^interceptors takes a list of functions, got null$/],
    [
      "a list with a string",
      ["log"],
      /^An interceptor is a function, as in async \(call, next\) => next\(\), got log$/,
    ],
  ] as const)("must not be %s", async ([, interceptors, message]) => {
    const error = await rejection(startServer({}, { interceptors: interceptors as never }));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(message);
  });

  test("run for the services of the list as it was", async () => {
    const interceptors: ServerInterceptor[] = [];
    const { stub } = await startPairOnNetwork(
      {},
      { server: { interceptors, services: [testService(handleAll(() => ({})))] } },
    );
    interceptors.push(async () => {
      throw new Error("too late");
    });
    expect(await stub.unary({})).toMatchObject({ text: "" });
  });
});

describe("an interceptor that ends the call", () => {
  const refuse: ServerInterceptor = async () => {
    throw new GRPCError(Status.UNAUTHENTICATED, "who are you?");
  };

  test.for(kinds)("%s: the handler does not run", async (kind) => {
    const { stub } = await withServer({}, refuse);
    const error = await rejection(call(stub, kind));
    expect(error).toMatchObject({ status: Status.UNAUTHENTICATED, statusMessage: "who are you?", origin: "peer" });
  });

  test("of a single request: it is not even decoded", async () => {
    const { address } = await withServer({}, refuse);
    const broken = { headers: { ":path": paths.unary }, body: [Buffer.from([0, 0, 0, 0, 1, 0xff])] };
    const { headers } = await new RawClient(address).request(broken);
    expect(headers["grpc-status"]).toBe(String(Status.UNAUTHENTICATED));
  });

  test.for(["serverStream", "bidi"] as const)("%s: without an error, the responses are empty", async (kind) => {
    const { stub } = await withServer({}, async () => {});
    expect(await call(stub, kind)).toEqual([]);
  });

  test.for(kinds)("%s: sendTrailingMetadata() ends it at once, and next() runs no handler", async (kind) => {
    const statuses: Status[] = [];
    const { stub } = await withServer(
      {},
      async (call, next) => {
        await next();
        statuses.push((await call.outcome).status);
      },
      async (call, next) => {
        call.sendTrailingMetadata({ status: Status.ABORTED, message: "enough" });
        statuses.push((await call.outcome).status);
        await next();
      },
    );
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.ABORTED, message: "enough" });
    expect(statuses).toEqual([Status.ABORTED, Status.ABORTED]);
  });
});
