import { describe, expect, test } from "vitest";
import { bindStub } from "../../src/client/stub.js";
import { methodErrors } from "../../src/errors/contract.js";
import {
  type ClientInterceptor,
  type ClientResult,
  DetailRegistry,
  detail,
  GRPCError,
  Status,
  Unknown,
} from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { HiddenDetailSchema } from "../gen/test/v1/hidden_pb.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { openChannel, rejection, startPairOnNetwork, startServer } from "../harness.js";
import { withClient } from "./pairs.js";

const failing = handleAll((context) => {
  context.trailingMetadata.set("key", "value");
  throw new GRPCError(Status.NOT_FOUND, "no such book", [detail(HiddenDetailSchema, { text: "hidden" })]);
});

const mistakes: Record<string, unknown> = {
  "a GRPCError": new GRPCError(Status.ABORTED, "mine"),
  "an Error": new Error("mine"),
  "a TypeError with a cause": new TypeError("mine", { cause: new Error("why") }),
  "a string": "mine",
  null: null,
  "a frozen object": Object.freeze({ mine: true }),
  "an Error that cannot be read": Object.defineProperty(new Error(), "message", {
    get() {
      throw new Error("trap");
    },
  }),
};

const whens: Record<string, (error: unknown) => ClientInterceptor> = {
  "instead of next()": (error) => async () => {
    throw error;
  },
  "from a function that is not async": (error) => () => {
    throw error;
  },
  "later instead of next()": (error) => async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    throw error;
  },
  "instead of the error of the call": (error) => async (_call, next) => {
    await rejection(next());
    throw error;
  },
  "while next() is pending": (error) => async (_call, next) => {
    next().catch(() => {});
    throw error;
  },
};

describe.for(Object.keys(mistakes))("%s", (mistake) => {
  const cases = kinds.flatMap((kind) => Object.keys(whens).map((when) => [kind, when] as const));

  test.for(cases)("%s: thrown %s, reaches the caller as it is", async ([kind, when]) => {
    const interceptor = whens[when]?.(mistakes[mistake]) as ClientInterceptor;
    const pass: ClientInterceptor = async (_call, next) => next();
    const { stub } = await withClient(failing, pass, interceptor, pass);
    expect((await rejection(call(stub, kind))) === mistakes[mistake]).toBe(true);
  });
});

test.for(kinds)("%s: undefined, thrown by an interceptor, is an UNKNOWN error", async (kind) => {
  const { stub } = await withClient({}, () => Promise.reject(undefined));
  expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.UNKNOWN, origin: "client" });
});

test.for(kinds)("%s: an error thrown after success is the outcome, after the responses", async (kind) => {
  const late = new Error("late");
  const { stub } = await withClient(
    handleAll(() => ({ text: "a" })),
    async (_call, next) => {
      await next();
      throw late;
    },
  );
  const texts: string[] = [];
  const opened = stub[kind].open(async (stream) => {
    await stream.sendMessage({});
    await stream.end();
    for await (const { text } of stream) texts.push(text);
  });
  expect(await rejection(opened)).toBe(late);
  expect(texts).toEqual(kind === "unary" || kind === "clientStream" ? [] : ["a"]);
});

describe("an error of the call", () => {
  const errors = {
    Unary: methodErrors(TestService.method.unary, { GONE: { status: Status.NOT_FOUND } }),
    ServerStream: methodErrors(TestService.method.serverStream, { GONE: { status: Status.NOT_FOUND } }),
    ClientStream: methodErrors(TestService.method.clientStream, { GONE: { status: Status.NOT_FOUND } }),
    Bidi: methodErrors(TestService.method.bidi, { GONE: { status: Status.NOT_FOUND } }),
  };

  test.for(kinds)("%s: has its kind, and its details by the registry of the channel", async (kind) => {
    const seen: GRPCError[] = [];
    const { address } = await startServer(failing);
    const channel = openChannel(address, {
      registry: new DetailRegistry(HiddenDetailSchema),
      interceptors: [
        async (call, next) => {
          const error = (await rejection(next())) as GRPCError;
          seen.push(error, (await call.outcome).error as GRPCError);
          throw error;
        },
      ],
    });
    const stub = new TestServiceStub(channel);
    bindStub(stub, channel, TestService, errors as never);
    seen.push((await rejection(call(stub, kind))) as GRPCError);
    expect(seen).toHaveLength(3);
    for (const error of seen) {
      expect(error.kind).toBe("GONE");
      expect(error.detail(HiddenDetailSchema)?.text).toBe("hidden");
      expect(error.details?.[0]).not.toBeInstanceOf(Unknown);
    }
  });

  test.for(kinds)("%s: thrown again, reaches the caller as without interceptors", async (kind) => {
    const rethrow: ClientInterceptor = async (_call, next) => {
      try {
        return await next();
      } catch (error) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        throw error;
      }
    };
    const { stub, address } = await withClient(failing, rethrow, rethrow);
    const plain = new TestServiceStub(openChannel(address, { interceptors: [] }));
    async function theCaller(of: TestServiceStub) {
      await call(of, kind);
    }
    const seen = (await rejection(theCaller(stub))) as GRPCError;
    const expected = (await rejection(theCaller(plain))) as GRPCError;
    const fields = ({ status, statusMessage, message, details, metadata, origin, method, peer, kind }: GRPCError) => ({
      ...{ status, statusMessage, message, details, origin, method, peer, kind },
      metadata: [...(metadata ?? [])],
    });
    expect(fields(seen)).toEqual(fields(expected));
    expect("cause" in seen).toBe("cause" in expected);
    expect(seen.stack).toContain("theCaller");
  });

  test.for(kinds)("%s: of another call keeps its identity", async (kind) => {
    let kept: unknown;
    const { stub } = await withClient(failing, async (_call, next) => {
      if (kept !== undefined) throw kept;
      return next().catch((error) => {
        kept = error;
        throw error;
      });
    });
    await rejection(call(stub, "unary"));
    expect(await rejection(call(stub, kind))).toBe(kept);
  });

  test.for(kinds)("%s: can become another one", async (kind) => {
    const seen: unknown[] = [];
    const { stub } = await withClient(
      failing,
      async (call, next) => {
        seen.push(await rejection(next()), (await call.outcome).status);
        throw (await call.outcome).error;
      },
      async (_call, next) => {
        throw new GRPCError(Status.ABORTED, "mapped", [], { cause: await rejection(next()) });
      },
    );
    const error = await rejection(call(stub, kind));
    expect(error).toMatchObject({ status: Status.ABORTED, cause: { status: Status.NOT_FOUND, origin: "peer" } });
    expect(seen).toEqual([error, Status.ABORTED]);
  });

  test.for(kinds)("%s: can become a result", async (kind) => {
    const isSingle = kind === "unary" || kind === "clientStream";
    const { stub } = await withClient(failing, async (_call, next) => {
      await rejection(next());
      return isSingle ? ({ $typeName: "test.v1.TestResponse", text: "fallback" } as never) : undefined;
    });
    expect(await call(stub, kind)).toMatchObject(isSingle ? [{ text: "fallback" }] : []);
  });

  test.for(["unary", "clientStream"] as const)(
    "%s: passes safe() as a value, and other errors do not",
    async (kind) => {
      const mistake = new Error("mine");
      const thrown: unknown[] = [undefined, mistake];
      const { stub } = await startPairOnNetwork(failing, {
        channel: {
          interceptors: [
            async (_call, next) => {
              const error = thrown.shift();
              if (error !== undefined) throw error;
              return next();
            },
          ],
        },
      });
      const safe = () => (kind === "unary" ? stub.unary.safe({}) : stub.clientStream.safe([]));
      expect(await safe()).toMatchObject({ ok: false, error: { status: Status.NOT_FOUND } });
      expect(await rejection(safe())).toBe(mistake);
    },
  );
});

test.for(kinds)("%s: the stack of an error of next() shows each interceptor that awaits it", async (kind) => {
  const stacks: unknown[] = [];
  async function watch(next: () => Promise<ClientResult>) {
    try {
      return await next();
    } catch (error) {
      stacks.push((error as GRPCError).stack);
      throw error;
    }
  }
  const { stub } = await withClient(
    failing,
    async function outside(_call, next) {
      return await watch(next);
    },
    async function inside(_call, next) {
      return await watch(next);
    },
  );
  await rejection(call(stub, kind));
  expect(stacks).toEqual([expect.stringMatching(/ watch .* inside /s), expect.stringMatching(/ watch .* outside /s)]);
});

test.for(["serverStream", "bidi"] as const)("%s: an error of the server after responses", async (kind) => {
  const seen: unknown[] = [];
  const { stub } = await withClient(
    {
      async *serverStream() {
        yield { text: "a" };
        throw new GRPCError(Status.ABORTED, "no more");
      },
      async *bidi() {
        yield { text: "a" };
        throw new GRPCError(Status.ABORTED, "no more");
      },
    },
    async (call, next) => {
      const error = await rejection(next());
      seen.push((error as GRPCError).status, call.committed);
      throw error;
    },
  );
  const responses = kind === "bidi" ? stub.bidi([]) : stub.serverStream({});
  expect((await responses.next()).value).toMatchObject({ text: "a" });
  expect(await rejection(responses.next())).toMatchObject({ status: Status.ABORTED, origin: "peer" });
  expect(seen).toEqual([Status.ABORTED, true]);
});
