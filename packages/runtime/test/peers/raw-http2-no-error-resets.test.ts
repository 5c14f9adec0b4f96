import { type ClientHttp2Stream, constants } from "node:http2";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { StreamTerminatedError } from "../../src/index.js";
import { handleRequests } from "../calls/kinds.js";
import { moment, startServer } from "../harness.js";
import { frame, paths, RawClient, requestFrame } from "./raw-client.js";

// If a stream is reset with NO_ERROR, Node ends its readable half as if it had ended regularly, and closes the stream
// before destroying it. Python's grpclib resets cancelled calls with NO_ERROR, even in the middle of a message.

/** The part of the request that is sent before the reset. */
const prefixes: Record<string, readonly Uint8Array[]> = {
  nothing: [],
  "a part of a prefix": [frame().subarray(0, 2)],
  "a part of a message": [requestFrame({ text: "a text" }).subarray(0, 8)],
  "a message": [requestFrame({ text: "a text" })],
  "a message and a part of the next one": [requestFrame({ text: "a text" }), frame().subarray(0, 3)],
};

describe("a reset with NO_ERROR", () => {
  const cases = Object.keys(prefixes).flatMap((after) => Object.values(paths).map((path) => ({ after, path })));
  test.for(cases)("after $after ends only that call: $path", async ({ after, path }) => {
    const { address } = await startServer({
      unary: () => ({}),
      serverStream: async function* () {},
      ...handleRequests(async (requests) => {
        for await (const _ of requests);
      }),
    });
    const client = new RawClient(address);
    const stream = client.open({ headers: { ":path": path }, body: prefixes[after] ?? [], end: false });
    await new Promise((resolve) => stream.once("ready", resolve));
    await nextTurn();
    resetWithoutEnd(stream);
    expect((await client.request()).trailers["grpc-status"]).toBe("0");
  });

  test.for(["clientStream", "bidi"] as const)("is not the end of the requests: %s", async (kind) => {
    const first = moment();
    const ended = moment<unknown>();
    const { address } = await startServer(
      handleRequests(async (requests) => {
        try {
          for await (const _ of requests) first.happens();
          ended.happens("the requests ended");
        } catch (reason) {
          ended.happens(reason);
          throw reason;
        }
      }),
    );
    const stream = new RawClient(address).open({ headers: { ":path": paths[kind] }, end: false });
    await first.promise;
    resetWithoutEnd(stream);
    expect(await ended.promise).toBeInstanceOf(StreamTerminatedError);
  });

  test("closes a stream whose requests are held back", async () => {
    const ended = moment<unknown>();
    const { address, server } = await startServer(
      handleRequests(async (_requests, { signal }) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        ended.happens(signal.reason);
        throw signal.reason;
      }),
    );
    const client = new RawClient(address);
    const body = Array.from({ length: 8 }, () => requestFrame({ data: new Uint8Array(16_000) }));
    const stream = client.open({ headers: { ":path": paths.bidi }, body, end: false });
    await new Promise((resolve) => setTimeout(resolve, 50));
    resetWithoutEnd(stream);
    expect(await ended.promise).toBeInstanceOf(StreamTerminatedError);
    // A leftover stream would keep the connection and the server open until the grace period ends.
    const start = performance.now();
    await server.close({ grace: 3_000 });
    expect(performance.now() - start).toBeLessThan(1_500);
  });
});

/** Resets a stream. Node would end the stream before, unless a write is pending. */
function resetWithoutEnd(stream: ClientHttp2Stream): void {
  stream.write(new Uint8Array(0));
  stream.close(constants.NGHTTP2_NO_ERROR);
}
