// A large compressed message is decompressed on Node's thread pool, and waits while all of its threads are busy. The
// call still ends at its deadline.
import { pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { expect, onTestFinished, test } from "vitest";
import { GRPCError, Status } from "../../src/index.js";
import { TestRequestSchema } from "../gen/test/v1/test_pb.js";
import { moment, rejection, startPair, startServer } from "../harness.js";
import { frame, paths, RawClient } from "../peers/raw-client.js";
import { call, handleAll, type Kind, kinds } from "./kinds.js";

const derive = promisify(pbkdf2);
const data = new Uint8Array(1024 * 1024);

/** Keeps the four threads of Node's pool busy for most of a second at least. */
function occupyThreads(): void {
  const work = Array.from({ length: 8 }, () => derive("password", "salt", 300_000, 64, "sha512"));
  onTestFinished(async () => void (await Promise.all(work)));
}

async function read(requests: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of requests);
}

async function timed<T>(work: Promise<T>): Promise<{ readonly result: T; readonly ms: number }> {
  const start = performance.now();
  const result = await work;
  return { result, ms: performance.now() - start };
}

test.for(kinds)("%s: a call whose response waits for a thread ends at its deadline", async (kind) => {
  const { stub } = await startPair(
    handleAll(() => ({ data })),
    { server: { compression: "gzip" } },
  );
  await call(stub, kind);
  occupyThreads();
  const { result, ms } = await timed(rejection(call(stub, kind, { timeout: 100 })));
  expect(result).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
  expect(ms).toBeLessThan(400);
});

test("a call whose response waits for a thread ends at its deadline, even if an error follows the response", async () => {
  const { stub } = await startPair(
    {
      async *serverStream() {
        yield { data };
        throw new GRPCError(Status.NOT_FOUND);
      },
    },
    { server: { compression: "gzip" } },
  );
  occupyThreads();
  const { result, ms } = await timed(rejection(stub.serverStream({}, { timeout: 100 }).next()));
  expect(result).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
  expect(ms).toBeLessThan(400);
});

test.for(["clientStream", "bidi"] satisfies Kind[])(
  "%s: a handler whose request waits for a thread is cancelled at the deadline",
  async (kind) => {
    const ended = moment<unknown>();
    const { address } = await startServer({
      async clientStream(requests) {
        await read(requests).catch(ended.happens);
        return {};
      },
      async *bidi(requests) {
        await read(requests).catch(ended.happens);
        yield {};
      },
    });
    occupyThreads();
    // Unlike a Channel, this client does not reset the call when the deadline has passed.
    const client = new RawClient(address);
    const headers = { ":path": paths[kind], "grpc-encoding": "gzip", "grpc-timeout": "100m" };
    const request = gzipSync(toBinary(TestRequestSchema, create(TestRequestSchema, { data })));
    client.open({ headers, body: [frame(request, 1)], end: false });
    const { result, ms } = await timed(ended.promise);
    expect(result).toMatchObject({ status: Status.DEADLINE_EXCEEDED });
    expect(ms).toBeLessThan(400);
  },
);
