import { describe, expect, test } from "vitest";
import { type ClientInterceptor, Status } from "../../src/index.js";
import { call, handleAll, handleRequests, kinds } from "../calls/kinds.js";
import { moment, rejection } from "../harness.js";
import { withClient } from "./pairs.js";

const echo = handleAll((_context, requests) => ({ text: requests.map(({ text }) => text).join() }));
const streaming = ["clientStream", "bidi"] as const;

/** An interceptor that waits before `next()`. */
function gate() {
  const { promise, happens } = moment();
  const interceptor: ClientInterceptor = async (_call, next) => {
    await promise;
    return next();
  };
  return { open: happens, interceptor };
}

describe("before next()", () => {
  test.for(kinds)("%s: requests wait, and are then sent", async (kind) => {
    const { open, interceptor } = gate();
    const { stub } = await withClient(echo, interceptor);
    const responses = call(stub, kind, {}, { text: "a" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    open();
    expect(await responses).toMatchObject([{ text: "a" }]);
  });

  test.for(streaming)("%s: no more than one request is taken from the caller", async (kind) => {
    const { open, interceptor } = gate();
    const { stub } = await withClient(echo, interceptor);
    let taken = 0;
    const requests = function* () {
      for (const text of ["a", "b", "c"]) {
        taken++;
        yield { text };
      }
    };
    const result = kind === "bidi" ? stub.bidi(requests()).next() : stub.clientStream(requests());
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(taken).toBe(1);
    open();
    expect(await result).toMatchObject(kind === "bidi" ? { value: { text: "a,b,c" } } : { text: "a,b,c" });
  });

  test.for(kinds)("%s: sendMessage() of open() waits if another request could follow", async (kind) => {
    const { open, interceptor } = gate();
    const { stub } = await withClient(echo, interceptor);
    const text = await stub[kind].open(async (stream) => {
      let sent = false;
      const sending = stream.sendMessage({ text: "a" }).then(() => {
        sent = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(sent).toBe(!streaming.some((streamed) => streamed === kind));
      open();
      await sending;
      await stream.end();
      return (await stream.recvMessage())?.text;
    });
    expect(text).toBe("a");
  });

  test.for(streaming)("%s: requests that end without a message reach the server", async (kind) => {
    const { open, interceptor } = gate();
    const { stub } = await withClient(echo, interceptor);
    const result = kind === "bidi" ? stub.bidi([]).next() : stub.clientStream([]);
    open();
    expect(await result).toMatchObject(kind === "bidi" ? { value: { text: "" } } : { text: "" });
  });

  test.for(streaming)("%s: an error of the requests is the outcome, and nothing is sent", async (kind) => {
    const { open, interceptor } = gate();
    const { stub } = await withClient({}, interceptor);
    const mistake = new Error("no more");
    const requests = function* () {
      yield {};
      throw mistake;
    };
    const result = rejection(kind === "bidi" ? stub.bidi(requests()).next() : stub.clientStream(requests()));
    open();
    expect(await result).toBe(mistake);
  });

  test.for(kinds)("%s: the deadline names the interceptor that the call waits for", async (kind) => {
    const { stub } = await withClient({}, function patience() {
      return new Promise(() => {});
    });
    expect(await rejection(call(stub, kind, { timeout: 50 }))).toMatchObject({
      status: Status.DEADLINE_EXCEEDED,
      message: "Deadline exceeded while waiting for the interceptor patience",
      origin: "client",
    });
  });
});

const pass: ClientInterceptor = async (_call, next) => next();

test("a fast sender is held back through three interceptors", async () => {
  const { promise: released, happens: release } = moment();
  let sent = 0;
  const { stub } = await withClient(
    handleRequests(async (requests) => {
      await released;
      for await (const _ of requests);
    }),
    pass,
    pass,
    pass,
  );
  const data = new Uint8Array(100_000);
  const result = stub.clientStream(
    (function* () {
      for (; sent < 200; sent++) yield { data };
    })(),
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(sent).toBeLessThan(100);
  release();
  await result;
  expect(sent).toBe(200);
});

test("a slow reader holds the server back through three interceptors", async () => {
  let sent = 0;
  const data = new Uint8Array(100_000);
  const { stub } = await withClient(
    {
      async *serverStream() {
        for (; sent < 200; sent++) yield { data };
      },
    },
    pass,
    pass,
    pass,
  );
  const responses = stub.serverStream({});
  await responses.next();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(sent).toBeLessThan(100);
  let received = 1;
  for await (const _ of responses) received++;
  expect(received).toBe(200);
});
