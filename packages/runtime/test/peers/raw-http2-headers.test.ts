import type { IncomingHttpHeaders } from "node:http2";
import { describe, expect, test } from "vitest";
import { Deadline } from "../../src/index.js";
import { call, kinds } from "../calls/kinds.js";
import { paths } from "./raw-client.js";
import { respond, responseFrame, startPeer } from "./raw-server.js";

/** A server that answers every call, and records the headers. */
async function start() {
  const requests: IncomingHttpHeaders[] = [];
  const { stub, address } = await startPeer((stream, headers) => {
    requests.push(headers);
    respond(stream, { body: responseFrame(), trailers: { "grpc-status": "0" } });
  });
  return { stub, address, requests };
}

describe("the headers of a request", () => {
  test.for(kinds)("%s: they are those of gRPC", async (kind) => {
    const { stub, address, requests } = await start();
    await call(stub, kind);
    expect(requests[0]).toMatchObject({
      ":method": "POST",
      ":scheme": "http",
      ":authority": address.replace("http://", ""),
      ":path": paths[kind],
      te: "trailers",
      "content-type": "application/grpc",
      "user-agent": expect.stringMatching(/^grpclib-ts/),
    });
    expect(requests[0]).not.toHaveProperty("grpc-timeout");
    expect(requests[0]).not.toHaveProperty("grpc-encoding");
  });

  const unitMs = { m: 1, S: 1000, M: 60_000 };
  test.for([
    [1000, 1000, "m"],
    [60_000, 60_000, "m"],
    [99_999_999, 99_999_999, "m"],
    [100_001_000, 100_001, "S"],
    [1e12, 16_666_667, "M"],
  ] as const)("a timeout of %d ms is sent as grpc-timeout: %d%s", async ([timeout, value, unit]) => {
    const { stub, requests } = await start();
    await stub.unary({}, { timeout });
    const [, sent, sentUnit] = /^(\d+)(\w)$/.exec(`${requests[0]?.["grpc-timeout"]}`) ?? [];
    expect(sentUnit).toBe(unit);
    // A busy machine needs some of the time before it sends the header.
    expect(Number(sent)).toBeGreaterThan(value - 500 / unitMs[unit]);
    expect(Number(sent)).toBeLessThanOrEqual(value);
  });

  test("the time left until a deadline is sent as grpc-timeout", async () => {
    const { stub, requests } = await start();
    await stub.unary({}, { deadline: new Date(Date.now() + 60_000) });
    await stub.unary({}, { deadline: Deadline.after(60_000), timeout: 3_600_000 });
    const sent = requests.map((headers) => /^(\d+)m$/.exec(`${headers["grpc-timeout"]}`)?.[1]).map(Number);
    expect(sent.map((ms) => ms > 55_000 && ms <= 60_000)).toEqual([true, true]);
  });

  test("metadata is sent as headers, bytes as base64 without padding", async () => {
    const { stub, requests } = await start();
    await stub.unary(
      {},
      { metadata: { Text: "a b", repeated: ["1", "2"], "a-bin": [Uint8Array.of(255), Uint8Array.of(1, 2)] } },
    );
    expect(requests[0]).toMatchObject({ text: "a b", repeated: "1, 2", "a-bin": "/w, AQI" });
  });
});
