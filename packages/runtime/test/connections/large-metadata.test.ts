import { connect } from "node:http2";
import { describe, expect, onTestFinished, test } from "vitest";
import { GRPCError, Metadata, type ServerContext, Status } from "../../src/index.js";
import type { ServerOptions } from "../../src/node.js";
import { handleAll } from "../calls/kinds.js";
import { startServer } from "../harness.js";
import { paths, requestFrame } from "../peers/raw-client.js";

const KIB = 1024;

/** Metadata with many keys. */
const pairs = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-key-${n}`, "value"]));
/** Metadata with values of 50 KiB, since nghttp2 takes no more than 64 KiB in one. */
const several = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-long-${n}`, "v".repeat(50 * KIB)]));
/** Metadata with one long value. */
const long = (bytes: number): Record<string, string> => ({ "x-long": "v".repeat(bytes) });

type Headers = Record<string, string | string[] | number | undefined>;

interface Answer {
  readonly headers: Headers;
  readonly trailers: Headers;
  readonly code: number | undefined;
}

/** A client of bare node:http2 that accepts header blocks up to a size, in any number. */
function startClient(address: string, accepts: number) {
  const session = connect(address, {
    settings: { maxHeaderListSize: accepts },
    maxHeaderListPairs: 100_000,
    maxSendHeaderBlockLength: 2 ** 32 - 1,
  } as Parameters<typeof connect>[1]);
  onTestFinished(() => session.destroy());
  session.on("error", () => {});
  return async (metadata: Record<string, string> = {}): Promise<Answer> => {
    const stream = session.request({
      ":method": "POST",
      ":path": paths.unary,
      "content-type": "application/grpc",
      te: "trailers",
      ...metadata,
    });
    let headers: Headers = {};
    let trailers: Headers = {};
    stream.on("error", () => {}).on("response", (received) => (headers = received));
    stream.on("trailers", (received) => (trailers = received)).resume();
    stream.end(requestFrame());
    await new Promise((resolve) => stream.once("close", resolve));
    return { headers, trailers, code: stream.rstCode };
  };
}

async function start(handler: (context: ServerContext) => void, options: ServerOptions = {}, accepts = 64 * KIB) {
  const server = await startServer(
    handleAll((context) => {
      handler(context);
      return {};
    }),
    options,
  );
  return { ...server, call: startClient(server.address, accepts) };
}

const ok = (answer: Answer) => ({ ...answer.headers, ...answer.trailers })["grpc-status"] === "0";

describe("metadata of requests", () => {
  test.for([
    ["130 keys", pairs(130), {}],
    ["1,000 keys", pairs(1000), {}],
    ["a value of 60 KiB", long(60 * KIB), {}],
    ["100 KiB, with maxHeaderBytes", several(2), { maxHeaderBytes: 120 * KIB }],
    ["2,500 keys, with maxHeaderBytes", pairs(2500), { maxHeaderBytes: 120 * KIB }],
    ["130 keys, with an infinite maxHeaderBytes", pairs(130), { maxHeaderBytes: Number.POSITIVE_INFINITY }],
  ] as const)("%s arrives", async ([, metadata, options]) => {
    let received = new Metadata();
    const { call } = await start((context) => (received = context.metadata), options);
    expect(ok(await call(metadata))).toBe(true);
    for (const [key, value] of Object.entries(metadata)) expect(received.get(key)).toBe(value);
  });

  test.for([
    ["100 KiB", several(2), {}],
    ["1,500 keys", pairs(1500), {}],
    ["a value of 2 KiB, with maxHeaderBytes", long(2 * KIB), { maxHeaderBytes: KIB }],
    ["30 keys, with maxHeaderBytes", pairs(30), { maxHeaderBytes: KIB }],
  ] as const)("over the limit, %s is refused, and other calls are not affected", async ([, metadata, options]) => {
    const { call } = await start(() => {}, options);
    // Before the client has acknowledged the settings, and after that.
    for (const round of ["first", "later"]) {
      const [before, refused, after] = await Promise.all([call(), call(metadata), call()]);
      expect({ round, refused: isRefused(refused) }).toEqual({ round, refused: true });
      expect([before, after, await call()].every(ok)).toBe(true);
    }
  });
});

/** Whether a client sees RESOURCE_EXHAUSTED. */
function isRefused({ headers, code }: Answer): boolean {
  const message = /^The headers with the metadata have \d+ bytes, over the limit of \d+ \(maxHeaderBytes\)$/;
  return code === 11 || (headers["grpc-status"] === "8" && message.test(String(headers["grpc-message"])));
}

describe("initial metadata", () => {
  test.for([
    ["130 keys", pairs(130), 64 * KIB],
    ["1,000 keys", pairs(1000), 64 * KIB],
    ["a value of 70 KiB", long(70 * KIB), 100 * KIB],
    ["100 KiB", several(2), 120 * KIB],
  ] as const)("%s is sent to a client that accepts it", async ([, metadata, accepts]) => {
    const { call } = await start((context) => context.sendInitialMetadata(metadata), {}, accepts);
    const answer = await call();
    expect(answer.headers).toMatchObject(metadata);
    expect(answer.trailers).toEqual(expect.objectContaining({ "grpc-status": "0" }));
  });

  test.for([
    ["100 KiB", several(2), 64 * KIB],
    ["1,500 keys", pairs(1500), 64 * KIB],
    ["130 keys", pairs(130), 4 * KIB],
  ] as const)("%s is an error of the handler if the client does not accept it", async ([, metadata, accepts]) => {
    let thrown: unknown;
    let wanted = true;
    const { call, reports } = await start(
      (context) => {
        if (!wanted) return;
        try {
          context.sendInitialMetadata(metadata);
        } catch (error) {
          thrown = error;
          // The headers have not been sent, so others can be.
          context.sendInitialMetadata({ "x-instead": "1" });
        }
      },
      {},
      accepts,
    );
    expect((await call()).headers).toMatchObject({ "x-instead": "1" });
    expect(thrown).toBeInstanceOf(GRPCError);
    expect(thrown).toMatchObject({
      status: Status.RESOURCE_EXHAUSTED,
      message: `The headers with the metadata have ${sizeOf(metadata)} bytes, but the client accepts at most ${accepts} (SETTINGS_MAX_HEADER_LIST_SIZE)`,
    });
    wanted = false;
    expect(ok(await call())).toBe(true);
    expect(reports.take()).toEqual([]);
  });
});

describe("trailing metadata", () => {
  const withTrailers = (metadata: Record<string, string>) => (context: ServerContext) => {
    for (const [key, value] of Object.entries(metadata)) context.trailingMetadata.set(key, value);
  };

  test.for([
    ["130 keys", pairs(130), 64 * KIB],
    ["1,000 keys", pairs(1000), 64 * KIB],
    ["a value of 70 KiB", long(70 * KIB), 100 * KIB],
  ] as const)("%s is sent within the budget to a client that accepts it", async ([, metadata, accepts]) => {
    const { call } = await start(withTrailers(metadata), { trailerBudgetBytes: 1000 * KIB }, accepts);
    expect((await call()).trailers).toMatchObject({ ...metadata, "grpc-status": "0" });
  });

  test.for([
    ["100 KiB", several(2), 64 * KIB],
    ["1,500 keys", pairs(1500), 64 * KIB],
    ["130 keys", pairs(130), KIB],
  ] as const)("%s is dropped and reported if the client does not accept it", async ([, metadata, accepts]) => {
    const { call, reports } = await start(withTrailers(metadata), { trailerBudgetBytes: 1000 * KIB }, accepts);
    expect(Object.entries((await call()).trailers)).toEqual([["grpc-status", "0"]]);
    expect(reports.take().map(({ error }) => String(error))).toEqual([
      `Error: The trailers exceed the ${accepts} bytes that the client accepts (SETTINGS_MAX_HEADER_LIST_SIZE). Not sent: the trailing metadata`,
    ]);
  });
});

/** The size of response headers with metadata, as RFC 9113 counts it in section 6.5.2. */
function sizeOf(metadata: Record<string, string>): number {
  const headers = Object.entries({ ":status": "200", "content-type": "application/grpc", ...metadata });
  return headers.reduce((size, [name, value]) => size + name.length + value.length + 32, 0);
}
