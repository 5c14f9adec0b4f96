import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import { describe, expect, test } from "vitest";
import { type Compression, GRPCError, Status } from "../../src/index.js";
import type { ChannelOptions } from "../../src/node.js";
import { call, handleAll, type Kind, kinds } from "../calls/kinds.js";
import { connect, rejection, startServer, type TestServerOptions } from "../harness.js";
import { compressFrame, decompressFrames, framesOf, type Zipped, zipped } from "./compressed.js";
import { frame, paths, RawClient, requestFrame } from "./raw-client.js";
import { grpc, respond, responseFrame, startPeer } from "./raw-server.js";

const every = kinds.flatMap((kind) => zipped.map((compression) => [kind, compression] as const));
const other = (compression: Zipped): Zipped => (compression === "gzip" ? "deflate" : "gzip");

/** Long enough to be shorter when compressed. */
const text = "again and ".repeat(100);

describe("a client", () => {
  /** A server that records the headers and the body of a request, and answers it. */
  async function startKeeper(options: ChannelOptions) {
    const requests: { readonly headers: IncomingHttpHeaders; readonly body: Buffer }[] = [];
    const { address } = await startPeer((stream, headers) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.once("end", () => {
        requests.push({ headers, body: Buffer.concat(chunks) });
        respond(stream, { body: responseFrame(), trailers: { "grpc-status": "0" } });
      });
    });
    return { stub: connect(address, options), requests };
  }

  /** Expects that a request is compressed in this way, according to its headers and in its frames. */
  function expectRequest(
    request: { readonly headers: IncomingHttpHeaders; readonly body: Buffer } | undefined,
    compression: Compression,
  ): void {
    const { headers, body } = request ?? { headers: {}, body: Buffer.of() };
    const plain = compression === "identity";
    expect(headers["grpc-encoding"]).toBe(plain ? undefined : compression);
    expect(headers["grpc-accept-encoding"]).toBe("identity,gzip,deflate");
    expect(plain ? body : decompressFrames(body, compression)).toEqual(Buffer.from(requestFrame({ text })));
    expect(body.length < 200).toBe(!plain);
  }

  test.for(kinds)("%s: it accepts all supported compressions, and compresses nothing by default", async (kind) => {
    const { stub, requests } = await startKeeper({});
    await call(stub, kind, {}, { text });
    expectRequest(requests[0], "identity");
  });

  test.for(every)("%s: it compresses requests with the compression of the channel: %s", async ([kind, compression]) => {
    const { stub, requests } = await startKeeper({ compression });
    await call(stub, kind, {}, { text });
    expectRequest(requests[0], compression);
  });

  test.for(every)("%s: it compresses requests with the compression of the call: %s", async ([kind, compression]) => {
    const { stub, requests } = await startKeeper({ compression: "identity" });
    await call(stub, kind, { compression }, { text });
    await call(stub, kind, {}, { text });
    expectRequest(requests[0], compression);
    expectRequest(requests[1], "identity");
  });

  test.for(every)("%s: a call can use no compression, or another one than %s", async ([kind, compression]) => {
    const { stub, requests } = await startKeeper({ compression });
    await call(stub, kind, { compression: "identity" }, { text });
    await call(stub, kind, { compression: other(compression) }, { text });
    await call(stub, kind, { compression: undefined }, { text });
    expectRequest(requests[0], "identity");
    expectRequest(requests[1], other(compression));
    expectRequest(requests[2], compression);
  });

  test.for(zipped)("it compresses each message of an open stream separately: %s", async (compression) => {
    const { stub, requests } = await startKeeper({});
    await stub.bidi.open(
      async (stream) => {
        for (const each of [text, "", text]) await stream.sendMessage({ text: each });
        await stream.end();
        await stream.recvMessage();
      },
      { compression },
    );
    const sent = [requestFrame({ text }), frame(), requestFrame({ text })];
    const { body, headers } = requests[0] ?? { body: Buffer.of(), headers: {} };
    expect(headers["grpc-encoding"]).toBe(compression);
    expect(decompressFrames(body, compression)).toEqual(Buffer.concat(sent));
  });

  /** Starts a server that answers with these headers and frames, and expects a successful call. */
  async function startAnswering(headers: OutgoingHttpHeaders, body: readonly Uint8Array[], options?: ChannelOptions) {
    const { address } = await startPeer((stream) =>
      respond(stream, {
        headers: { ...grpc, ...headers },
        body: Buffer.concat(body),
        trailers: { "grpc-status": "0" },
      }),
    );
    return connect(address, options);
  }

  test.for(every)(
    "%s: it reads compressed responses, whatever its own compression is: %s",
    async ([kind, compression]) => {
      const body = [compressFrame(responseFrame({ text }), compression)];
      const stub = await startAnswering({ "grpc-encoding": compression }, body);
      for (const sent of ["identity", other(compression)] as const) {
        expect(await call(stub, kind, { compression: sent })).toMatchObject([{ text }]);
      }
    },
  );

  test.for(every)("%s: with grpc-encoding, a message may still be uncompressed: %s", async ([kind, compression]) => {
    const stub = await startAnswering({ "grpc-encoding": compression }, [responseFrame({ text })]);
    expect(await call(stub, kind)).toMatchObject([{ text }]);
  });

  test.for(zipped)("it reads uncompressed messages among compressed ones, in order: %s", async (compression) => {
    const frames = Array.from({ length: 20 }, (_, number) => responseFrame({ text, number }));
    const body = frames.map((each, i) => (i % 3 === 0 ? each : compressFrame(each, compression)));
    const stub = await startAnswering({ "grpc-encoding": compression }, body);
    const responses = await call(stub, "bidi");
    expect(responses.map(({ number }) => number)).toEqual(frames.map((_, i) => i));
  });

  const failures: [title: string, frame: (compression: Zipped) => Uint8Array, status: Status, message: RegExp][] = [
    [
      "over the limit",
      (compression) => compressFrame(responseFrame({ data: new Uint8Array(1001 - 3) }), compression),
      Status.RESOURCE_EXHAUSTED,
      /decompressed.*1000/,
    ],
    ["corrupt", () => frame(Uint8Array.of(1, 2, 3), 1), Status.INTERNAL, /^Cannot decompress a message$/],
    [
      "compressed with another compression",
      (compression) => compressFrame(responseFrame({ text }), other(compression)),
      Status.INTERNAL,
      /^Cannot decompress a message$/,
    ],
  ];
  test.for(failures.flatMap((row) => zipped.map((compression) => [compression, ...row] as const)))(
    "a message in %s that is %s fails the call, after earlier messages are delivered",
    async ([compression, , badFrame, status, message]) => {
      const good = compressFrame(responseFrame({ text: "good" }), compression);
      const headers = { "grpc-encoding": compression };
      const stub = await startAnswering(headers, [good, badFrame(compression), good], { maxReceiveMessageBytes: 1000 });
      const texts: string[] = [];
      const error = await rejection(
        (async () => {
          for await (const response of stub.serverStream({})) texts.push(response.text);
        })(),
      );
      expect(texts).toEqual(["good"]);
      expect(error).toMatchObject({ name: "GRPCError", status, origin: "client" });
      expect((error as GRPCError).message).toMatch(message);
    },
  );
});

describe("a server", () => {
  async function startReporting(options: TestServerOptions) {
    const { address, reports } = await startServer(
      handleAll((context, [request]) => {
        if (request?.text === "fail") throw new GRPCError(Status.NOT_FOUND, "no");
        if (request?.text === "early") context.sendInitialMetadata({ early: "yes" });
        return { text, number: request?.number ?? 0 };
      }),
      options,
    );
    return { client: new RawClient(address), reports };
  }

  async function startAnswering(options: TestServerOptions): Promise<RawClient> {
    return (await startReporting(options)).client;
  }

  const request = (kind: Kind, accepted: string | undefined, content: object = {}) => ({
    headers: { ":path": paths[kind], "grpc-accept-encoding": accepted },
    body: [requestFrame(content)],
  });

  test.for(every)("%s: it compresses responses: %s", async ([kind, compression]) => {
    const client = await startAnswering({ compression });
    for (const accepted of [compression, `identity, ${compression}`, "identity,gzip,deflate"]) {
      const { headers, body, trailers } = await client.request(request(kind, accepted));
      expect(headers["grpc-encoding"]).toBe(compression);
      expect(decompressFrames(body, compression)).toEqual(Buffer.from(responseFrame({ text })));
      expect(body.length).toBeLessThan(200);
      expect(trailers).toMatchObject({ "grpc-status": "0" });
    }
  });

  test.for(every)(
    "%s: it does not compress responses for a client that does not accept it: %s",
    async ([kind, compression]) => {
      const client = await startAnswering({ compression });
      for (const accepted of [undefined, "identity", other(compression), ""]) {
        const { headers, body, trailers } = await client.request(request(kind, accepted));
        expect(headers).not.toHaveProperty("grpc-encoding");
        expect(body).toEqual(Buffer.from(responseFrame({ text })));
        expect(trailers).toMatchObject({ "grpc-status": "0" });
      }
    },
  );

  test.for(kinds)("%s: it compresses nothing by default", async (kind) => {
    const client = await startAnswering({});
    const { headers, body } = await client.request(request(kind, "identity,gzip,deflate"));
    expect(headers).not.toHaveProperty("grpc-encoding");
    expect(body).toEqual(Buffer.from(responseFrame({ text })));
  });

  test.for(every)("%s: headers sent before the first message name the encoding: %s", async ([kind, compression]) => {
    const client = await startAnswering({ compression });
    const { headers, body } = await client.request(request(kind, compression, { text: "early" }));
    expect(headers).toMatchObject({ "grpc-encoding": compression, early: "yes" });
    expect(decompressFrames(body, compression)).toEqual(Buffer.from(responseFrame({ text })));
  });

  test.for(every)("%s: an error without messages names no encoding: %s", async ([kind, compression]) => {
    const client = await startAnswering({ compression });
    const { headers, body, trailers } = await client.request(request(kind, compression, { text: "fail" }));
    expect(trailers).toBe(headers);
    expect(trailers).toMatchObject({ "grpc-status": String(Status.NOT_FOUND), "grpc-message": "no" });
    expect(headers).not.toHaveProperty("grpc-encoding");
    expect(body).toHaveLength(0);
  });

  test.for(every)("%s: it reads compressed and uncompressed requests: %s", async ([kind, compression]) => {
    const client = await startAnswering({});
    const content = requestFrame({ text, number: 7 });
    for (const framed of [compressFrame(content, compression), content]) {
      const headers = { ":path": paths[kind], "grpc-encoding": compression };
      const { body, trailers } = await client.request({ headers, body: [framed] });
      expect(trailers).toMatchObject({ "grpc-status": "0" });
      expect(framesOf(body)).toMatchObject([{ flags: 0 }]);
      expect(body).toEqual(Buffer.from(responseFrame({ text, number: 7 })));
    }
  });

  /** The error of the decoder is reported to the operator. The client gets the status only. */
  const decoder = { error: { message: "Cannot decompress a message", cause: expect.any(Error) } };
  const failures: [
    title: string,
    frame: (compression: Zipped) => Uint8Array,
    status: Status,
    message: RegExp,
    reports: unknown[],
  ][] = [
    [
      "over the limit",
      (compression) => compressFrame(requestFrame({ data: new Uint8Array(1001 - 3) }), compression),
      Status.RESOURCE_EXHAUSTED,
      /decompressed.*1000/,
      [],
    ],
    ["corrupt", () => frame(Uint8Array.of(1, 2, 3), 1), Status.INTERNAL, /^Cannot decompress a message$/, [decoder]],
    [
      "compressed with another compression",
      (compression) => compressFrame(requestFrame({ text }), other(compression)),
      Status.INTERNAL,
      /^Cannot decompress a message$/,
      [decoder],
    ],
    [
      "over the limit even before decompression",
      () => Uint8Array.of(1, 0, 0, 8, 0),
      Status.RESOURCE_EXHAUSTED,
      /2048.*1000/,
      [],
    ],
  ];
  test.for(failures.flatMap((row) => every.map((each) => [...each, ...row] as const)))(
    "%s: a message in %s that is %s is refused",
    async ([kind, compression, , badFrame, status, message, expectedReports]) => {
      const { client, reports } = await startReporting({ maxReceiveMessageBytes: 1000 });
      const { trailers } = await client.request({
        headers: { ":path": paths[kind], "grpc-encoding": compression },
        body: [badFrame(compression)],
      });
      expect(trailers["grpc-status"]).toBe(String(status));
      expect(trailers["grpc-message"]).toMatch(message);
      expect(reports.take()).toMatchObject(expectedReports);
    },
  );

  test.for(kinds)("%s: it refuses an unknown encoding, and lists the supported ones", async (kind) => {
    const client = await startAnswering({ compression: "gzip" });
    const { headers, trailers } = await client.request({ headers: { ":path": paths[kind], "grpc-encoding": "br" } });
    expect(trailers).toBe(headers);
    expect(headers).toMatchObject({
      "grpc-status": String(Status.UNIMPLEMENTED),
      "grpc-message": "Unknown grpc-encoding: br",
      "grpc-accept-encoding": "identity,gzip,deflate",
    });
  });
});
