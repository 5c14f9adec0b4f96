import { describe, expect, test } from "vitest";
import { ErrorInfoSchema } from "../../src/error-details.js";
import { detail, GRPCError, Metadata, Status } from "../../src/index.js";
import { connect, rejection, startPair, startServer } from "../harness.js";
import { call, handleAll, kinds } from "./kinds.js";

const statuses = Object.values(Status).filter(
  (status) => typeof status === "number" && status !== Status.OK,
) as Status[];
const paths = {
  unary: "/test.v1.TestService/Unary",
  serverStream: "/test.v1.TestService/ServerStream",
  clientStream: "/test.v1.TestService/ClientStream",
  bidi: "/test.v1.TestService/Bidi",
};

describe("the error that a handler throws", () => {
  test.for(kinds)("%s: every status arrives, with its message", async (kind) => {
    const { stub } = await startPair(
      handleAll((_context, [request]) => {
        const status = request?.number ?? 0;
        throw new GRPCError(status, `this is ${Status[status]}`);
      }),
    );

    const errors = await Promise.all(statuses.map((number) => rejection(call(stub, kind, {}, { number }))));

    expect(errors.map((error) => error instanceof GRPCError)).toEqual(statuses.map(() => true));
    expect(errors.map((error) => (error as GRPCError).status)).toEqual(statuses);
    expect(errors.map((error) => (error as GRPCError).message)).toEqual(statuses.map((s) => `this is ${Status[s]}`));
  });

  test.for(kinds)("%s: it has its origin, method and peer", async (kind) => {
    const { address } = await startServer(
      handleAll(() => {
        throw new GRPCError(Status.NOT_FOUND, "no such thing");
      }),
    );
    const stub = connect(address);

    const error = await rejection(call(stub, kind));

    expect(error).toMatchObject({
      name: "GRPCError",
      status: Status.NOT_FOUND,
      message: "no such thing",
      statusMessage: "no such thing",
      details: undefined,
      origin: "peer",
      method: paths[kind],
      peer: address.replace("http://", ""),
    });
  });

  test.for(kinds)("%s: its stack has the caller's frame", async (kind) => {
    const { stub } = await startPair(
      handleAll(() => {
        throw new GRPCError(Status.NOT_FOUND, "no such thing");
      }),
    );
    async function theCaller() {
      await call(stub, kind);
    }
    const error = await rejection(theCaller());
    expect((error as Error).stack).toContain("theCaller");
  });

  test.for(["unary", "clientStream"] as const)("%s: its stack names the method of the stub", async (kind) => {
    const { stub } = await startPair(
      handleAll(() => {
        throw new GRPCError(Status.ABORTED, "no");
      }),
    );
    const error = await rejection(call(stub, kind));
    expect((error as Error).stack).toContain(`TestServiceStub.${kind} `);
  });

  test.for(kinds)("%s: its stack has the frame of the function that awaits recvMessage()", async (kind) => {
    const { stub } = await startPair(
      handleAll(() => {
        throw new GRPCError(Status.NOT_FOUND, "no such thing");
      }),
    );
    await stub[kind].open(async (stream) => {
      async function theReceiver() {
        await stream.recvMessage();
      }
      await stream.sendMessage({});
      await stream.end();
      const error = await rejection(theReceiver());
      expect((error as Error).stack).toContain("theReceiver");
    });
  });

  test.for(kinds)("%s: its cause stays local", async (kind) => {
    const { stub } = await startPair(
      handleAll(() => {
        throw new GRPCError(Status.INTERNAL, "sorry", undefined, { cause: new Error("secret") });
      }),
    );
    const error = await rejection(call(stub, kind));
    expect(error).toMatchObject({ message: "sorry" });
    expect(error).not.toHaveProperty("cause");
  });

  const messages: readonly (readonly [name: string, message: string])[] = [
    ["an empty one", ""],
    ["non-ASCII", "naïve ☃ 😀 日本語"],
    ["percent signs", "100% sure: %41 %zz %"],
    ["spaces at the ends", "  edges  "],
    ["only a space", " "],
    ["line breaks and other control characters", "one\r\ntwo\ttab\0nul\x7f"],
    ["a long one", "long ".repeat(400)],
  ];
  test.for(messages)("its message arrives unchanged: %s", async ([, message]) => {
    const { stub } = await startPair(
      handleAll(() => {
        throw new GRPCError(Status.DATA_LOSS, message);
      }),
    );
    const errors = await Promise.all(kinds.map((kind) => rejection(call(stub, kind))));
    expect(errors.map((error) => (error as GRPCError).statusMessage)).toEqual(kinds.map(() => message));
    expect(errors.map((error) => (error as GRPCError).message)).toEqual(kinds.map(() => message));
  });

  test("a lone surrogate in its message arrives as U+FFFD", async () => {
    const { stub } = await startPair(
      handleAll(() => {
        throw new GRPCError(Status.DATA_LOSS, "half \ud83d");
      }),
    );
    expect(await rejection(stub.unary({}))).toMatchObject({ message: "half \ufffd" });
  });

  test.for(kinds)("%s: without a message, its message is the name of the status", async (kind) => {
    const { stub } = await startPair(
      handleAll(() => {
        throw new GRPCError(Status.OUT_OF_RANGE);
      }),
    );
    const error = await rejection(call(stub, kind));
    expect(error).toMatchObject({ status: Status.OUT_OF_RANGE, statusMessage: undefined, message: "OUT_OF_RANGE" });
  });

  test.for(["serverStream", "bidi"] as const)("%s: the responses before it arrive first", async (kind) => {
    async function* respond() {
      for (let number = 0; number < 50; number++) yield { number };
      throw new GRPCError(Status.ABORTED, "after fifty");
    }
    const { stub } = await startPair({ serverStream: respond, bidi: respond });
    const numbers: number[] = [];
    const responses = kind === "bidi" ? stub.bidi([]) : stub.serverStream({});

    const error = await rejection(
      (async () => {
        for await (const { number } of responses) numbers.push(number);
      })(),
    );

    expect(numbers).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(error).toMatchObject({ status: Status.ABORTED, message: "after fifty" });
    expect(await responses.next()).toEqual({ done: true, value: undefined });
  });

  test.for(["clientStream", "bidi"] as const)("%s: it may be thrown before the requests are read", async (kind) => {
    const { stub } = await startPair({
      async clientStream() {
        throw new GRPCError(Status.PERMISSION_DENIED, "not you");
      },
      async *bidi() {
        throw new GRPCError(Status.PERMISSION_DENIED, "not you");
      },
    });
    const error = await rejection(call(stub, kind));
    expect(error).toMatchObject({ status: Status.PERMISSION_DENIED, message: "not you", origin: "peer" });
  });
});

describe("an error that a handler changes before it throws it", () => {
  const metadata = new Metadata({ key: "value" });
  const details = [detail(ErrorInfoSchema, { reason: "GONE" })];

  test.for<[title: string, change: object, expected: object]>([
    ["message", { message: "changed" }, { status: Status.NOT_FOUND, message: "changed", statusMessage: "changed" }],
    ["message, to none", { message: "" }, { message: "", statusMessage: "" }],
    ["message, to another type", { message: 5 }, { message: "5" }],
    ["status", { status: Status.ABORTED }, { status: Status.ABORTED, message: "text" }],
    ["details", { details }, { details, message: "text" }],
    ["metadata", { metadata }, { metadata: expect.toSatisfy((received: Metadata) => received.get("key") === "value") }],
    ["statusMessage", { statusMessage: "changed" }, { message: "changed" }],
  ])("its %s is sent", async ([, change, expected]) => {
    const { stub } = await startPair(
      handleAll(() => {
        throw Object.assign(new GRPCError(Status.NOT_FOUND, "text"), change);
      }),
    );
    expect(await rejection(stub.unary({}))).toMatchObject(expected);
  });

  test.for<[title: string, change: object, expected: object]>([
    ["its new message is sent", { message: "changed" }, { message: "changed", statusMessage: "changed" }],
    ["its new status brings no message", { status: Status.ABORTED }, { message: "ABORTED", statusMessage: undefined }],
  ])("%s if it was created without a message", async ([, change, expected]) => {
    const { stub } = await startPair(
      handleAll(() => {
        throw Object.assign(new GRPCError(Status.NOT_FOUND), change);
      }),
    );
    expect(await rejection(stub.unary({}))).toMatchObject(expected);
  });

  test("its message is sent if the error is relayed", async () => {
    const upstream = await startPair(
      handleAll(() => {
        throw new GRPCError(Status.NOT_FOUND, "text");
      }),
    );
    const { stub } = await startPair({
      async unary() {
        const received = (await rejection(upstream.stub.unary({}))) as GRPCError;
        throw Object.assign(received, { message: "changed" }).relay();
      },
    });
    expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.NOT_FOUND, statusMessage: "changed" });
  });
});

describe("the connection", () => {
  test("stays open when its calls fail", async () => {
    const peers = new Set<string>();
    const { stub } = await startPair(
      handleAll(({ peer }) => {
        peers.add(peer);
        throw new GRPCError(Status.INTERNAL, "again");
      }),
    );
    for (const kind of kinds) {
      expect(await rejection(call(stub, kind))).toMatchObject({ message: "again" });
      expect(await rejection(call(stub, kind))).toMatchObject({ message: "again" });
    }
    expect(peers.size).toBe(1);
  });
});
