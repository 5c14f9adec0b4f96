import type { IncomingHttpHeaders } from "node:http2";
import { describe, expect, test } from "vitest";
import { type Compression, ProtocolError, type ServerContext, Status, wasCompressed } from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { connect, rejection, startServer, type TestServerOptions } from "../harness.js";
import { compressFrame, framesOf } from "./compressed.js";
import { paths, RawClient, requestFrame } from "./raw-client.js";
import { grpc, respond, responseFrame, startPeer } from "./raw-server.js";

// What a caller and a handler can choose and see of compression, per call and per message.

const text = "again and ".repeat(100);
const flagsOf = (body: Buffer) => framesOf(body).map(({ flags }) => flags);

describe("a client", () => {
  async function startKeeper() {
    const requests: { readonly headers: IncomingHttpHeaders; readonly body: Buffer }[] = [];
    const { stub } = await startPeer((stream, headers) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.once("end", () => {
        requests.push({ headers, body: Buffer.concat(chunks) });
        respond(stream, { body: responseFrame(), trailers: { "grpc-status": "0" } });
      });
    });
    return { stub, requests };
  }

  test.for<[compression: Compression | undefined, flags: number[]]>([
    ["gzip", [1, 0, 1, 1, 0]],
    ["deflate", [1, 0, 1, 1, 0]],
    ["identity", [0, 0, 0, 0, 0]],
    [undefined, [0, 0, 0, 0, 0]],
  ])("can send single messages of a stream uncompressed: %s", async ([compression, flags]) => {
    const { stub, requests } = await startKeeper();
    await stub.clientStream.open(
      async (stream) => {
        for (const options of [undefined, { compress: false }, { compress: true }, {}, { compress: false }]) {
          await stream.sendMessage({ text }, options);
        }
        await stream.end();
        await stream.recvMessage();
      },
      { compression },
    );
    const [request] = requests;
    expect(request?.headers["grpc-encoding"]).toBe(compression === "identity" ? undefined : compression);
    expect(flagsOf(request?.body ?? Buffer.of())).toEqual(flags);
  });

  test.for([
    [true, 1],
    [false, 0],
  ] as const)("can send the only request uncompressed: %s", async ([compress, flag]) => {
    const { stub, requests } = await startKeeper();
    await stub.unary.open(
      async (stream) => {
        await stream.sendMessage({ text }, { compress });
        await stream.recvMessage();
      },
      { compression: "gzip" },
    );
    expect(flagsOf(requests[0]?.body ?? Buffer.of())).toEqual([flag]);
  });

  test.for(kinds)("%s: it sees which responses were compressed", async (kind) => {
    for (const compressed of [true, false]) {
      const frame = responseFrame({ text });
      const { stub } = await startPeer((stream) =>
        respond(stream, {
          headers: { ...grpc, "grpc-encoding": "gzip" },
          body: compressed ? compressFrame(frame, "gzip") : frame,
          trailers: { "grpc-status": "0" },
        }),
      );
      expect((await call(stub, kind)).map(wasCompressed)).toEqual([compressed]);
    }
  });

  test("sees which messages of a stream were compressed, small, large and empty ones", async () => {
    const frames = [{ text }, { text: "a".repeat(100_000) }, {}].map((content) => responseFrame(content));
    const { stub } = await startPeer((stream) =>
      respond(stream, {
        headers: { ...grpc, "grpc-encoding": "deflate" },
        body: Buffer.concat(frames.flatMap((frame) => [compressFrame(frame, "deflate"), frame])),
        trailers: { "grpc-status": "0" },
      }),
    );
    expect((await call(stub, "bidi")).map(wasCompressed)).toEqual([true, false, true, false, true, false]);
  });
});

describe("a handler", () => {
  async function answerTo(
    handle: (context: ServerContext) => void,
    { accepted = "gzip,deflate", kind = "unary", ...options }: Options = {},
  ) {
    const { address } = await startServer(
      handleAll((context) => {
        handle(context);
        return { text };
      }),
      options,
    );
    const { headers, body, trailers } = await new RawClient(address).request({
      headers: { ":path": paths[kind], "grpc-accept-encoding": accepted },
    });
    expect(trailers["grpc-status"]).toBe("0");
    return { encoding: headers["grpc-encoding"], flags: flagsOf(body) };
  }
  interface Options extends TestServerOptions {
    readonly accepted?: string;
    readonly kind?: (typeof kinds)[number];
  }

  const rows: readonly [of: Compression, set: Compression | undefined, accepted: string, result: Compression][] = [
    ["identity", undefined, "gzip,deflate", "identity"],
    ["identity", "gzip", "gzip,deflate", "gzip"],
    ["identity", "gzip", "deflate", "identity"],
    ["identity", "gzip", "", "identity"],
    ["gzip", undefined, "gzip,deflate", "gzip"],
    ["gzip", undefined, "deflate", "identity"],
    ["gzip", "identity", "gzip,deflate", "identity"],
    ["gzip", "deflate", "gzip,deflate", "deflate"],
    ["gzip", "deflate", "gzip", "identity"],
  ];
  test.for(kinds.flatMap((kind) => rows.map((row) => [kind, ...row] as const)))(
    "%s: of a server with %s that sets %s for a client that accepts %j: %s",
    async ([kind, compression, set, accepted, result]) => {
      const seen: Compression[] = [];
      const { encoding, flags } = await answerTo(
        (context) => {
          if (set !== undefined) context.compression = set;
          seen.push(context.compression);
        },
        { kind, compression, accepted },
      );
      expect(seen).toEqual([result]);
      expect(encoding).toBe(result === "identity" ? undefined : result);
      expect(flags).toEqual([result === "identity" ? 0 : 1]);
    },
  );

  test("can change its mind until the headers are sent", async () => {
    const { encoding, flags } = await answerTo((context) => {
      for (const compression of ["gzip", "identity", "deflate"] as const) context.compression = compression;
    });
    expect({ encoding, flags }).toEqual({ encoding: "deflate", flags: [1] });
  });

  test("can send single messages of a stream uncompressed", async () => {
    const seen: Compression[] = [];
    const { address } = await startServer(
      {
        async *serverStream(_request, context) {
          context.compression = "gzip";
          context.sendInitialMetadata({});
          for (const compression of ["identity", "gzip", "identity", "identity", "gzip"] as const) {
            context.compression = compression;
            seen.push(context.compression);
            yield { text };
          }
        },
      },
      { compression: "deflate" },
    );
    const { headers, body } = await new RawClient(address).request({
      headers: { ":path": paths.serverStream, "grpc-accept-encoding": "gzip,deflate" },
    });
    expect(headers["grpc-encoding"]).toBe("gzip");
    expect(flagsOf(body)).toEqual([0, 1, 0, 0, 1]);
    expect(seen).toEqual(["identity", "gzip", "identity", "identity", "gzip"]);
  });

  test.for<[declared: Compression, set: Compression]>([
    ["identity", "gzip"],
    ["gzip", "deflate"],
  ])("cannot choose another compression after the headers: %s, %s", async ([declared, set]) => {
    const { encoding, flags } = await answerTo((context) => {
      context.compression = declared;
      context.sendInitialMetadata({});
      expect(() => {
        context.compression = set;
      }).toThrow(
        new ProtocolError(
          `The response headers have been sent without ${set}. Set context.compression before the first message.`,
        ),
      );
      expect(context.compression).toBe(declared);
    });
    expect({ encoding, flags }).toEqual(
      declared === "gzip" ? { encoding: "gzip", flags: [1] } : { encoding: undefined, flags: [0] },
    );
  });

  test.for<[declared: Compression, accepted: string]>([
    ["identity", "deflate"],
    ["deflate", "deflate"],
    ["identity", ""],
  ])(
    "sends uncompressed what the client does not accept, also after the headers: %s, %j",
    async ([declared, accepted]) => {
      const { encoding, flags } = await answerTo(
        (context) => {
          context.compression = declared;
          context.sendInitialMetadata({});
          context.compression = "gzip";
          expect(context.compression).toBe("identity");
        },
        { accepted },
      );
      expect({ encoding, flags }).toEqual({ encoding: declared === "deflate" ? declared : undefined, flags: [0] });
    },
  );

  test("gets a TypeError for a compression that does not exist", async () => {
    const { encoding } = await answerTo((context) => {
      for (const none of ["br", null]) {
        expect(() => Object.assign(context, { compression: none })).toThrow(
          new TypeError(`No such compression: ${none}. Use one of identity, gzip, deflate.`),
        );
      }
    });
    expect(encoding).toBeUndefined();
  });

  test("may set it when the call is over", async () => {
    const { address, reports } = await startServer(
      handleAll(async (context) => {
        await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
        context.compression = "gzip";
        throw context.signal.reason;
      }),
    );
    expect(await rejection(connect(address).unary({}, { timeout: 50 }))).toMatchObject({
      status: Status.DEADLINE_EXCEEDED,
    });
    expect(reports.take()).toEqual([]);
  });

  test.for(kinds)("%s: it sees which requests were compressed", async (kind) => {
    const seen: boolean[] = [];
    const { address } = await startServer(
      handleAll((_context, requests) => {
        seen.push(...requests.map(wasCompressed));
        return {};
      }),
    );
    const client = new RawClient(address);
    const content = requestFrame({ text });
    const headers = { ":path": paths[kind], "grpc-encoding": "gzip" };
    for (const body of [[compressFrame(content, "gzip")], [content]]) await client.request({ headers, body });
    expect(seen).toEqual([true, false]);
  });
});
