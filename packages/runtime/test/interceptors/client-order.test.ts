import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import { type ClientInterceptor, GRPCError, intercept, Metadata, Status } from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { openChannel, rejection, startPairOnNetwork, startServer } from "../harness.js";
import { withClient } from "./pairs.js";

const echoKeys = handleAll(({ metadata }) => ({ text: `${metadata.getAll("key")}` }));

/** Appends its name to the metadata, and to a list when it gets the call and when it gets the result. */
const named =
  (name: string, seen: string[]): ClientInterceptor =>
  async (call, next) => {
    seen.push(`${name} begins`);
    call.metadata.append("key", name);
    try {
      return await next();
    } finally {
      seen.push(`${name} ends`);
    }
  };

const nested = ["a begins", "b begins", "c begins", "c ends", "b ends", "a ends"];

describe("interceptors", () => {
  test.for(kinds)("%s: the first one is the outermost", async (kind) => {
    const seen: string[] = [];
    const { stub } = await withClient(echoKeys, named("a", seen), named("b", seen), named("c", seen));
    expect(await call(stub, kind)).toMatchObject([{ text: "a,b,c" }]);
    expect(seen).toEqual(nested);
  });

  test.for(kinds)("%s: an error passes them from the inside out", async (kind) => {
    const seen: string[] = [];
    const failing = handleAll(() => Promise.reject(new GRPCError(Status.ABORTED)));
    const { stub } = await withClient(failing, named("a", seen), named("b", seen), named("c", seen));
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.ABORTED });
    expect(seen).toEqual(nested);
  });

  test.for(kinds)("%s: intercept() is the same as the option of a channel", async (kind) => {
    const seen: string[] = [];
    const { address } = await startServer(echoKeys);
    const transport = intercept(openChannel(address), [named("a", seen), named("b", seen), named("c", seen)]);
    expect(await call(new TestServiceStub(transport), kind)).toMatchObject([{ text: "a,b,c" }]);
    expect(seen).toEqual(nested);
  });

  test("no interceptors leave the transport as it is", () => {
    const transport = openChannel("http://127.0.0.1:1");
    expect(intercept(transport, [])).toBe(transport);
  });

  test.for(kinds)("%s: the async context is that of the caller, in every layer and attempt", async (kind) => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const see: ClientInterceptor = async (_call, next) => {
      seen.push(storage.getStore());
      try {
        return await next();
      } finally {
        seen.push(storage.getStore());
      }
    };
    const { stub } = await withClient(echoKeys, see, see);
    for (const user of ["first", "second"]) await storage.run(user, () => call(stub, kind));
    expect(seen).toEqual([...Array(4).fill("first"), ...Array(4).fill("second")]);
  });
});

describe("metadata", () => {
  test.for(kinds)("%s: the object of the caller stays as it is", async (kind) => {
    const { stub } = await withClient(echoKeys, async (call, next) => {
      call.metadata.set("key", "changed");
      return next();
    });
    const metadata = new Metadata({ key: "given" });
    expect(await call(stub, kind, { metadata })).toMatchObject([{ text: "changed" }]);
    expect(metadata.getAll("key")).toEqual(["given"]);
  });

  test.for(kinds)(
    "%s: the defaults of the channel are visible, and its default timeout is a deadline",
    async (kind) => {
      const { stub } = await startPairOnNetwork(echoKeys, {
        channel: {
          metadata: { key: "channel" },
          timeout: 60_000,
          interceptors: [
            async (call, next) => {
              expect(call.deadline?.remaining()).toBeGreaterThan(50_000);
              call.metadata.append("key", `${call.metadata.getAll("key").length}`);
              return next();
            },
          ],
        },
      });
      expect(await call(stub, kind, { metadata: { key: "call" } })).toMatchObject([{ text: "channel,call,2" }]);
    },
  );

  test.for(kinds)("%s: another attempt does not get what an inner interceptor has added", async (kind) => {
    const handlers = handleAll(({ metadata }) => {
      if (metadata.get("attempt") === "1") throw new Error("again");
      return { text: `${metadata.getAll("key")}` };
    });
    const { stub, reports } = await withClient(
      handlers,
      async (call, next) => {
        call.keepRequests();
        call.metadata.set("attempt", "1");
        await rejection(next());
        call.metadata.set("attempt", "2");
        return next();
      },
      async (call, next) => {
        call.metadata.append("key", "inner");
        return next();
      },
    );
    expect(await call(stub, kind, { metadata: { key: "call" } })).toMatchObject([{ text: "call,inner" }]);
    expect(reports.take()).toHaveLength(1);
  });
});

test.for(kinds)("%s: interceptors see the method", async (kind) => {
  const seen: unknown[] = [];
  const { stub } = await withClient(echoKeys, async ({ method, previousAttempts, committed, deadline }, next) => {
    seen.push(method.path.toLowerCase(), method.desc.localName, previousAttempts, committed, deadline);
    return next();
  });
  await call(stub, kind);
  expect(seen).toEqual([`/test.v1.testservice/${kind.toLowerCase()}`, kind, 0, false, undefined]);
});

test.for(kinds)("%s: the peer is known once there is a connection", async (kind) => {
  const peers: unknown[] = [];
  const { stub, port } = await withClient(echoKeys, async (call, next) => {
    peers.push(call.peer);
    const result = await next();
    peers.push(call.peer);
    return result;
  });
  await call(stub, kind);
  expect(peers).toEqual([undefined, `127.0.0.1:${port}`]);
});
