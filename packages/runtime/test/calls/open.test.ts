import { describe, expect, test } from "vitest";
import type { Metadata, ServerContext } from "../../src/index.js";
import { collect, moment, startPair, startPairOnNetwork } from "../harness.js";
import { handleAll, kinds } from "./kinds.js";

/** Handlers that send metadata and a response, with a promise of the first call's context. */
function answering(answer: (context: ServerContext) => object | Promise<object> = () => ({ text: "answer" })) {
  const running = moment<ServerContext>();
  const handlers = handleAll(async (context) => {
    context.sendInitialMetadata({ initial: "1" });
    context.trailingMetadata.set("trailing", "2");
    running.happens(context);
    return await answer(context);
  });
  return { handlers, running: running.promise };
}

test.for<[title: string, args: readonly unknown[]]>([
  ["the options first", [{ timeout: 1_000 }, async () => "ran"]],
  ["no function", [undefined, { timeout: 1_000 }]],
])("open() with %s is a TypeError that says what comes first", async ([, args]) => {
  const { stub } = await startPair({});
  for (const kind of kinds) {
    const open = stub[kind].open as (...args: readonly unknown[]) => unknown;
    expect(() => open(...args)).toThrow(
      new TypeError("open() takes its function first, as in open(async (stream) => …)"),
    );
  }
});

describe("an open stream", () => {
  test.for(kinds)("%s: every operation succeeds in order, from the request to the trailers", async (kind) => {
    const { handlers, running } = answering();
    const { stub, address } = await startPairOnNetwork(handlers);

    const result = await stub[kind].open(async (stream) => {
      expect(stream).toMatchObject({ peer: undefined, initialMetadata: undefined, trailingMetadata: undefined });
      await stream.sendRequest();
      await stream.sendMessage({ text: "question" });
      await stream.end();
      const initial = await stream.recvInitialMetadata();
      const response = await stream.recvMessage();
      const end = await stream.recvMessage();
      const trailing = await stream.recvTrailingMetadata();
      expect([...initial]).toEqual([["initial", "1"]]);
      expect([...trailing]).toEqual([["trailing", "2"]]);
      expect(stream.initialMetadata).toBe(initial);
      expect([...(stream.trailingMetadata ?? [])]).toEqual([...trailing]);
      expect(stream.peer).toBe(address.replace("http://", ""));
      expect(end).toBeUndefined();
      return response?.text;
    });

    expect(result).toBe("answer");
    expect((await running).signal.aborted).toBe(false);
  });

  test.for(["unary", "serverStream"] as const)(
    "%s: sendMessage() starts the call and ends the requests",
    async (kind) => {
      const { stub } = await startPair(answering().handlers);
      const text = await stub[kind].open(async (stream) => {
        await stream.sendMessage({});
        return (await stream.recvMessage())?.text;
      });
      expect(text).toBe("answer");
    },
  );

  test("requests and responses can alternate", async () => {
    const { stub } = await startPair({
      async *bidi(requests) {
        for await (const { text } of requests) yield { text: `${text}!` };
      },
    });
    const texts = await stub.bidi.open(async (stream) => {
      const answers: (string | undefined)[] = [];
      for (const text of ["a", "b", "c"]) {
        await stream.sendMessage({ text });
        answers.push((await stream.recvMessage())?.text);
      }
      await stream.end();
      return [...answers, await stream.recvMessage()];
    });
    expect(texts).toEqual(["a!", "b!", "c!", undefined]);
  });

  test("requests and responses can overlap", async () => {
    const { stub } = await startPair({
      async *bidi(requests) {
        for await (const { number } of requests) yield { number };
      },
    });
    const numbers = await stub.bidi.open(async (stream) => {
      const send = async () => {
        for (let number = 0; number < 2000; number++) await stream.sendMessage({ number });
        await stream.end();
      };
      await stream.sendRequest();
      const [received] = await Promise.all([collect(stream), send()]);
      return received.map(({ number }) => number);
    });
    expect(numbers).toEqual(Array.from({ length: 2000 }, (_, i) => i));
  });

  test.for(kinds)("%s: open() takes the options of a call", async (kind) => {
    const { handlers, running } = answering();
    const { stub } = await startPair(handlers);
    const trailers = moment<Metadata>();
    const options = { metadata: { key: "value" }, timeout: 60_000, onTrailers: trailers.happens };
    const remaining = await stub[kind].open(async (stream) => {
      await stream.sendMessage({});
      await stream.end();
      await stream.recvMessage();
      await stream.recvTrailingMetadata();
      return stream.deadline?.remaining();
    }, options);
    expect(remaining).toBeGreaterThan(30_000);
    expect(remaining).toBeLessThanOrEqual(60_000);
    expect((await running).metadata.get("key")).toBe("value");
    expect([...(await trailers.promise)]).toEqual([["trailing", "2"]]);
  });

  test("no call is started if the body does nothing", async () => {
    let calls = 0;
    const { handlers } = answering(() => {
      calls += 1;
      return {};
    });
    const { stub } = await startPair(handlers);
    expect(await stub.unary.open(async () => "nothing done")).toBe("nothing done");
    await stub.unary({});
    expect(calls).toBe(1);
  });
});
