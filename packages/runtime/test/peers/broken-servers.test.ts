import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type GRPCError, Status } from "../../src/index.js";
import { call } from "../calls/kinds.js";
import { encodeFrames } from "../frames/frame.js";
import { headers } from "../frames/frames.js";
import { responseFields } from "../frames/grpc.js";
import { answer, serveCalls } from "../frames/served-call.js";
import type { TestResponse } from "../gen/test/v1/test_pb.js";
import { connect, rejection, startTcpServer } from "../harness.js";
import { breaking, handshakeViolations, IDLE_MS, violations } from "./breaking.js";

// A server that breaks HTTP/2. Its calls are UNAVAILABLE at once, and the next one connects anew.

async function outcome(response: Promise<readonly TestResponse[]>): Promise<string> {
  const settled = await response.catch((error: GRPCError) => error);
  return settled instanceof Error ? `${settled.message} (${Status[settled.status]})` : `${settled[0]?.text}`;
}

for (const closes of [true, false]) {
  describe(closes ? "and closes" : "and stays open", () => {
    test.for(Object.keys(handshakeViolations))("%s, instead of its settings", async (name) => {
      const violation = handshakeViolations[name] as Uint8Array;
      const { address } = await startTcpServer(breaking({ violation, during: "handshake", closes }));
      const stub = connect(address, { backoff: { initial: 10 } });
      const start = performance.now();
      const error = (await rejection(call(stub, "unary", { timeout: 5000 }))) as GRPCError;
      expect(error).toMatchObject({ status: Status.UNAVAILABLE, origin: "client", cause: expect.any(Error) });
      expect(performance.now() - start).toBeLessThan(1000);
      expect(await call(stub, "unary", { timeout: 5000, waitForReady: true })).toMatchObject([{ text: "2" }]);
    });

    test.for(
      (["unary", "bidi"] as const).flatMap((kind) => Object.keys(violations).map((name) => [name, kind] as const)),
    )("%s (%s)", async ([name, kind]) => {
      const violation = violations[name] as Uint8Array;
      const { address } = await startTcpServer(breaking({ violation, during: "call", closes }));
      const stub = connect(address);
      expect(await call(stub, kind)).toMatchObject([{ text: "1" }]);
      const start = performance.now();
      const error = (await rejection(call(stub, kind, { timeout: 5000 }))) as GRPCError;
      expect(error).toMatchObject({ status: Status.UNAVAILABLE, origin: "client", cause: expect.any(Error) });
      expect(performance.now() - start).toBeLessThan(1000);
      expect(await call(stub, kind, { timeout: 5000 })).toMatchObject([{ text: "2" }]);
    });

    test.for(Object.keys(violations))("%s, while idle: at most one call fails, at once", async (name) => {
      const { address } = await startTcpServer(
        breaking({ violation: violations[name] as Uint8Array, during: "idle", closes }),
      );
      const stub = connect(address);
      expect(await outcome(call(stub, "unary"))).toBe("1");
      await sleep(2 * IDLE_MS);
      const start = performance.now();
      expect(await outcome(call(stub, "unary", { timeout: 5000 }))).toMatch(/^2$|UNAVAILABLE/);
      expect(performance.now() - start).toBeLessThan(1000);
      expect(await outcome(call(stub, "unary", { timeout: 5000 }))).toBe("2");
    });
  });
}

test.for<[title: string, fields: readonly (readonly [string, string])[]]>([
  ["a name in capitals", [...responseFields, ["X-Name", "a"]]],
  ["no :status", responseFields.filter(([name]) => name !== ":status")],
  ["a pseudo-header of requests", [[":path", "/"], ...responseFields]],
])("Headers with %s fail their call only, and the error does not say that the server reset it", async ([, fields]) => {
  const { address } = await startTcpServer((socket) =>
    serveCalls(socket, (call) => {
      if (call.stream === 1) socket.write(encodeFrames([headers(call.stream, fields)]));
      else answer(call, { text: "next" });
    }),
  );
  const stub = connect(address);
  const calls = [call(stub, "unary"), call(stub, "unary")] as const;
  expect(await rejection(calls[0])).toMatchObject({
    status: Status.INTERNAL,
    message: "The server reset the stream with PROTOCOL_ERROR (1), or its response violates HTTP/2",
  });
  expect(await calls[1]).toMatchObject([{ text: "next" }]);
});
