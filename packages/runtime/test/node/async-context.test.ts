import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import type { ServerContext } from "../../src/index.js";
import { call, handleAll, type Kind, kinds } from "../calls/kinds.js";
import { collect, moment, rejection, startPair } from "../harness.js";

/*
 * User code runs in the AsyncLocalStorage context of its own call, whatever event triggers it. The events of a
 * connection have the context of the first caller, who opened it.
 *
 * grpc-js 1.14 differs: with two callers on a fresh channel, the callback, "metadata" and "status" of the second call run
 * in the context of the first caller. So do onHeader and onTrailer of nice-grpc 2.1, which is built on it.
 */

const storage = new AsyncLocalStorage<string>();

const users = ["first", "second", "third"];

describe("onHeaders and onTrailers run in the context of their call", () => {
  type MakeCall = (user: string) => Promise<unknown>;
  const ways: Record<string, (makeCall: MakeCall) => Promise<unknown>> = {
    "at the same time, on a fresh channel": (makeCall) => Promise.all(users.map(makeCall)),
    "one after another": async (makeCall) => {
      for (const user of users) await makeCall(user);
    },
  };
  const cases = kinds.flatMap((kind) => Object.keys(ways).map((way) => [kind, way] as const));

  /** Makes the calls of all users, and lists which user's data each hook saw. */
  async function seenByHooks(kind: Kind, way: string, maxConcurrentStreams: number): Promise<string[]> {
    const { stub } = await startPair(
      handleAll(() => ({})),
      { server: { maxConcurrentStreams } },
    );
    const seen: string[] = [];
    await ways[way]?.((user) => {
      const see = () => seen.push(`${user} saw ${storage.getStore()}`) as unknown as undefined;
      return storage.run(user, () => call(stub, kind, { onHeaders: see, onTrailers: see }));
    });
    return seen.sort();
  }

  const right = users.flatMap((user) => [`${user} saw ${user}`, `${user} saw ${user}`]);

  test.for(cases)("%s calls %s", async ([kind, way]) => {
    expect(await seenByHooks(kind, way, 100)).toEqual(right);
  });

  test.for(kinds)("%s calls that wait for the end of another one", async (kind) => {
    expect(await seenByHooks(kind, "at the same time, on a fresh channel", 1)).toEqual(right);
  });
});

describe("the `finally` of a generator runs in the context of its call", () => {
  /** A generator that is soon held at a `yield`, for want of flow control. */
  async function* endless(seen: (store: string | undefined) => void) {
    try {
      for (;;) yield { text: "x".repeat(1_000_000) };
    } finally {
      seen(storage.getStore());
    }
  }

  test.for(["clientStream", "bidi"] as const)("%s requests, when another context aborts the call", async (kind) => {
    const started = moment();
    const wait = ({ signal }: ServerContext) => {
      started.happens();
      return new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    const { stub } = await startPair({
      clientStream: async (_requests, context) => await wait(context),
      async *bidi(_requests, context) {
        yield await wait(context);
      },
    });
    const abort = new AbortController();
    const seen = moment<string | undefined>();
    const requests = endless(seen.happens);
    const failed = storage.run("caller", () => {
      const options = { signal: abort.signal };
      return rejection(kind === "bidi" ? collect(stub.bidi(requests, options)) : stub.clientStream(requests, options));
    });
    await started.promise;
    storage.run("other", () => abort.abort());
    await failed;
    expect(await seen.promise).toBe("caller");
  });

  test.for(["serverStream", "bidi"] as const)("%s responses, when another context closes the server", async (kind) => {
    const seen = moment<string | undefined>();
    const respond = () => endless(seen.happens);
    const { stub, server } = await startPair({ serverStream: respond, bidi: respond });
    const responses = kind === "bidi" ? stub.bidi([]) : stub.serverStream({});
    await responses.next();
    await storage.run("other", () => server.close({ grace: 0 }));
    expect(await seen.promise).toBeUndefined();
    expect(await rejection(collect(responses))).toMatchObject({ name: "GRPCError" });
  });
});
