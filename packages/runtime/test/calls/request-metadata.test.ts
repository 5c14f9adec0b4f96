import { describe, expect, test } from "vitest";
import { Metadata, type MetadataInit } from "../../src/index.js";
import { rejection, startPair } from "../harness.js";
import { call, handleAll, kinds } from "./kinds.js";
import { everySort, everySortReceived } from "./metadata-cases.js";

describe("request metadata", () => {
  test.for(kinds)("%s: text, bytes and repeated keys arrive in order", async (kind) => {
    let received: Metadata | undefined;
    const { stub } = await startPair(
      handleAll(({ metadata }) => {
        received = metadata;
        return {};
      }),
    );

    await call(stub, kind, { metadata: everySort });

    expect([...(received ?? [])].filter(([key]) => key !== "user-agent")).toEqual(everySortReceived);
    expect(received?.getAll("repeated")).toEqual(["first", "second", "first"]);
    expect(received?.get("data-bin")?.constructor).toBe(Uint8Array);
  });

  const inits: Record<string, MetadataInit> = {
    "a record": { a: "1", b: ["2", "3"], "c-bin": Uint8Array.of(4) },
    "a Metadata": new Metadata({ a: "1", b: ["2", "3"], "c-bin": Uint8Array.of(4) }),
    "a map": new Map<string, string | Uint8Array>([
      ["a", "1"],
      ["c-bin", Uint8Array.of(4)],
    ]),
  };
  test.for(Object.entries(inits))("it can be given as %s", async ([, metadata]) => {
    let received: Metadata | undefined;
    const { stub } = await startPair(
      handleAll((context) => {
        received = context.metadata;
        return {};
      }),
    );

    await stub.unary({}, { metadata });

    expect(received?.get("a")).toBe("1");
    expect(received?.get("c-bin")).toEqual(Uint8Array.of(4));
    expect(received?.getAll("b")).toEqual([...new Metadata(metadata).getAll("b")]);
  });

  test("the channel's metadata precedes that of the call", async () => {
    let received: Metadata | undefined;
    const { stub } = await startPair(
      handleAll(({ metadata }) => {
        received = metadata;
        return {};
      }),
      { channel: { metadata: { key: "channel", other: "1" } } },
    );

    await stub.unary({}, { metadata: { key: "call" } });
    expect(received?.getAll("key")).toEqual(["channel", "call"]);
    expect(received?.getAll("other")).toEqual(["1"]);

    await stub.unary({});
    expect(received?.getAll("key")).toEqual(["channel"]);
  });

  test("it includes the user agent, but no other header of the protocol", async () => {
    let keys: string[] = [];
    let userAgent: string | undefined;
    const { stub } = await startPair(
      handleAll(({ metadata }) => {
        keys = [...metadata].map(([key]) => key);
        userAgent = metadata.get("user-agent");
        return {};
      }),
    );

    await stub.unary({}, { timeout: 10_000, metadata: { key: "value" } });

    expect(keys.toSorted()).toEqual(["key", "user-agent"]);
    expect(userAgent).toMatch(/^grpclib-ts/);
  });

  test("names that every object inherits can be keys", async () => {
    let received: Metadata | undefined;
    const { stub } = await startPair(
      handleAll(({ metadata }) => {
        received = metadata;
        return {};
      }),
    );

    await stub.unary(
      {},
      {
        metadata: [
          ["constructor", "1"],
          ["__proto__", "2"],
          ["valueof", "3"],
        ],
      },
    );

    expect(received?.getAll("constructor")).toEqual(["1"]);
    expect(received?.getAll("__proto__")).toEqual(["2"]);
    expect(received?.getAll("valueof")).toEqual(["3"]);
  });

  test.for(kinds)("%s: an invalid key rejects the call before anything is sent", async (kind) => {
    let calls = 0;
    const { stub } = await startPair(
      handleAll(() => {
        calls += 1;
        return {};
      }),
    );

    const error = await rejection(call(stub, kind, { metadata: { "grpc-status": "0" } }));

    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain("grpc-status");
    await call(stub, kind);
    expect(calls).toBe(1);
  });
});
