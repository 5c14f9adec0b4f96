import { create } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { compressionAlgorithms, status as grpcStatus, Metadata } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { BadRequestSchema, QuotaFailureSchema } from "../../src/error-details.js";
import { detail, GRPCError, type ServerContext, Status } from "../../src/index.js";
import { handleAll, kinds } from "../calls/kinds.js";
import { OwnDetailSchema } from "../gen/test/v1/test_pb.js";
import { moment, startServer } from "../harness.js";
import { callWith, richStatus, startClient } from "./grpc-js.js";

describe("a client of grpc-js", () => {
  test("it makes calls of all kinds", async () => {
    const { address } = await startServer({
      unary: ({ text, data }) => ({ text: `${text}!`, data }),
      async *serverStream({ number: count }) {
        for (let number = 0; number < count; number++) yield { number };
      },
      async clientStream(requests) {
        let sum = 0;
        for await (const { number } of requests) sum += number;
        return { number: sum };
      },
      async *bidi(requests) {
        for await (const { text } of requests) yield { text: `${text}!` };
      },
    });
    const client = startClient(address);
    const data = new Uint8Array(300_000).fill(7);
    const three = [
      { text: "a", number: 1 },
      { text: "b", number: 2 },
      { text: "c", number: 3 },
    ];

    const outcomes = [
      await callWith(client, "unary", { requests: [{ text: "a", data }] }),
      await callWith(client, "serverStream", { requests: [{ number: 100 }] }),
      await callWith(client, "clientStream", { requests: three }),
      await callWith(client, "bidi", { requests: three }),
    ];

    expect(outcomes.map(({ status }) => status.code)).toEqual([0, 0, 0, 0]);
    const [unary, serverStream, clientStream, bidi] = outcomes.map(({ responses }) => responses);
    expect(unary?.map(({ text }) => text)).toEqual(["a!"]);
    expect(Buffer.compare(unary?.[0]?.data ?? Buffer.of(), data)).toBe(0);
    expect(serverStream?.map(({ number }) => number)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(clientStream?.map(({ number }) => number)).toEqual([6]);
    expect(bidi?.map(({ text }) => text)).toEqual(["a!", "b!", "c!"]);
  });

  describe.for(["identity", "gzip", "deflate"] as const)("that compresses with %s", (theirs) => {
    const options = { "grpc.default_compression_algorithm": compressionAlgorithms[theirs] };

    test.for(["identity", "gzip", "deflate"] as const)(
      "it is compatible with a server that compresses with %s",
      async (ours) => {
        const { address } = await startServer(
          handleAll((_context, requests) => ({
            text: requests.map(({ text }) => text).join(),
            data: requests[0]?.data ?? Uint8Array.of(),
          })),
          { compression: ours },
        );
        const client = startClient(address, options);
        const data = Uint8Array.from({ length: 300_000 }, (_, i) => i % 1000);
        for (const kind of kinds) {
          const { responses, status } = await callWith(client, kind, { requests: [{ text: "a", data }] });
          expect(status).toMatchObject({ code: grpcStatus.OK });
          expect(responses.map(({ text }) => text)).toEqual(["a"]);
          expect(Buffer.compare(responses[0]?.data ?? Buffer.of(), data)).toBe(0);
        }
        const bidi = await callWith(client, "bidi", { requests: [{ text: "a" }, {}, { text: "b" }] });
        expect(bidi.responses.map(({ text }) => text)).toEqual(["a,,b"]);
      },
    );

    test.for(kinds)("%s: a message over the limit is refused", async (kind) => {
      const limit = 10_000;
      const { address } = await startServer(
        handleAll(() => ({})),
        { maxReceiveMessageBytes: limit },
      );
      const client = startClient(address, options);
      // The tag and the length of the field take three bytes.
      const [fits, tooMuch] = [{ data: new Uint8Array(limit - 3) }, { data: new Uint8Array(limit - 2) }];
      expect((await callWith(client, kind, { requests: [fits] })).status.code).toBe(grpcStatus.OK);
      const { status } = await callWith(client, kind, { requests: [tooMuch] });
      expect(status.code).toBe(grpcStatus.RESOURCE_EXHAUSTED);
    });

    test.for(kinds)("%s: rich errors arrive", async (kind) => {
      const { address } = await startServer(
        handleAll(() => {
          throw new GRPCError(Status.ABORTED, "no", [detail(OwnDetailSchema, { text: "own" })]);
        }),
        { compression: "gzip" },
      );
      const { status } = await callWith(startClient(address, options), kind);
      expect(status).toMatchObject({ code: grpcStatus.ABORTED, details: "no" });
      expect(richStatus(status.metadata)?.details).toHaveLength(1);
    });
  });

  test.for(kinds)("%s: metadata goes both ways, with bytes and repeated keys", async (kind) => {
    let received: ServerContext["metadata"] | undefined;
    const { address } = await startServer(
      handleAll((context) => {
        received = context.metadata;
        context.sendInitialMetadata({ initial: ["1", "2"], "initial-bin": [Uint8Array.of(1), Uint8Array.of(2, 3)] });
        context.trailingMetadata.append("trailing", "a").append("trailing", "b");
        context.trailingMetadata.append("trailing-bin", Uint8Array.of(255));
        return {};
      }),
    );
    const metadata = new Metadata();
    metadata.add("text", "first");
    metadata.add("text", "second");
    metadata.add("data-bin", Buffer.of(1));
    metadata.add("data-bin", Buffer.of(2, 255));

    const { headers, status } = await callWith(startClient(address), kind, { metadata });

    // grpc-js sends repeated keys as several headers, for text and for bytes.
    expect(received?.getAll("text")).toEqual(["first", "second"]);
    expect(received?.getAll("data-bin")).toEqual([Uint8Array.of(1), Uint8Array.of(2, 255)]);
    expect(received?.get("user-agent")).toMatch(/^grpc-node-js/);
    expect(headers.get("initial").join()).toMatch(/^1, ?2$/);
    expect(headers.get("initial-bin")).toEqual([Buffer.of(1), Buffer.of(2, 3)]);
    expect(status.metadata.get("trailing").join()).toMatch(/^a, ?b$/);
    expect(status.metadata.get("trailing-bin")).toEqual([Buffer.of(255)]);
  });

  test.for(kinds)("%s: rich errors arrive with status, message and details", async (kind) => {
    const quota = create(QuotaFailureSchema, { violations: [{ subject: "you", description: "naïve" }] });
    const own = create(OwnDetailSchema, { text: "own" });
    const bad = create(BadRequestSchema, { fieldViolations: [{ field: "name" }] });
    const { address } = await startServer(
      handleAll(() => {
        throw new GRPCError(Status.RESOURCE_EXHAUSTED, "100% naïve ☃ ", [quota, own, detail(BadRequestSchema, bad)]);
      }),
    );

    const { status, responses } = await callWith(startClient(address), kind);

    expect(responses).toEqual([]);
    expect(status).toMatchObject({ code: grpcStatus.RESOURCE_EXHAUSTED, details: "100% naïve ☃ " });
    const rich = richStatus(status.metadata);
    expect(rich).toMatchObject({ code: grpcStatus.RESOURCE_EXHAUSTED, message: "100% naïve ☃ " });
    expect(rich?.details.map(({ typeUrl }) => typeUrl)).toEqual([
      "type.googleapis.com/google.rpc.QuotaFailure",
      "type.googleapis.com/test.v1.OwnDetail",
      "type.googleapis.com/google.rpc.BadRequest",
    ]);
    const [first, second, third] = rich?.details ?? [];
    expect(first && anyUnpack(first, QuotaFailureSchema)).toEqual(quota);
    expect(second && anyUnpack(second, OwnDetailSchema)).toEqual(own);
    expect(third && anyUnpack(third, BadRequestSchema)).toEqual(bad);
  });

  test("no details and an empty list of details are distinguished", async () => {
    const { address } = await startServer({
      unary: ({ text }) => {
        throw new GRPCError(Status.ABORTED, "no", text === "empty" ? [] : undefined);
      },
    });
    const client = startClient(address);
    const none = await callWith(client, "unary");
    const empty = await callWith(client, "unary", { requests: [{ text: "empty" }] });
    expect(richStatus(none.status.metadata)).toBeUndefined();
    expect(richStatus(empty.status.metadata)).toMatchObject({ code: grpcStatus.ABORTED, message: "no", details: [] });
  });

  test("every status arrives", async () => {
    const { address } = await startServer({
      unary: ({ number }) => {
        throw new GRPCError(number, Status[number]);
      },
    });
    const client = startClient(address);
    const codes = Array.from({ length: 16 }, (_, i) => i + 1);
    const outcomes = await Promise.all(codes.map((number) => callWith(client, "unary", { requests: [{ number }] })));
    expect(outcomes.map(({ status }) => status.code)).toEqual(codes);
    expect(outcomes.map(({ status }) => status.details)).toEqual(codes.map((code) => grpcStatus[code]));
  });

  test.for(kinds)("%s: its deadline applies to the handler", async (kind) => {
    const remaining = moment<number | undefined>();
    const aborted = moment<unknown>();
    const { address } = await startServer(
      handleAll(async ({ deadline, signal }) => {
        remaining.happens(deadline?.remaining());
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        aborted.happens(signal.reason);
        throw signal.reason;
      }),
    );

    const { status } = await callWith(startClient(address), kind, { deadline: new Date(Date.now() + 100) });

    expect(status.code).toBe(grpcStatus.DEADLINE_EXCEEDED);
    expect(await remaining.promise).toBeGreaterThan(0);
    expect(await remaining.promise).toBeLessThanOrEqual(100);
    expect(["GRPCError", "StreamTerminatedError"]).toContain(((await aborted.promise) as Error).name);
  });

  test.for(kinds)("%s: its cancellation aborts the handler's signal", async (kind) => {
    const aborted = moment<unknown>();
    const running = moment();
    const { address } = await startServer(
      handleAll(async ({ signal }) => {
        running.happens();
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        aborted.happens(signal.reason);
        throw signal.reason;
      }),
    );
    const onStart = (call: { cancel(): void }) => void running.promise.then(() => call.cancel());

    const { status } = await callWith(startClient(address), kind, { onStart });

    expect(status.code).toBe(grpcStatus.CANCELLED);
    expect(await aborted.promise).toMatchObject({ name: "StreamTerminatedError", code: 8 });
  });

  test.for(kinds)("%s: an unknown method is UNIMPLEMENTED", async (kind) => {
    const { address } = await startServer({});
    const { status } = await callWith(startClient(address), kind, { path: "/test.v1.TestService/Nothing" });
    expect(status.code).toBe(grpcStatus.UNIMPLEMENTED);
    expect(status.details).toContain("/test.v1.TestService/Nothing");
  });
});
