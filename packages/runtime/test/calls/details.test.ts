import { create, isMessage, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { BadRequestSchema, DebugInfoSchema, QuotaFailureSchema, RetryInfoSchema } from "../../src/error-details.js";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.js";
import { type Detail, DetailRegistry, detail, GRPCError, registerDetails, Status, Unknown } from "../../src/index.js";
import { HiddenDetailSchema } from "../gen/test/v1/hidden_pb.js";
import { ImportedDetailSchema } from "../gen/test/v1/imported_pb.js";
import { PassedOnDetailSchema } from "../gen/test/v1/passed_on_pb.js";
import { OwnDetailSchema } from "../gen/test/v1/test_pb.js";
import { connect, rejection, startPairOnNetwork, startServer } from "../harness.js";
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
  test.for(kinds)("%s: three details arrive decoded and in order, with status and message", async (kind) => {
    const { stub } = await startPairOnNetwork(failWith([quota, badRequest, retry]));

    const error = await rejection(call(stub, kind));

    expect(error).toMatchObject({ status: Status.FAILED_PRECONDITION, message: "with details", origin: "peer" });
    expect((error as GRPCError).details).toEqual([quota, badRequest, retry]);
    expect((error as GRPCError).detail(BadRequestSchema)?.fieldViolations[0]?.field).toBe("name");
    expect((error as GRPCError).detail(DebugInfoSchema)).toBeUndefined();
  });

  test.for(kinds)("%s: no details and an empty list remain distinct", async (kind) => {
    const none = await startPairOnNetwork(failWith());
    expect(await rejection(call(none.stub, kind))).toMatchObject({ details: undefined });
    const empty = await startPairOnNetwork(failWith([]));
    expect(await rejection(call(empty.stub, kind))).toMatchObject({ details: [] });
  });

  test("several details of the same type remain separate", async () => {
    const details = [detail(OwnDetailSchema, { text: "a" }), retry, detail(OwnDetailSchema, { text: "b" })];
    const { stub } = await startPairOnNetwork(failWith(details));
    const error = (await rejection(stub.unary({}))) as GRPCError;
    expect(error).toMatchObject({ details });
    expect(error.detailsOf(OwnDetailSchema).map(({ text }) => text)).toEqual(["a", "b"]);
    expect(error.detail(OwnDetailSchema)?.text).toBe("a");
    expect(error.detailsOf(DebugInfoSchema)).toEqual([]);
    expect(new GRPCError(Status.ABORTED).detailsOf(OwnDetailSchema)).toEqual([]);
  });

  const visible: Record<string, Detail> = {
    "from the service's own file": create(OwnDetailSchema, { text: "own" }),
    "from a file that it imports": create(ImportedDetailSchema, { text: "imported" }),
    "from a file that it imports through a public import": create(PassedOnDetailSchema, { text: "passed on" }),
  };
  test.for(Object.entries(visible))("a detail %s needs no registration on either side", async ([, sent]) => {
    const registry = new DetailRegistry();
    const { stub } = await startPairOnNetwork(failWith([sent]), { server: { registry }, channel: { registry } });
    expect(await rejection(stub.unary({}))).toMatchObject({ details: [sent] });
  });

  test("a detail whose file the service's file does not import arrives as Unknown, with its bytes", async () => {
    const { stub } = await startPairOnNetwork(failWith([detail(HiddenDetailSchema, { text: "hidden" })]));

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

  test("error.detail() decodes an Unknown detail", async () => {
    const { stub } = await startPairOnNetwork(failWith([detail(HiddenDetailSchema, { text: "hidden" })]));
    const error = (await rejection(stub.unary({}))) as GRPCError;
    expect(error.detail(HiddenDetailSchema)?.text).toBe("hidden");
    expect(error.detailsOf(HiddenDetailSchema).map(({ text }) => text)).toEqual(["hidden"]);
  });

  test("a channel's registry decodes it for that channel only", async () => {
    const { address } = await startServer(failWith([detail(HiddenDetailSchema, { text: "hidden" })]));
    const stubWithRegistry = connect(address, { registry: new DetailRegistry(HiddenDetailSchema) });
    const plainStub = connect(address);
    const [known, unknown] = await Promise.all([rejection(stubWithRegistry.unary({})), rejection(plainStub.unary({}))]);
    expect(known).toMatchObject({ details: [create(HiddenDetailSchema, { text: "hidden" })] });
    expect((unknown as GRPCError).details?.[0]).toBeInstanceOf(Unknown);
  });

  test("a channel's registry replaces the default registry", async () => {
    const { stub } = await startPairOnNetwork(failWith([quota, create(OwnDetailSchema, { text: "own" })]), {
      channel: { registry: new DetailRegistry() },
    });
    const details = ((await rejection(stub.unary({}))) as GRPCError).details ?? [];
    expect(details.map((received) => isMessage(received) || String(received))).toEqual([
      "Unknown('google.rpc.QuotaFailure')",
      true,
    ]);
    expect((details[0] as Unknown).unpack(QuotaFailureSchema)).toEqual(quota);
  });

  test("a google.rpc.Status arrives decoded, and is JSON with all that is known", async () => {
    const nested = [
      anyPack(QuotaFailureSchema, quota),
      anyPack(OwnDetailSchema, create(OwnDetailSchema, { text: "own" })),
    ];
    const hidden = anyPack(HiddenDetailSchema, create(HiddenDetailSchema, { text: "hidden" }));
    const sent = create(StatusSchema, { code: 8, details: [...nested, hidden] });
    const { stub, address } = await startPairOnNetwork(failWith([sent]));
    const error = (await rejection(stub.unary({}))) as GRPCError;
    expect(error.details).toEqual([sent]);
    const known = [
      {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        violations: [{ subject: "clientip:127.0.0.1", description: "naïve" }],
      },
      // The file of the service has this type.
      { "@type": "type.googleapis.com/test.v1.OwnDetail", text: "own" },
    ];
    const url = "type.googleapis.com/test.v1.HiddenDetail";
    expect(error.toJSON()).toMatchObject({
      details: [{ code: 8, details: [...known, { "@type": url, "@bytes": "CgZoaWRkZW4=" }] }],
    });

    const withRegistry = connect(address, { registry: new DetailRegistry(StatusSchema, HiddenDetailSchema) });
    const other = (await rejection(withRegistry.unary({}))) as GRPCError;
    const [json] = (other.toJSON() as { details?: readonly object[] }).details as { details: object[] }[];
    expect(json?.details[0]).toMatchObject({ "@bytes": expect.any(String) });
    expect(json?.details.slice(1)).toEqual([known[1], { "@type": url, text: "hidden" }]);
  });

  test("an Unknown is sent byte for byte", async () => {
    const value = Uint8Array.of(1, 2, 3, 0xff);
    const { stub } = await startPairOnNetwork(failWith([new Unknown("example.com/some.Type", value), retry]));
    const { details } = (await rejection(stub.unary({}))) as GRPCError;
    expect(details?.[0]).toMatchObject({ typeUrl: "example.com/some.Type", typeName: "some.Type", value });
    expect(details?.[1]).toEqual(retry);
  });

  test("a detail of a known type with corrupt bytes arrives as Unknown with a cause, and the others are decoded", async () => {
    const corrupt = new Unknown("type.googleapis.com/google.rpc.RetryInfo", Uint8Array.of(0x0a, 0xff));
    const { stub } = await startPairOnNetwork(failWith([quota, corrupt, badRequest]));
    const { status, details } = (await rejection(stub.unary({}))) as GRPCError;
    expect(status).toBe(Status.FAILED_PRECONDITION);
    expect([details?.[0], details?.[2]]).toEqual([quota, badRequest]);
    expect(details?.[1]).toBeInstanceOf(Unknown);
    expect(details?.[1]).toMatchObject({ value: corrupt.value, cause: expect.any(Error) });
  });
});

describe("sending details", () => {
  test("a detail without a known schema is dropped and reported, and the others arrive", async () => {
    const { stub, reports } = await startPairOnNetwork(
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

  test("a server with a registry knows only the types in it", async () => {
    const { stub, reports } = await startPairOnNetwork(
      failWith([quota, create(HiddenDetailSchema, { text: "hidden" })]),
      {
        server: { registry: new DetailRegistry(HiddenDetailSchema) },
      },
    );
    const error = (await rejection(stub.unary({}))) as GRPCError;
    expect(error.details).toHaveLength(1);
    expect(error.detail(HiddenDetailSchema)?.text).toBe("hidden");
    expect(reports.take().map((report) => String(report.error))).toEqual([expect.stringContaining("QuotaFailure")]);
  });

  test("a detail that cannot be encoded is dropped and reported", async () => {
    const broken = detail(RetryInfoSchema, { retryDelay: { seconds: "not a number" as never } });
    const { stub, reports } = await startPairOnNetwork(failWith([broken, quota]));
    expect(await rejection(stub.unary({}))).toMatchObject({ message: "with details", details: [quota] });
    expect(reports.take()).toHaveLength(1);
  });

  test("registerDetails() applies to existing servers and channels too", async () => {
    const hidden = create(HiddenDetailSchema, { text: "hidden" });
    const { stub } = await startPairOnNetwork(failWith([hidden]));
    registerDetails(HiddenDetailSchema);
    expect(await rejection(stub.unary({}))).toMatchObject({ details: [hidden] });
  });
});
