import { describe, expect, test } from "vitest";
import { GRPCError, Metadata, ProtocolError, Status } from "../../src/index.js";
import { connect, rejection, startPair, startServer } from "../harness.js";
import { call, handleAll, kinds } from "./kinds.js";
import { everySort, everySortReceived } from "./metadata-cases.js";

describe("response metadata", () => {
  test.for(kinds)("%s: initial and trailing metadata arrive in order", async (kind) => {
    const { stub } = await startPair(
      handleAll((context) => {
        context.sendInitialMetadata(everySort);
        for (const [key, value] of everySort) context.trailingMetadata.append(key, value as never);
        return {};
      }),
    );
    const headers: Metadata[] = [];
    const trailers: Metadata[] = [];

    await call(stub, kind, {
      onHeaders: (metadata) => headers.push(metadata),
      onTrailers: (metadata) => trailers.push(metadata),
    });

    expect(headers.map((metadata) => [...metadata])).toEqual([everySortReceived]);
    expect(trailers.map((metadata) => [...metadata])).toEqual([everySortReceived]);
  });

  test.for(kinds)("%s: without metadata, the hooks are called with empty metadata", async (kind) => {
    const { stub } = await startPair(handleAll(() => ({})));
    const hookCalls: unknown[] = [];

    await call(stub, kind, {
      onHeaders: (metadata) => hookCalls.push("headers", ...metadata),
      onTrailers: (metadata) => hookCalls.push("trailers", ...metadata),
    });

    expect(hookCalls).toEqual(["headers", "trailers"]);
  });

  test.for(kinds)("%s: both arrive for a failed call, and its error has the trailing metadata", async (kind) => {
    const { stub } = await startPair(
      handleAll((context) => {
        context.sendInitialMetadata({ initial: "1" });
        context.trailingMetadata.set("trailing", "2");
        throw new GRPCError(Status.ABORTED, "no", undefined, {
          metadata: new Metadata({ trailing: "3", "raw-bin": Uint8Array.of(4) }),
        });
      }),
    );
    const headers: unknown[] = [];
    const trailers: unknown[] = [];

    const error = await rejection(
      call(stub, kind, {
        onHeaders: (metadata) => headers.push(...metadata),
        onTrailers: (metadata) => trailers.push(...metadata),
      }),
    );

    const expected = [
      ["trailing", "2"],
      ["trailing", "3"],
      ["raw-bin", Uint8Array.of(4)],
    ];
    expect(headers).toEqual([["initial", "1"]]);
    expect(trailers).toEqual(expected);
    expect(error).toMatchObject({ status: Status.ABORTED });
    expect([...((error as GRPCError).metadata ?? [])]).toEqual(expected);
  });

  test.for(kinds)("%s: the call rejects with what a hook throws, unchanged", async (kind) => {
    const { stub } = await startPair(handleAll(() => ({})));
    const failure = new Error("from the hook");
    const fail = () => {
      throw failure;
    };
    expect(await rejection(call(stub, kind, { onHeaders: fail }))).toBe(failure);
    expect(await rejection(call(stub, kind, { onTrailers: fail }))).toBe(failure);
  });

  test("initial metadata arrives before the first message is sent", async () => {
    const { address } = await startServer({
      async *bidi(requests, context) {
        context.sendInitialMetadata({ early: "yes" });
        for await (const { text } of requests) yield { text };
      },
    });
    const stub = connect(address);
    let arrived: (metadata: Metadata) => void = () => {};
    const headers = new Promise<Metadata>((resolve) => {
      arrived = resolve;
    });
    async function* requests() {
      yield { text: (await headers).get("early") ?? "no" };
    }

    const responses = stub.bidi(requests(), { onHeaders: arrived });

    expect((await responses.next()).value?.text).toBe("yes");
    expect((await responses.next()).done).toBe(true);
  });

  test.for(kinds)("%s: a second sendInitialMetadata() throws a ProtocolError and changes nothing", async (kind) => {
    let second: unknown;
    const { stub } = await startPair(
      handleAll((context) => {
        context.sendInitialMetadata({ a: "1" });
        try {
          context.sendInitialMetadata({ a: "2" });
        } catch (error) {
          second = error;
        }
        return {};
      }),
    );
    const headers: Metadata[] = [];

    await call(stub, kind, { onHeaders: (metadata) => headers.push(metadata) });

    const message =
      "The response headers have already been sent. Call sendInitialMetadata() once, before the first message.";
    expect(second).toEqual(new ProtocolError(message));
    expect(headers.flatMap((metadata) => [...metadata])).toEqual([["a", "1"]]);
  });
});
