import { type ClientHttp2Stream, constants } from "node:http2";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { StreamTerminatedError } from "../../src/index.js";
import { handleRequests } from "../calls/kinds.js";
import { moment, startServer } from "../harness.js";
import { frame, paths, RawClient, requestFrame } from "./raw-client.js";

// Node ends the readable half of a stream that is reset with NO_ERROR, as if it had come to its end, and closes the
// stream before it destroys it. Python's grpclib resets the calls that it cancels like this, also within a message.

/** Where in a request the reset comes: what has been sent by then. */
const prefixes: Record<string, readonly Uint8Array[]> = {
  nothing: [],
  "a part of a prefix": [frame().subarray(0, 2)],
  "a part of a message": [requestFrame({ text: "a text" }).subarray(0, 8)],
  "a message": [requestFrame({ text: "a text" })],
  "a message and a part of the next one": [requestFrame({ text: "a text" }), frame().subarray(0, 3)],
};

describe("a reset with NO_ERROR", () => {
  const cases = Object.keys(prefixes).flatMap((after) => Object.values(paths).map((path) => ({ after, path })));
  test.for(cases)("after $after costs that call and no other: $path", async ({ after, path }) => {
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
    const left = moment<unknown>();
    const { address } = await startServer(
      handleRequests(async (requests) => {
        try {
          for await (const _ of requests) first.happens();
          left.happens("the requests ended");
        } catch (reason) {
          left.happens(reason);
          throw reason;
        }
      }),
    );
    const stream = new RawClient(address).open({ headers: { ":path": paths[kind] }, end: false });
    await first.promise;
    resetWithoutEnd(stream);
    expect(await left.promise).toBeInstanceOf(StreamTerminatedError);
  });

  test("closes a stream whose requests are held back", async () => {
    const left = moment<unknown>();
    const { address, server } = await startServer(
      handleRequests(async (_requests, { signal }) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        left.happens(signal.reason);
        throw signal.reason;
      }),
    );
    const client = new RawClient(address);
    const body = Array.from({ length: 8 }, () => requestFrame({ data: new Uint8Array(16_000) }));
    const stream = client.open({ headers: { ":path": paths.bidi }, body, end: false });
    await new Promise((resolve) => setTimeout(resolve, 50));
    resetWithoutEnd(stream);
    expect(await left.promise).toBeInstanceOf(StreamTerminatedError);
    // A stream that is left over would keep the connection, and the server, until the grace is over.
    const start = performance.now();
    await server.close({ grace: 3_000 });
    expect(performance.now() - start).toBeLessThan(1_500);
  });
});

/** Node ends a stream before it resets it, unless a write is under way. */
function resetWithoutEnd(stream: ClientHttp2Stream): void {
  stream.write(new Uint8Array(0));
  stream.close(constants.NGHTTP2_NO_ERROR);
}
