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
  /** What the error message says to do instead. */
  readonly advice: RegExp;
  /** Finishes the call, to show that the misuse did not end it. @returns its response */
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
    advice: /sendRequest\(\) once/,
    after: endAndReceive,
  },
  "the request sent after a message": {
    kind: "bidi",
    before: (stream) => stream.sendMessage({}),
    operation: (stream) => stream.sendRequest(),
    advice: /sendRequest\(\) once, before the first message/,
    after: endAndReceive,
  },
  "the message of a unary call sent twice": {
    kind: "unary",
    before: (stream) => stream.sendMessage({}),
    operation: (stream) => stream.sendMessage({}),
    advice: /sendMessage\(\) once/,
    after: (stream) => stream.recvMessage(),
  },
  "a message after end()": {
    kind: "bidi",
    before: async (stream) => {
      await stream.sendMessage({});
      await stream.end();
    },
    operation: (stream) => stream.sendMessage({}),
    advice: /before end\(\)/,
    after: (stream) => stream.recvMessage(),
  },
  "end() before the request": {
    kind: "bidi",
    before: nothing,
    operation: (stream) => stream.end(),
    advice: /sendRequest\(\) or sendMessage\(\) first/,
    after: async (stream) => {
      await stream.sendRequest();
      return await endAndReceive(stream);
    },
  },
  "end() before the message of a single request": {
    kind: "serverStream",
    before: (stream) => stream.sendRequest(),
    operation: (stream) => stream.end(),
    advice: /sendMessage\(\)/,
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
    advice: /end\(\) once/,
    after: (stream) => stream.recvMessage(),
  },
  "end() twice after the message of a single request": {
    kind: "unary",
    before: async (stream) => {
      await stream.sendMessage({});
      await stream.end();
    },
    operation: (stream) => stream.end(),
    advice: /end\(\) once/,
    after: (stream) => stream.recvMessage(),
  },
  "the initial metadata received twice": {
    kind: "unary",
    before: async (stream) => {
      await stream.sendMessage({});
      await stream.recvInitialMetadata();
    },
    operation: (stream) => stream.recvInitialMetadata(),
    advice: /stream\.initialMetadata/,
    after: (stream) => stream.recvMessage(),
  },
  "the initial metadata received before the request": {
    kind: "unary",
    before: nothing,
    operation: (stream) => stream.recvInitialMetadata(),
    advice: /sendRequest\(\) or sendMessage\(\) first/,
    after: async (stream) => {
      await stream.sendMessage({});
      return await stream.recvMessage();
    },
  },
  "a message received before the request": {
    kind: "unary",
    before: nothing,
    operation: (stream) => stream.recvMessage(),
    advice: /sendRequest\(\) or sendMessage\(\) first/,
    after: async (stream) => {
      await stream.sendMessage({});
      return await stream.recvMessage();
    },
  },
  "the trailing metadata received before end()": {
    kind: "bidi",
    before: (stream) => stream.sendMessage({}),
    operation: (stream) => stream.recvTrailingMetadata(),
    advice: /Call end\(\) before/,
    after: endAndReceive,
  },
  "the trailing metadata received before the initial metadata": {
    kind: "unary",
    before: (stream) => stream.sendMessage({}),
    operation: (stream) => stream.recvTrailingMetadata(),
    advice: /recvInitialMetadata\(\) or recvMessage\(\) first/,
    after: (stream) => stream.recvMessage(),
  },
};

describe("an operation out of order", () => {
  for (const [name, { kind, before, operation, advice, after }] of Object.entries(misuses)) {
    test(`${name} rejects with a ProtocolError and does not end the call`, async () => {
      const { stub } = await startPair(handleAll(() => ({ text: "answered" })));
      const response = await stub[kind].open(async (stream) => {
        await before(stream);
        const error = await rejection(operation(stream));
        expect(error).toBeInstanceOf(ProtocolError);
        expect((error as Error).message).toMatch(advice);
        return await after(stream);
      });
      expect(response).toMatchObject({ text: "answered" });
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
  test("recvMessage() resolves to undefined every time after the last response", async () => {
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

  test("cancel() resets the call: a pending operation ends, and later ones reject with CANCELLED", async () => {
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
    const pending = stream.recvMessage();
    await running.promise;
    await stream.cancel();
    expect(await pending).toBeUndefined();
    expect(await rejection(stream.recvMessage())).toMatchObject({ status: Status.CANCELLED, origin: "client" });
    expect(await cancelled.promise).toMatchObject({ name: "StreamTerminatedError", code: 8 });
  });

  test("sendMessage() after the call has ended with OK resolves without sending", async () => {
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
