import { describe, expect, test, vi } from "vitest";
import { detail, type FakeMethods, fakeStub, GRPCError, Status } from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { OwnDetailSchema } from "../gen/test/v1/test_pb.js";
import { rejection } from "../harness.js";

describe("a fake stub", () => {
  test.for(kinds)("%s: calls a plain function, and the caller gets what it returns", async (kind) => {
    const stub = fakeStub(
      TestServiceStub,
      handleAll((_context, requests) => ({ text: requests.map(({ text }) => text).join() })),
    );
    expect(stub).toBeInstanceOf(TestServiceStub);
    expect(await call(stub, kind, {}, { text: "a" })).toMatchObject([{ $typeName: "test.v1.TestResponse", text: "a" }]);
  });

  test.for(kinds)("%s: fails with UNIMPLEMENTED without a function", async (kind) => {
    const method = { unary: "Unary", serverStream: "ServerStream", clientStream: "ClientStream", bidi: "Bidi" }[kind];
    expect(await rejection(call(fakeStub(TestServiceStub, {}), kind))).toMatchObject({
      status: Status.UNIMPLEMENTED,
      message: `/test.v1.TestService/${method} is not implemented by this fake`,
    });
  });

  test.for(kinds)("%s: fails with the error that the function throws, as one of a server", async (kind) => {
    const stub = fakeStub(
      TestServiceStub,
      handleAll(() => {
        throw new GRPCError(Status.NOT_FOUND, "no book", [detail(OwnDetailSchema, { text: "why" })]);
      }),
    );
    const error = (await rejection(call(stub, kind))) as GRPCError;
    expect(error).toMatchObject({ status: Status.NOT_FOUND, message: "no book", origin: "peer" });
    expect(error.detail(OwnDetailSchema)?.text).toBe("why");
  });

  test("fails with UNKNOWN if a function throws anything else, which it writes to the console", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const bug = new Error("a bug");
    const stub = fakeStub(TestServiceStub, {
      unary: () => {
        throw bug;
      },
    });
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNKNOWN, message: "Internal Server Error" });
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("/test.v1.TestService/Unary"), bug);
    log.mockRestore();
  });

  test("has safe(), open() and the errors of its methods", async () => {
    const stub = fakeStub(TestServiceStub, {
      unary: ({ text }) => ({ text: text.toUpperCase() }),
      async *bidi(requests) {
        for await (const { text } of requests) yield { text: `got ${text}` };
      },
    });
    expect(await stub.unary.safe({ text: "a" })).toMatchObject({ ok: true, value: { text: "A" } });
    expect(stub.unary.errors.is(new GRPCError(Status.NOT_FOUND))).toBe(false);
    const texts = await stub.bidi.open(async (stream) => {
      await stream.sendMessage({ text: "a" });
      const first = await stream.recvMessage();
      await stream.sendMessage({ text: "b" });
      const second = await stream.recvMessage();
      await stream.end();
      return [first?.text, second?.text];
    });
    expect(texts).toEqual(["got a", "got b"]);
  });

  test("carries metadata in both directions, and deadlines", async () => {
    const onTrailers = vi.fn();
    const stub = fakeStub(TestServiceStub, {
      unary(_request, context) {
        context.trailingMetadata.set("left", "yes");
        return { text: `${context.metadata.get("user")} ${context.deadline !== undefined} ${context.method.path}` };
      },
    });
    const { text } = await stub.unary({}, { metadata: { user: "Ada" }, timeout: 1_000, onTrailers });
    expect(text).toBe("Ada true /test.v1.TestService/Unary");
    expect(onTrailers.mock.calls[0]?.[0].get("left")).toBe("yes");
  });

  test("ends a call at its deadline, and aborts the signal of the function", async () => {
    const reasons: unknown[] = [];
    const stub = fakeStub(TestServiceStub, {
      unary: (_request, { signal }) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            reasons.push(signal.reason);
            reject(signal.reason);
          });
        }),
    });
    expect(await rejection(stub.unary({}, { timeout: 5 }))).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    await vi.waitFor(() => expect(reasons).toMatchObject([{ status: Status.DEADLINE_EXCEEDED }]));
  });

  test("ends a generator when the caller leaves the responses", async () => {
    const left = vi.fn();
    const stub = fakeStub(TestServiceStub, {
      async *serverStream() {
        try {
          for (;;) yield { text: "again" };
        } finally {
          left();
        }
      },
    });
    for await (const { text } of stub.serverStream({})) {
      expect(text).toBe("again");
      break;
    }
    await vi.waitFor(() => expect(left).toHaveBeenCalledOnce());
  });

  test("copies messages, so that neither side can change those of the other", async () => {
    const response = { text: "kept" };
    const stub = fakeStub(TestServiceStub, { unary: () => response });
    const received = await stub.unary({});
    received.text = "changed";
    expect((await stub.unary({})).text).toBe("kept");
  });

  test("can be given an instance of a class, whose methods use its fields", async () => {
    class Counting implements FakeMethods<TestServiceStub> {
      #calls = 0;

      async unary() {
        this.#calls += 1;
        return { text: String(this.#calls) };
      }
    }
    const stub = fakeStub(TestServiceStub, new Counting());
    await stub.unary({});
    expect((await stub.unary({})).text).toBe("2");
  });

  test("can be given functions of vitest", async () => {
    const unary = vi.fn((_request: { text: string }) => ({ text: "mocked" }));
    const stub = fakeStub(TestServiceStub, { unary });
    await stub.unary({ text: "a" });
    expect(unary).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ text: "a" }), expect.anything());
  });

  test("works with several calls at a time, and several fakes", async () => {
    const stubs = ["a", "b"].map((name) => fakeStub(TestServiceStub, { unary: ({ text }) => ({ text: name + text }) }));
    const calls = stubs.flatMap((stub) => ["1", "2"].map((text) => stub.unary({ text })));
    expect((await Promise.all(calls)).map(({ text }) => text)).toEqual(["a1", "a2", "b1", "b2"]);
  });

  test("does not accept what is not an object, or functions that are not methods", () => {
    expect(() => fakeStub(TestServiceStub, null as never)).toThrow(
      new TypeError("fakeStub() takes an object with functions, got null"),
    );
    expect(() => fakeStub(TestServiceStub, { unari: () => ({}) } as never)).toThrow(
      new TypeError("TestServiceStub has no method unari. Its methods are unary, serverStream, clientStream, bidi."),
    );
    expect(() => fakeStub(TestServiceStub, { unary: { text: "x" } } as never)).toThrow(
      new TypeError("unary takes a function, as in { unary: () => response }, got [object Object]"),
    );
    for (const value of ["GONE", null, new GRPCError(Status.NOT_FOUND)]) {
      expect(() => fakeStub(TestServiceStub, { bidi: value } as never)).toThrow("bidi takes a function");
    }
    expect(() => fakeStub(TestServiceStub, { unary: undefined } as never)).not.toThrow();
  });

  test("withholds the error of another call, unless the function throws its relay()", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const received = GRPCError.fromJSON({ name: "GRPCError", status: "NOT_FOUND", message: "no book", origin: "peer" });
    const stub = fakeStub(TestServiceStub, {
      unary() {
        throw received;
      },
      clientStream() {
        throw received.relay();
      },
    });
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNKNOWN });
    expect(log).toHaveBeenCalledOnce();
    expect(await rejection(stub.clientStream([]))).toMatchObject({ status: Status.NOT_FOUND, message: "no book" });
    log.mockRestore();
  });
});
