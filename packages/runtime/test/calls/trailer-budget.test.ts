import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { DebugInfoSchema, QuotaFailureSchema } from "../../src/error-details.js";
import { type Detail, GRPCError, Metadata, Status } from "../../src/index.js";
import { OwnDetailSchema } from "../gen/test/v1/test_pb.js";
import { rejection, startPairOnNetwork } from "../harness.js";
import { paths, startForRaw } from "../peers/raw-client.js";
import { call, handleAll, kinds } from "./kinds.js";

const own = (text: string) => create(OwnDetailSchema, { text });

/** A server whose handlers fail with this error. */
function startFailing(message: string, details: readonly Detail[], options: { trailerBudgetBytes?: number } = {}) {
  return startPairOnNetwork(
    handleAll(() => {
      throw new GRPCError(Status.ABORTED, message, details, { metadata: new Metadata({ "request-id": "7" }) });
    }),
    { server: options },
  );
}

describe("trailers over their budget", () => {
  test.for(kinds)("%s: DebugInfo is dropped first; the other details, status and message arrive", async (kind) => {
    const debug = create(DebugInfoSchema, { stackEntries: ["x".repeat(8000)] });
    const quota = create(QuotaFailureSchema, { violations: [{ subject: "you" }] });
    const { stub, reports } = await startFailing("too much", [debug, own("a"), quota]);

    const error = (await rejection(call(stub, kind))) as GRPCError;

    expect(error).toMatchObject({ status: Status.ABORTED, message: "too much", details: [own("a"), quota] });
    expect(error.metadata?.get("request-id")).toBe("7");
    const [report, ...others] = reports.take();
    expect(others).toEqual([]);
    expect(String(report?.error)).toMatch(/7168.*google\.rpc\.DebugInfo/);
    expect(report?.info).toMatchObject({ method: error.method, peer: expect.stringMatching(/^127/) });
  });

  test("then details are dropped from the end until the rest fits", async () => {
    const details = [own("a"), own("b".repeat(3000)), own("c".repeat(3000)), own("d".repeat(3000))];
    const { stub, reports } = await startFailing("too much", details);
    expect(await rejection(stub.unary({}))).toMatchObject({ message: "too much", details: details.slice(0, 2) });
    expect(reports.take()).toHaveLength(1);
  });

  test("as a last resort, the message is truncated between two characters", async () => {
    const { stub, reports } = await startFailing("☃".repeat(5000), [own("a")]);
    const error = (await rejection(stub.unary({}))) as GRPCError;
    expect(error.status).toBe(Status.ABORTED);
    expect(error.message).toMatch(/^☃+$/);
    // Each character takes nine in the percent-encoded header.
    expect(error.message.length).toBeGreaterThan(700);
    expect(error.message.length).toBeLessThan(800);
    expect(reports.take()).toHaveLength(1);
  });

  test("the budget is an option of the server", async () => {
    const details = [own("a".repeat(1000)), own("b".repeat(20_000))];
    const large = await startFailing("fits", details, { trailerBudgetBytes: 40_000 });
    expect(await rejection(large.stub.unary({}))).toMatchObject({ details });
    const small = await startFailing("does not fit", details, { trailerBudgetBytes: 1000 });
    expect(await rejection(small.stub.unary({}))).toMatchObject({ message: "does not fit", details: [] });
    expect(small.reports.take()).toHaveLength(1);
  });
});

describe("a call that fails before the first response", () => {
  // An entry takes 32 bytes in addition to its name and its value.
  const longest = 3500 - ("grpc-status10".length + 32) - ("grpc-message".length + 32);
  const sizes = [
    ["of 3,500 bytes: one block of headers, which is Trailers-Only", longest, true],
    ["of 3,501 bytes: headers, then trailers", longest + 1, false],
  ] as const;

  test.for(kinds.flatMap((kind) => sizes.map((size) => [kind, ...size] as const)))(
    "%s, a status %s",
    async ([kind, , length, trailersOnly]) => {
      const { client } = await startForRaw(() => {
        throw new GRPCError(Status.ABORTED, "x".repeat(length));
      });
      const { headers, trailers } = await client.request({ headers: { ":path": paths[kind] } });
      expect(trailers).toMatchObject({ "grpc-status": "10", "grpc-message": "x".repeat(length) });
      expect(headers).toMatchObject({ ":status": 200, "content-type": "application/grpc" });
      expect(headers === trailers).toBe(trailersOnly);
      expect("grpc-status" in headers).toBe(trailersOnly);
    },
  );
});
