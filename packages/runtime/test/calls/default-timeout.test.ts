import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Deadline, Status } from "../../src/index.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { openChannel, rejection, startPair, startTcpServer } from "../harness.js";
import { call, handleAll, kinds } from "./kinds.js";

// The option `timeout` of a channel.

const handlers = handleAll(async ({ signal, deadline }, [request]) => {
  await sleep(Number(request?.text), undefined, { signal });
  return { text: String(Math.round(deadline?.remaining() ?? Number.NaN)) };
});

describe("a channel with a timeout", () => {
  test.for(kinds)("%s: a call without a limit of its own ends in time, on both sides", async (kind) => {
    // Long enough to connect.
    const { stub } = await startPair(handlers, { channel: { timeout: 300 } });
    const start = performance.now();
    expect(await rejection(call(stub, kind, {}, { text: "10000" }))).toMatchObject({
      status: Status.DEADLINE_EXCEEDED,
      message: "Deadline exceeded while waiting for the response",
      origin: "client",
    });
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test.for(kinds)("%s: a call that is fast enough succeeds, and the server knows the time", async (kind) => {
    const { stub } = await startPair(handlers, { channel: { timeout: 60_000 } });
    const [response] = await call(stub, kind, {}, { text: "1" });
    expect(Number(response?.text)).toBeGreaterThan(50_000);
    expect(Number(response?.text)).toBeLessThanOrEqual(60_000);
  });

  test.for(kinds)("%s: the limit of a call itself applies instead, be it shorter or longer", async (kind) => {
    const { stub } = await startPair(handlers, { channel: { timeout: 200 } });
    for (const options of [
      { timeout: 50 },
      { deadline: Deadline.after(50) },
      { parent: { deadline: Deadline.after(50), signal: new AbortController().signal } as never },
    ]) {
      const start = performance.now();
      expect(await rejection(call(stub, kind, options, { text: "10000" }))).toMatchObject({
        status: Status.DEADLINE_EXCEEDED,
      });
      expect(performance.now() - start).toBeLessThan(190);
    }
    await call(stub, kind, { timeout: 60_000 }, { text: "300" });
  });

  test.for(kinds)("%s: a call that waits for the server says so", async (kind) => {
    const { address } = await startTcpServer();
    const stub = new TestServiceStub(openChannel(address, { timeout: 50 }));
    expect(await rejection(call(stub, kind, { waitForReady: true }))).toMatchObject({
      status: Status.DEADLINE_EXCEEDED,
      message: `Deadline exceeded while connecting to ${address.slice("http://".length)}`,
    });
  });

  test("a stream that is being read ends, after the messages that have arrived", async () => {
    const { stub } = await startPair(
      {
        async *serverStream(_request, { signal }) {
          for (let i = 0; i < 3; i++) yield { text: String(i) };
          await sleep(10_000, undefined, { signal });
        },
      },
      { channel: { timeout: 150 } },
    );
    const texts: string[] = [];
    const error = await rejection(
      (async () => {
        for await (const { text } of stub.serverStream({})) texts.push(text);
      })(),
    );
    expect(error).toMatchObject({ status: Status.DEADLINE_EXCEEDED, message: "Deadline exceeded during the response" });
    expect(texts).toEqual(["0", "1", "2"]);
  });

  test("open(): a caller that leaves is not disturbed later", async () => {
    const { stub } = await startPair(handlers, { channel: { timeout: 50 } });
    expect(
      await stub.bidi.open(async (stream) => {
        await stream.sendMessage({ text: "10000" });
        return "left";
      }),
    ).toBe("left");
    await sleep(100);
  });

  test.for([0, -1, Number.NaN, "5", null])("timeout: %j is a TypeError", (timeout) => {
    expect(() => openChannel("http://127.0.0.1:1", { timeout: timeout as number })).toThrow(TypeError);
  });
});
