import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { GRPCError, Status } from "../../src/index.js";
import { type ChannelOptions, forwardMetadata } from "../../src/node.js";
import { call, handleAll } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { moment, openChannel, rejection, startPair, startServer } from "../harness.js";

// What runs user code later than its call began, often in an event of a connection that other calls use, too.

const propagation = { server: { propagation: true } };

/** A message that several of do not fit into a window of flow control. */
const large = "x".repeat(200_000);

const idOf = ({ text }: { readonly text: string }) => text.slice(0, text.indexOf(":"));

const withId = (id: string) => ({ timeout: 60_000, metadata: { "x-request-id": id } });

/** A stub whose calls send the request ID on. */
function forward(address: string, options: ChannelOptions = {}): TestServiceStub {
  return new TestServiceStub(openChannel(address, { ...options, interceptors: [forwardMetadata("x-request-id")] }));
}

/** A function that asks another server for the request ID that it was sent. */
async function startAsking(): Promise<() => Promise<string>> {
  const { address } = await startServer(handleAll(({ metadata }) => ({ text: `${metadata.getAll("x-request-id")}` })));
  const stub = forward(address);
  return async () => (await stub.unary({})).text;
}

/** The IDs in the messages of a stream that is read slowly. */
async function idsIn(messages: AsyncIterable<{ readonly text: string }>): Promise<string[]> {
  const ids = new Set<string>();
  for await (const message of messages) {
    ids.add(idOf(message));
    await sleep(2);
  }
  return [...ids];
}

test("responses of a generator and of an iterator belong to their call, while slow clients share a connection", async () => {
  const ask = await startAsking();
  const message = async () => ({ text: `${await ask()}:${large}` });
  const { stub } = await startPair(
    {
      async *serverStream() {
        for (let sent = 0; sent < 10; sent += 1) yield await message();
      },
      bidi() {
        let sent = 0;
        const next = async () =>
          sent++ < 10 ? { done: false as const, value: await message() } : { done: true as const, value: undefined };
        return { [Symbol.asyncIterator]: () => ({ next }) };
      },
    },
    propagation,
  );
  const ids = await Promise.all([
    ...["a", "b", "c"].map((id) => idsIn(stub.serverStream({}, withId(id)))),
    ...["d", "e", "f"].map((id) => idsIn(stub.bidi([], withId(id)))),
  ]);
  expect(ids).toEqual([["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]);
});

test("a generator of requests belongs to the incoming call, while a slow server reads them", async () => {
  const ask = await startAsking();
  const { address } = await startServer({
    clientStream: async (requests) => ({ text: (await idsIn(requests)).join() }),
  });
  const slow = new TestServiceStub(openChannel(address));
  async function* requests() {
    for (let sent = 0; sent < 10; sent += 1) yield { text: `${await ask()}:${large}` };
  }
  const { stub } = await startPair(
    handleAll(() => slow.clientStream(requests())),
    propagation,
  );
  const answers = await Promise.all(["a", "b", "c"].map((id) => call(stub, "unary", withId(id))));
  expect(answers.map(([answer]) => answer?.text)).toEqual(["a", "b", "c"]);
});

test("each attempt of a call that is repeated inherits, also after a delay", async () => {
  const attempts: string[] = [];
  const { address } = await startServer({
    unary(_request, { deadline, metadata }) {
      attempts.push(`${metadata.getAll("x-request-id")} ${(deadline?.remaining() ?? 0) > 30_000}`);
      if (attempts.length < 3) throw new GRPCError(Status.UNAVAILABLE);
      return {};
    },
  });
  const inner = forward(address, { retry: { maxAttempts: 3, methods: () => true, initialBackoff: 5, maxBackoff: 5 } });
  const { stub } = await startPair(
    handleAll(() => inner.unary({})),
    propagation,
  );
  await stub.unary({}, withId("a"));
  expect(attempts).toEqual(["a true", "a true", "a true"]);
});

test("a `finally` block that runs because the client left belongs to its call, which is cancelled", async () => {
  const ask = await startAsking();
  const error = moment<unknown>();
  const { stub } = await startPair(
    {
      async *serverStream() {
        try {
          for (;;) {
            yield {};
            await sleep(1);
          }
        } finally {
          error.happens(await rejection(ask()));
        }
      },
    },
    propagation,
  );
  for await (const _ of stub.serverStream({})) break;
  expect(await error.promise).toMatchObject({ status: Status.CANCELLED });
});

test("a hook of an inner call belongs to the incoming call that made it", async () => {
  const ask = await startAsking();
  const { address } = await startServer(handleAll(() => ({})));
  const shared = new TestServiceStub(openChannel(address));
  const { stub } = await startPair(
    handleAll(async () => {
      const text = moment<Promise<string>>();
      await shared.unary({}, { onHeaders: () => text.happens(ask()) });
      return { text: await text.promise };
    }),
    propagation,
  );
  const answers = await Promise.all(["a", "b"].map((id) => call(stub, "unary", withId(id))));
  expect(answers.map(([answer]) => answer?.text)).toEqual(["a", "b"]);
});

test("forwardMetadata() takes the incoming call that the code runs in, whatever the parent", async () => {
  const { address } = await startServer(
    handleAll(({ deadline, metadata }) => ({
      text: `${metadata.getAll("x-request-id")} ${deadline?.remaining()}`,
    })),
  );
  const inner = forward(address);
  const parent = { deadline: undefined, signal: new AbortController().signal };
  for (const options of [{ parent: null }, { parent }]) {
    const { stub } = await startPair(
      handleAll(() => inner.unary({}, options)),
      propagation,
    );
    expect((await stub.unary({}, withId("a"))).text).toBe("a undefined");
  }
});
