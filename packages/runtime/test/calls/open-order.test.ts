import { describe, expect, test } from "vitest";
import { ProtocolError, Status } from "../../src/index.js";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { moment, rejection, startPair } from "../harness.js";
import { handleAll, type Kind } from "./kinds.js";

type Stream = ReturnType<TestServiceStub["bidi"]["open"]>;

interface Misuse {
  readonly kind: Kind;
  readonly before: (stream: Stream) => Promise<unknown>;
  readonly operation: (stream: Stream) => Promise<unknown>;
  /** What the error tells to do instead. */
  readonly says: RegExp;
  /** Finishes the call, to show that it has gone on. @returns its response */
  readonly after: (stream: Stream) => Promise<{ readonly text: string } | undefined>;
}

const nothing = async () => undefined;
const endAndReceive: Misuse["after"] = async (stream) => {
  await stream.end();
  return await stream.recvMessage();
};

const misuses: Record<string, Misuse> = {
  "the request sent twice": {
    kind: "bidi",
    before: (stream) => stream.sendRequest(),
    operation: (stream) => stream.sendRequest(),
    says: /sendRequest\(\) once/,
    after: endAndReceive,
  },
  "the request sent after a message": {
    kind: "bidi",
    before: (stream) => stream.sendMessage({}),
    operation: (stream) => stream.sendRequest(),
    says: /sendRequest\(\) once, before the first message/,
    after: endAndReceive,
  },
  "the message of a unary call sent twice": {
    kind: "unary",
    before: (stream) => stream.sendMessage({}),
    operation: (stream) => stream.sendMessage({}),
    says: /sendMessage\(\) once/,
    after: (stream) => stream.recvMessage(),
  },
  "a message after end()": {
    kind: "bidi",
    before: async (stream) => {
      await stream.sendMessage({});
      await stream.end();
    },
    operation: (stream) => stream.sendMessage({}),
    says: /before end\(\)/,
    after: (stream) => stream.recvMessage(),
  },
  "end() before the request": {
    kind: "bidi",
    before: nothing,
    operation: (stream) => stream.end(),
    says: /sendRequest\(\) or sendMessage\(\) first/,
    after: async (stream) => {
      await stream.sendRequest();
      return await endAndReceive(stream);
    },
  },
  "end() before the message of a single request": {
    kind: "serverStream",
    before: (stream) => stream.sendRequest(),
    operation: (stream) => stream.end(),
    says: /sendMessage\(\)/,
    after: async (stream) => {
      await stream.sendMessage({});
      return await stream.recvMessage();
    },
  },
  "end() twice": {
    kind: "clientStream",
    before: async (stream) => {
      await stream.sendMessage({});
      await stream.end();
    },
    operation: (stream) => stream.end(),
    says: /end\(\) once/,
    after: (stream) => stream.recvMessage(),
  },
  "end() twice after the message of a single request": {
    kind: "unary",
    before: async (stream) => {
      await stream.sendMessage({});
      await stream.end();
    },
    operation: (stream) => stream.end(),
    says: /end\(\) once/,
    after: (stream) => stream.recvMessage(),
  },
  "the initial metadata received twice": {
    kind: "unary",
    before: async (stream) => {
      await stream.sendMessage({});
      await stream.recvInitialMetadata();
    },
    operation: (stream) => stream.recvInitialMetadata(),
    says: /stream\.initialMetadata/,
    after: (stream) => stream.recvMessage(),
  },
  "the initial metadata received before the request": {
    kind: "unary",
    before: nothing,
    operation: (stream) => stream.recvInitialMetadata(),
    says: /sendRequest\(\) or sendMessage\(\) first/,
    after: async (stream) => {
      await stream.sendMessage({});
      return await stream.recvMessage();
    },
  },
  "a message received before the request": {
    kind: "unary",
    before: nothing,
    operation: (stream) => stream.recvMessage(),
    says: /sendRequest\(\) or sendMessage\(\) first/,
    after: async (stream) => {
      await stream.sendMessage({});
      return await stream.recvMessage();
    },
  },
  "the trailing metadata received before end()": {
    kind: "bidi",
    before: (stream) => stream.sendMessage({}),
    operation: (stream) => stream.recvTrailingMetadata(),
    says: /call end\(\) before/,
    after: endAndReceive,
  },
  "the trailing metadata received before the initial metadata": {
    kind: "unary",
    before: (stream) => stream.sendMessage({}),
    operation: (stream) => stream.recvTrailingMetadata(),
    says: /recvInitialMetadata\(\) or recvMessage\(\) first/,
    after: (stream) => stream.recvMessage(),
  },
};

describe("an operation out of order", () => {
  for (const [name, { kind, before, operation, says, after }] of Object.entries(misuses)) {
    test(`${name} rejects with a ProtocolError, and the call goes on`, async () => {
      const { stub } = await startPair(handleAll(() => ({ text: "went on" })));
      const response = await stub[kind].open(async (stream) => {
        await before(stream);
        const error = await rejection(operation(stream));
        expect(error).toBeInstanceOf(ProtocolError);
        expect((error as Error).message).toMatch(says);
        return await after(stream);
      });
      expect(response).toMatchObject({ text: "went on" });
    });
  }

  test("the trailing metadata received twice rejects with a ProtocolError", async () => {
    const { stub } = await startPair(handleAll(() => ({})));
    await stub.unary.open(async (stream) => {
      await stream.sendMessage({});
      await stream.recvMessage();
      await stream.recvTrailingMetadata();
      const error = await rejection(stream.recvTrailingMetadata());
      expect(error).toBeInstanceOf(ProtocolError);
      expect((error as Error).message).toMatch(/stream\.trailingMetadata/);
    });
  });

  test("cancel() before the request, and twice, rejects with a ProtocolError", async () => {
    const { stub } = await startPair({ unary: () => new Promise(() => {}) });
    const stream = stub.unary.open();
    expect(await rejection(stream.cancel())).toBeInstanceOf(ProtocolError);
    await stream.sendRequest();
    await stream.cancel();
    expect(await rejection(stream.cancel())).toBeInstanceOf(ProtocolError);
  });
});

describe("in order", () => {
  test("recvMessage() gives undefined at the end, as often as it is asked", async () => {
    const { stub } = await startPair(handleAll(() => ({})));
    await stub.serverStream.open(async (stream) => {
      await stream.sendMessage({});
      expect(await stream.recvMessage()).toMatchObject({ text: "" });
      expect(await stream.recvMessage()).toBeUndefined();
      expect(await stream.recvMessage()).toBeUndefined();
    });
  });

  test("one end() after the message of a single request does nothing", async () => {
    const { stub } = await startPair(handleAll(() => ({ text: "once" })));
    await stub.unary.open(async (stream) => {
      await stream.sendMessage({});
      await stream.end();
      expect(await stream.recvMessage()).toMatchObject({ text: "once" });
    });
  });

  test("cancel() resets the call: what waits and what comes later rejects with CANCELLED", async () => {
    const running = moment();
    const cancelled = moment<unknown>();
    const { stub } = await startPair(
      handleAll(async ({ signal }) => {
        running.happens();
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        cancelled.happens(signal.reason);
        throw signal.reason;
      }),
    );
    const stream = stub.bidi.open();
    await stream.sendMessage({});
    await stream.end();
    const waits = rejection(stream.recvMessage());
    await running.promise;
    await stream.cancel();
    expect(await waits).toMatchObject({ status: Status.CANCELLED, origin: "client" });
    expect(await rejection(stream.recvMessage())).toMatchObject({ status: Status.CANCELLED, origin: "client" });
    expect(await cancelled.promise).toMatchObject({ name: "StreamTerminatedError", code: 8 });
  });

  test("a request that comes after the end of an OK call is not sent, and no error", async () => {
    const { stub } = await startPair({
      async *bidi() {
        yield { text: "only" };
      },
    });
    await stub.bidi.open(async (stream) => {
      await stream.sendMessage({});
      expect(await stream.recvMessage()).toMatchObject({ text: "only" });
      expect(await stream.recvMessage()).toBeUndefined();
      await stream.sendMessage({});
      await stream.end();
    });
  });
});
