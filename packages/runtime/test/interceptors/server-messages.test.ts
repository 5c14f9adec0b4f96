import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { GRPCError, type ServerInterceptor, Status } from "../../src/index.js";
import { call, handleAll, kinds } from "../calls/kinds.js";
import { type TestRequest, TestRequestSchema, type TestResponse, TestResponseSchema } from "../gen/test/v1/test_pb.js";
import { collect, rejection } from "../harness.js";
import { withServer } from "./pairs.js";

const echo = handleAll((_context, requests) => ({ text: requests.map(({ text }) => text).join() }));

/** Appends a name to each message. */
const append =
  (name: string): ServerInterceptor =>
  async (call, next) => {
    call.onRequest((message) => create(TestRequestSchema, { text: `${(message as TestRequest).text}${name}` }));
    call.onResponse((message) => create(TestResponseSchema, { text: `${(message as TestResponse).text}${name}` }));
    await next();
  };

const sides = ["onRequest", "onResponse"] as const;
const cases = kinds.flatMap((kind) => sides.map((side) => [kind, side] as const));

describe("onRequest() and onResponse() of a server", () => {
  test.for(kinds)("%s: replace messages, requests from the outside in, responses from the inside out", async (kind) => {
    const { stub } = await withServer(echo, append("1"), append("2"));
    expect(await call(stub, kind, {}, { text: "a" })).toMatchObject([{ text: "a1221" }]);
  });

  test("replace each message of a stream", async () => {
    const { stub } = await withServer(
      {
        async *bidi(requests) {
          for await (const { text } of requests) yield { text };
        },
      },
      append("1"),
      append("2"),
    );
    const responses = await collect(stub.bidi(["a", "b", "c"].map((text) => ({ text }))));
    expect(responses.map(({ text }) => text)).toEqual(["a1221", "b1221", "c1221"]);
  });

  test.for(kinds)("%s: see messages", async (kind) => {
    const seen: unknown[] = [];
    const { stub } = await withServer(echo, async (call, next) => {
      call.onRequest((request) => {
        seen.push((request as TestRequest).text);
      });
      call.onResponse((response) => {
        seen.push(response.$typeName);
      });
      await next();
    });
    expect(await call(stub, kind, {}, { text: "a" })).toMatchObject([{ text: "a" }]);
    expect(seen).toEqual(["a", "test.v1.TestResponse"]);
  });

  test.for(cases)("%s: a GRPCError of %s() reaches the client", async ([kind, side]) => {
    const { stub } = await withServer(echo, async (call, next) => {
      call[side](() => {
        throw new GRPCError(Status.INVALID_ARGUMENT, "not this one");
      });
      await next();
    });
    const error = await rejection(call(stub, kind));
    expect(error).toMatchObject({ status: Status.INVALID_ARGUMENT, statusMessage: "not this one", origin: "peer" });
  });

  test.for(cases)(
    "%s: another error of %s() is reported, rejects next(), and the client gets UNKNOWN",
    async ([kind, side]) => {
      const mistake = new Error("secret");
      const seen: unknown[] = [];
      const { stub, reports } = await withServer(echo, async (call, next) => {
        call[side](() => {
          throw mistake;
        });
        seen.push(await rejection(next()));
        throw seen[0];
      });
      expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.UNKNOWN, origin: "peer" });
      while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(seen).toEqual([mistake]);
      expect(reports.take().map(({ error }) => error)).toEqual([mistake]);
    },
  );

  test.for(cases)("%s: %s() must return a message", async ([kind, side]) => {
    const { stub, reports } = await withServer(echo, async (call, next) => {
      call[side]((async () => undefined) as never);
      await next();
    });
    expect(await rejection(call(stub, kind))).toMatchObject({ status: Status.UNKNOWN });
    const [report, ...more] = reports.take();
    expect(more).toEqual([]);
    expect((report as { error: Error }).error.message).toMatch(
      new RegExp(
        `^The function of ${side}\\(\\) has to return a test\\.v1\\.Test\\w+, or undefined to keep the message\\.`,
      ),
    );
  });

  test.for(sides)("%s() takes a function, before next()", async (side) => {
    const seen: Error[] = [];
    const { stub } = await withServer(echo, async (call, next) => {
      const onLog = async () => call[side]("log" as never);
      for (const step of [onLog, next, async () => call[side](() => undefined)]) {
        try {
          await step();
        } catch (error) {
          seen.push(error as Error);
        }
      }
    });
    await stub.unary({});
    expect(seen.map(({ name, message }) => `${name}: ${message}`)).toEqual([
      `TypeError: ${side}() takes a function, got log`,
      `ProtocolError: next() has been called. Call ${side}() before it.`,
    ]);
  });
});
