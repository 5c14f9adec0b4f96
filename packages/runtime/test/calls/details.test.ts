import { create, isMessage, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { BadRequestSchema, DebugInfoSchema, QuotaFailureSchema, RetryInfoSchema } from "../../src/error-details.js";
import { type Detail, DetailRegistry, detail, GRPCError, registerDetails, Status, Unknown } from "../../src/index.js";
import { HiddenDetailSchema } from "../gen/test/v1/hidden_pb.js";
import { ImportedDetailSchema } from "../gen/test/v1/imported_pb.js";
import { PassedOnDetailSchema } from "../gen/test/v1/passed_on_pb.js";
import { OwnDetailSchema } from "../gen/test/v1/test_pb.js";
import { connect, rejection, startPair, startServer } from "../harness.js";
import { call, handleAll, kinds } from "./kinds.js";

function failWith(details?: readonly Detail[]) {
  return handleAll(() => {
    throw new GRPCError(Status.FAILED_PRECONDITION, "with details", details);
  });
}

const quota = create(QuotaFailureSchema, { violations: [{ subject: "clientip:127.0.0.1", description: "naïve" }] });
const retry = create(RetryInfoSchema, { retryDelay: { seconds: 3n, nanos: 500 } });
const badRequest = create(BadRequestSchema, { fieldViolations: [{ field: "name", description: "is empty" }] });

describe("details", () => {
  test.for(kinds)("%s: three arrive decoded, in order, with status and message", async (kind) => {
    const { stub } = await startPair(failWith([quota, badRequest, retry]));

    const error = await rejection(call(stub, kind));

    expect(error).toMatchObject({ status: Status.FAILED_PRECONDITION, message: "with details", origin: "peer" });
    expect((error as GRPCError).details).toEqual([quota, badRequest, retry]);
    expect((error as GRPCError).detail(BadRequestSchema)?.fieldViolations[0]?.field).toBe("name");
    expect((error as GRPCError).detail(DebugInfoSchema)).toBeUndefined();
  });

  test.for(kinds)("%s: none and an empty list are kept apart", async (kind) => {
    const none = await startPair(failWith());
    expect(await rejection(call(none.stub, kind))).toMatchObject({ details: undefined });
    const empty = await startPair(failWith([]));
    expect(await rejection(call(empty.stub, kind))).toMatchObject({ details: [] });
  });

  test("several of one type stay apart", async () => {
    const details = [detail(OwnDetailSchema, { text: "a" }), retry, detail(OwnDetailSchema, { text: "b" })];
    const { stub } = await startPair(failWith(details));
    expect(await rejection(stub.unary({}))).toMatchObject({ details });
  });

  const visible: Record<string, Detail> = {
    "of the service's own file": create(OwnDetailSchema, { text: "own" }),
    "of a file that it imports": create(ImportedDetailSchema, { text: "imported" }),
    "that a public import passes on": create(PassedOnDetailSchema, { text: "passed on" }),
  };
  test.for(Object.entries(visible))("one %s needs no registration on either side", async ([, sent]) => {
    const registry = new DetailRegistry();
    const { stub } = await startPair(failWith([sent]), { server: { registry }, channel: { registry } });
    expect(await rejection(stub.unary({}))).toMatchObject({ details: [sent] });
  });

  test("one that the service's file does not see arrives as Unknown, with its bytes", async () => {
    const { stub } = await startPair(failWith([detail(HiddenDetailSchema, { text: "hidden" })]));

    const { details } = (await rejection(stub.unary({}))) as GRPCError;
    const [unknown] = details as [Unknown];

    expect(details).toHaveLength(1);
    expect(unknown).toBeInstanceOf(Unknown);
    expect(String(unknown)).toBe("Unknown('test.v1.HiddenDetail')");
    expect(unknown.typeUrl).toBe("type.googleapis.com/test.v1.HiddenDetail");
    expect(unknown.value).toEqual(toBinary(HiddenDetailSchema, create(HiddenDetailSchema, { text: "hidden" })));
    expect(unknown.cause).toBeUndefined();
    expect(unknown.unpack(HiddenDetailSchema)).toEqual(create(HiddenDetailSchema, { text: "hidden" }));
  });

  test("the error finds a detail in an Unknown", async () => {
    const { stub } = await startPair(failWith([detail(HiddenDetailSchema, { text: "hidden" })]));
    const error = (await rejection(stub.unary({}))) as GRPCError;
    expect(error.detail(HiddenDetailSchema)?.text).toBe("hidden");
  });

  test("a registry of the channel decodes it, and calls of other channels do not", async () => {
    const { address } = await startServer(failWith([detail(HiddenDetailSchema, { text: "hidden" })]));
    const knowing = connect(address, { registry: new DetailRegistry(HiddenDetailSchema) });
    const unknowing = connect(address);
    const [known, unknown] = await Promise.all([rejection(knowing.unary({})), rejection(unknowing.unary({}))]);
    expect(known).toMatchObject({ details: [create(HiddenDetailSchema, { text: "hidden" })] });
    expect((unknown as GRPCError).details?.[0]).toBeInstanceOf(Unknown);
  });

  test("a registry of the channel takes the place of the default one", async () => {
    const { stub } = await startPair(failWith([quota, create(OwnDetailSchema, { text: "own" })]), {
      channel: { registry: new DetailRegistry() },
    });
    const details = ((await rejection(stub.unary({}))) as GRPCError).details ?? [];
    expect(details.map((received) => isMessage(received) || String(received))).toEqual([
      "Unknown('google.rpc.QuotaFailure')",
      true,
    ]);
    expect((details[0] as Unknown).unpack(QuotaFailureSchema)).toEqual(quota);
  });

  test("an Unknown is sent on byte for byte", async () => {
    const value = Uint8Array.of(1, 2, 3, 0xff);
    const { stub } = await startPair(failWith([new Unknown("example.com/some.Type", value), retry]));
    const { details } = (await rejection(stub.unary({}))) as GRPCError;
    expect(details?.[0]).toMatchObject({ typeUrl: "example.com/some.Type", typeName: "some.Type", value });
    expect(details?.[1]).toEqual(retry);
  });

  test("a known type with corrupt bytes arrives as Unknown with a cause, and the others are decoded", async () => {
    const corrupt = new Unknown("type.googleapis.com/google.rpc.RetryInfo", Uint8Array.of(0x0a, 0xff));
    const { stub } = await startPair(failWith([quota, corrupt, badRequest]));
    const { status, details } = (await rejection(stub.unary({}))) as GRPCError;
    expect(status).toBe(Status.FAILED_PRECONDITION);
    expect([details?.[0], details?.[2]]).toEqual([quota, badRequest]);
    expect(details?.[1]).toBeInstanceOf(Unknown);
    expect(details?.[1]).toMatchObject({ value: corrupt.value, cause: expect.any(Error) });
  });
});

describe("sending details", () => {
  test("one whose schema is not known is dropped and reported; the others arrive", async () => {
    const { stub, reports } = await startPair(
      failWith([quota, create(HiddenDetailSchema, { text: "hidden" }), badRequest]),
    );

    const error = await rejection(stub.unary({}));

    expect(error).toMatchObject({ status: Status.FAILED_PRECONDITION, message: "with details" });
    expect((error as GRPCError).details).toEqual([quota, badRequest]);
    const [report, ...others] = reports.take();
    expect(others).toEqual([]);
    expect(String(report?.error)).toMatch(/test\.v1\.HiddenDetail.*registerDetails/);
    expect(report?.info).toMatchObject({ method: "/test.v1.TestService/Unary", peer: expect.stringMatching(/^127/) });
  });

  test("with a registry, the server knows its types and no others", async () => {
    const { stub, reports } = await startPair(failWith([quota, create(HiddenDetailSchema, { text: "hidden" })]), {
      server: { registry: new DetailRegistry(HiddenDetailSchema) },
    });
    const error = (await rejection(stub.unary({}))) as GRPCError;
    expect(error.details).toHaveLength(1);
    expect(error.detail(HiddenDetailSchema)?.text).toBe("hidden");
    expect(reports.take().map((report) => String(report.error))).toEqual([expect.stringContaining("QuotaFailure")]);
  });

  test("one that cannot be encoded is dropped and reported", async () => {
    const broken = detail(RetryInfoSchema, { retryDelay: { seconds: "not a number" as never } });
    const { stub, reports } = await startPair(failWith([broken, quota]));
    expect(await rejection(stub.unary({}))).toMatchObject({ message: "with details", details: [quota] });
    expect(reports.take()).toHaveLength(1);
  });

  test("a registered type is known to servers and channels that were there before", async () => {
    const hidden = create(HiddenDetailSchema, { text: "hidden" });
    const { stub } = await startPair(failWith([hidden]));
    registerDetails(HiddenDetailSchema);
    expect(await rejection(stub.unary({}))).toMatchObject({ details: [hidden] });
  });
});
