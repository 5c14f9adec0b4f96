import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { QuotaFailureSchema } from "../../src/error-details.js";
import { GRPCError, Metadata, ProtocolError, Status } from "../../src/index.js";
import { collect, connect, rejection, startPairOnNetwork, startServer } from "../harness.js";
import { call, handleAll, kinds } from "./kinds.js";

const internalServerError = {
  status: Status.UNKNOWN,
  message: "Internal Server Error",
  details: undefined,
  origin: "peer",
};

describe("a handler that throws something other than a GRPCError", () => {
  const thrown: Record<string, unknown> = {
    "an Error": new Error("secret"),
    "a TypeError with a status": Object.assign(new TypeError("secret"), { status: Status.NOT_FOUND }),
    "a string": "secret",
    nothing: undefined,
    null: null,
  };
  for (const [name, value] of Object.entries(thrown)) {
    test.for(kinds)(`%s, ${name}: the client gets UNKNOWN, and onError gets the thrown value`, async (kind) => {
      const { stub, reports } = await startPairOnNetwork(
        handleAll(() => {
          throw value;
        }),
      );

      const error = await rejection(call(stub, kind));

      expect(error).toMatchObject(internalServerError);
      expect([...((error as GRPCError).metadata ?? [])]).toEqual([]);
      const [report, ...others] = reports.take();
      expect(others).toEqual([]);
      expect(report?.error).toBe(value);
      expect(report?.info.method).toBe((error as GRPCError).method);
      expect(report?.info.peer).toMatch(/^127\.0\.0\.1:\d+$/);
    });
  }

  test.for(kinds)("%s: the context's trailing metadata is still sent", async (kind) => {
    const { stub, reports } = await startPairOnNetwork(
      handleAll((context) => {
        context.trailingMetadata.set("request-id", "7");
        throw new Error("secret");
      }),
    );
    const error = (await rejection(call(stub, kind))) as GRPCError;
    expect(error.metadata?.get("request-id")).toBe("7");
    expect(reports.take()).toHaveLength(1);
  });

  test("an onError that throws does not break the call", async () => {
    const { stub } = await startPairOnNetwork(
      handleAll(() => {
        throw new Error("secret");
      }),
      {
        server: {
          onError: () => {
            throw new Error("from the hook");
          },
        },
      },
    );
    expect(await rejection(stub.unary({}))).toMatchObject(internalServerError);
  });
});

describe("a handler that does not return a message", () => {
  test.for(["unary", "clientStream"] as const)("%s, nothing: UNKNOWN, reported as a ProtocolError", async (kind) => {
    const { stub, reports } = await startPairOnNetwork(handleAll(() => undefined as never));
    const error = (await rejection(call(stub, kind))) as GRPCError;
    expect(error).toMatchObject({ status: Status.UNKNOWN, origin: "peer" });
    const [report] = reports.take();
    expect(report?.error).toBeInstanceOf(ProtocolError);
    expect(String(report?.error)).toContain(error.method);
    expect(report?.info.method).toBe(error.method);
  });

  const wrong = [
    ["a list", [{ text: "lost" }], "[object Object]"],
    ["a map", new Map([["text", "lost"]]), "[object Map]"],
    ["bytes", new Uint8Array(100), "[object Uint8Array]"],
    ["a text", "lost", "string"],
    ["a message of another type", create(QuotaFailureSchema), "a google.rpc.QuotaFailure"],
  ] as const;

  describe.for(kinds)("%s,", (kind) => {
    test.for(wrong)("%s: UNKNOWN, reported as a ProtocolError", async ([, response, text]) => {
      const { stub, reports } = await startPairOnNetwork(handleAll(() => response as never));
      expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.UNKNOWN, origin: "peer" });
      const [{ error } = {}, ...others] = reports.take();
      expect(others).toEqual([]);
      expect(error).toBeInstanceOf(ProtocolError);
      expect(String(error)).toMatch(/The handler of \/test\.v1\.TestService\/\w+ gave /);
      expect(String(error)).toContain(` gave ${text}, not a test.v1.TestResponse.`);
    });
  });

  test.for(kinds)("%s, an Error: UNKNOWN, and the Error is reported", async (kind) => {
    const returned = new Error("secret");
    const { stub, reports } = await startPairOnNetwork(handleAll(() => returned as never));
    expect(await rejection(call(stub, kind))).toMatchObject(internalServerError);
    expect(reports.take().map(({ error }) => error)).toEqual([returned]);
  });

  test.for(["serverStream", "bidi"] as const)(
    "%s, a value that is not iterable: UNKNOWN, reported as a ProtocolError",
    async (kind) => {
      const { stub, reports } = await startPairOnNetwork({
        serverStream: () => ({}) as never,
        bidi: () => undefined as never,
      });
      expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.UNKNOWN, origin: "peer" });
      expect(reports.take().map(({ error }) => error)).toEqual([expect.any(ProtocolError)]);
    },
  );

  test.for(kinds)(
    "%s, a value that cannot be encoded: an error status arrives, and the failure is reported",
    async (kind) => {
      const { stub, reports } = await startPairOnNetwork(handleAll(() => ({ number: "not a number" as never })));
      const error = (await rejection(call(stub, kind))) as GRPCError;
      expect(error).toMatchObject(internalServerError);
      expect(error.origin).toBe("peer");
      expect(reports.take()).toHaveLength(1);
    },
  );
});

describe("sendTrailingMetadata", () => {
  const quota = create(QuotaFailureSchema, { violations: [{ subject: "you" }] });

  test.for(kinds)("%s: ends the call with status, message, details and metadata", async (kind) => {
    const handle = handleAll((context) => {
      context.trailingMetadata.set("first", "1");
      return context.sendTrailingMetadata({
        status: Status.RESOURCE_EXHAUSTED,
        message: "too much",
        details: [quota],
        metadata: { second: "2" },
      }) as never;
    });
    const { stub, reports } = await startPairOnNetwork(handle);

    const error = (await rejection(call(stub, kind))) as GRPCError;

    expect(error).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, message: "too much", details: [quota] });
    expect([...(error.metadata ?? [])]).toEqual([
      ["first", "1"],
      ["second", "2"],
    ]);
    expect(reports.take()).toEqual([]);
  });

  test.for(kinds)("%s: invalid metadata is dropped and reported, and the rest arrives", async (kind) => {
    const { stub, reports } = await startPairOnNetwork(
      handleAll((context) => {
        context.trailingMetadata.set("first", "1");
        const metadata = { "not a key": "2" };
        const end = { status: Status.RESOURCE_EXHAUSTED, message: "too much", details: [quota], metadata };
        return context.sendTrailingMetadata(end) as never;
      }),
    );
    const error = (await rejection(call(stub, kind))) as GRPCError;
    expect(error).toMatchObject({ status: Status.RESOURCE_EXHAUSTED, message: "too much", details: [quota] });
    expect([...(error.metadata ?? [])]).toEqual([["first", "1"]]);
    expect(reports.take().map((report) => String(report.error))).toEqual([expect.stringContaining("not a key")]);
  });

  test("trailers stay within their budget after invalid metadata is dropped", async () => {
    const message = "x".repeat(70_000);
    const { stub, reports } = await startPairOnNetwork({
      unary: (_request, context) =>
        context.sendTrailingMetadata({ status: Status.ABORTED, message, metadata: { "not a key": "" } }) as never,
    });
    const error = (await rejection(stub.unary({}))) as GRPCError;
    expect(error).toMatchObject({ status: Status.ABORTED, origin: "peer" });
    expect(message.startsWith(error.message)).toBe(true);
    expect(reports.take()).toHaveLength(2);
  });

  test.for(kinds)("%s: a message or details of the wrong type do not hang the call", async (kind) => {
    const { stub, reports } = await startPairOnNetwork(
      handleAll(() => {
        throw new GRPCError(Status.ABORTED, new Error("no string") as never, 5 as never);
      }),
    );
    const expected = { status: Status.ABORTED, message: "Error: no string", details: undefined };
    expect(await rejection(call(stub, kind))).toMatchObject(expected);
    expect(reports.take().map(({ error }) => error)).toEqual([expect.any(TypeError)]);
  });

  test("a message that cannot be converted to a string is dropped and reported, and the status arrives", async () => {
    const message = { toString: null } as never;
    const { stub, reports } = await startPairOnNetwork({
      unary: (_request, context) => context.sendTrailingMetadata({ status: Status.ABORTED, message }) as never,
    });
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.ABORTED, origin: "peer" });
    expect(reports.take()).toHaveLength(1);
  });

  test("can end a stream with OK, after its messages", async () => {
    const { stub } = await startPairOnNetwork({
      async *serverStream(_request, context) {
        yield { text: "a" };
        context.sendTrailingMetadata({ status: Status.OK, metadata: { rows: "1" } });
      },
    });
    let rows: string | undefined;
    const options = { onTrailers: (metadata: Metadata) => (rows = metadata.get("rows")) };
    expect(await collect(stub.serverStream({}, options))).toHaveLength(1);
    expect(rows).toBe("1");
  });

  test.for(kinds)("%s: an error thrown after it is reported and does not change the outcome", async (kind) => {
    const late = new GRPCError(Status.INTERNAL, "late");
    const { stub, reports } = await startPairOnNetwork(
      handleAll((context) => {
        context.sendTrailingMetadata({ status: Status.ABORTED, message: "in time" });
        throw late;
      }),
    );
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.ABORTED, message: "in time" });
    expect((await reports.next()).error).toBe(late);
  });

  test.for(kinds)("%s: throws a ProtocolError when called twice", async (kind) => {
    let second: unknown;
    const { stub } = await startPairOnNetwork(
      handleAll((context) => {
        const sent = context.sendTrailingMetadata({ status: Status.ABORTED, message: "first" });
        try {
          context.sendTrailingMetadata({ status: Status.ABORTED, message: "second" });
        } catch (error) {
          second = error;
        }
        return sent as never;
      }),
    );
    expect(await rejection(call(stub, kind))).toMatchObject({ message: "first" });
    const message = "The call has already ended. Call sendTrailingMetadata() once, as the last step.";
    expect(second).toEqual(new ProtocolError(message));
  });

  test.for(["unary", "clientStream"] as const)(
    "%s: OK without a response is UNKNOWN, reported as a ProtocolError",
    async (kind) => {
      const { stub, reports } = await startPairOnNetwork(
        handleAll((context) => context.sendTrailingMetadata({ status: Status.OK }) as never),
      );
      expect(await rejection(call(stub, kind))).toMatchObject(internalServerError);
      const method = kind === "unary" ? "Unary" : "ClientStream";
      const message =
        `/test.v1.TestService/${method} has a single response. ` +
        "Return the message, and set context.trailingMetadata for trailers.";
      expect(reports.take().map(({ error }) => error)).toEqual([new ProtocolError(message)]);
    },
  );
});

describe("the error of an outgoing call", () => {
  const quota = create(QuotaFailureSchema, { violations: [{ subject: "upstream" }] });

  async function startUpstream() {
    const { address } = await startServer(
      handleAll(() => {
        throw new GRPCError(Status.NOT_FOUND, "upstream secret", [quota], { metadata: new Metadata({ up: "1" }) });
      }),
    );
    return connect(address);
  }

  test.for(kinds)("%s: it does not reach the client, and is reported", async (kind) => {
    const upstream = await startUpstream();
    const { stub, reports } = await startPairOnNetwork(handleAll(async () => await upstream.unary({})));

    const error = (await rejection(call(stub, kind))) as GRPCError;

    expect(error).toMatchObject(internalServerError);
    expect([...(error.metadata ?? [])]).toEqual([]);
    const [report] = reports.take();
    expect(report?.error).toMatchObject({
      message: expect.stringMatching(/not passed on.*error\.relay\(\).*relayErrors/),
      cause: { status: Status.NOT_FOUND, message: "upstream secret" },
    });
    expect(report?.info.method).toBe(error.method);
  });

  const relayed = { status: Status.NOT_FOUND, message: "upstream secret", details: [quota] };

  test.for(kinds)("%s: with relayErrors, its status, message and details are sent to the client", async (kind) => {
    const upstream = await startUpstream();
    const { stub } = await startPairOnNetwork(
      handleAll(async () => await upstream.unary({})),
      { server: { relayErrors: true } },
    );
    const error = (await rejection(call(stub, kind))) as GRPCError;
    expect(error).toMatchObject({ ...relayed, method: expect.stringContaining("/test.v1.TestService/") });
    expect(error.metadata?.has("up")).toBe(false);
  });

  test.for(kinds)("%s: error.relay() sends its status, message and details to the client", async (kind) => {
    const upstream = await startUpstream();
    const { stub } = await startPairOnNetwork(
      handleAll(async () => {
        throw ((await rejection(upstream.unary({}))) as GRPCError).relay();
      }),
    );
    expect(await rejection(call(stub, kind))).toMatchObject(relayed);
  });

  test("an error that the runtime raised does not reach the client either", async () => {
    const upstream = await startUpstream();
    const { stub, reports } = await startPairOnNetwork({ unary: async () => await upstream.unary({}, { timeout: 0 }) });
    expect(await rejection(stub.unary({}))).toMatchObject(internalServerError);
    expect(reports.take().map(({ error }) => error)).toMatchObject([{ cause: { status: Status.DEADLINE_EXCEEDED } }]);
  });

  test("a new error with it as the cause is the handler's own", async () => {
    const upstream = await startUpstream();
    const { stub } = await startPairOnNetwork({
      async unary() {
        const cause = await rejection(upstream.unary({}));
        throw new GRPCError(Status.FAILED_PRECONDITION, "no such book", (cause as GRPCError).details, { cause });
      },
    });
    const error = await rejection(stub.unary({}));
    expect(error).toMatchObject({ status: Status.FAILED_PRECONDITION, message: "no such book", details: [quota] });
  });
});
