import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { selfSigned } from "../calls/certificate.js";
import { startPair } from "../harness.js";

type Stub = Awaited<ReturnType<typeof startPair>>["stub"];

const LONG_GRACE_MS = 60_000;
const tls = selfSigned();

const protocols = {
  TCP: {},
  TLS: { server: { listen: { tls } }, channel: { tls: { ca: tls.cert } } },
};

/** The last thing that happens before both sides close. */
const lastCalls: Record<string, (stub: Stub) => Promise<unknown>> = {
  "a call that has reached its deadline": (stub) => stub.unary.safe({}, { timeout: 20 }),
  "a call that was cancelled": (stub) => stub.unary.safe({}, { signal: AbortSignal.timeout(20) }),
  "a stream of responses that was left": async (stub) => {
    for await (const _ of stub.serverStream({})) break;
  },
  "a call that has succeeded": (stub) => stub.unary({ text: "done" }),
};

describe.for(Object.entries(protocols))("over %s", ([, options]) => {
  test.for(Object.entries(lastCalls))("a server closes together with its client, after %s", async ([, lastCall]) => {
    const { channel, server, stub } = await startPair(
      {
        unary: async ({ text }, { signal }) => (text === "done" ? {} : sleep(LONG_GRACE_MS, {}, { signal })),
        async *serverStream(_request, { signal }) {
          yield {};
          await sleep(LONG_GRACE_MS, {}, { signal });
        },
      },
      options,
    );
    await lastCall(stub);
    const start = performance.now();
    void channel.close();
    await server.close({ grace: LONG_GRACE_MS });
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
