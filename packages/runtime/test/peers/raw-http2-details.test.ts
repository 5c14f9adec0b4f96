import { create, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { RetryInfoSchema } from "../../src/error-details.js";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.js";
import { type GRPCError, Status, Unknown } from "../../src/index.js";
import { call, kinds } from "../calls/kinds.js";
import { rejection } from "../harness.js";
import { grpc, respond, respondHeadersOnly, responseFrame, startPeer } from "./raw-server.js";

const retry = create(RetryInfoSchema, { retryDelay: { seconds: 3n } });

/** An encoded `google.rpc.Status`. */
function rpcStatus(details: readonly Any[], code = 9, message = "inner"): Buffer {
  return Buffer.from(toBinary(StatusSchema, create(StatusSchema, { code, message, details: [...details] })));
}

/** The error of a call that is answered with this `grpc-status-details-bin`. */
async function errorWith(detailsBin: string): Promise<GRPCError> {
  const trailers = { "grpc-status": "9", "grpc-message": "outer", "grpc-status-details-bin": detailsBin };
  const only = await startPeer((stream) => respondHeadersOnly(stream, { ...grpc, ...trailers }));
  const after = await startPeer((stream) => respond(stream, { body: responseFrame(), trailers }));
  const errors = await Promise.all(
    [only, after].flatMap(({ stub }) => kinds.map((kind) => rejection(call(stub, kind)))),
  );
  const [error, ...others] = errors as [GRPCError, ...GRPCError[]];
  // The kind of method and the form of the response make no difference.
  expect(others.map(({ details }) => details)).toEqual(others.map(() => error.details));
  expect(errors).toMatchObject(errors.map(() => ({ status: Status.FAILED_PRECONDITION, message: "outer" })));
  return error;
}

describe("grpc-status-details-bin", () => {
  const bytes = rpcStatus([anyPack(RetryInfoSchema, retry)]);
  const padded = rpcStatus([anyPack(RetryInfoSchema, retry)], 9, "inner..").toString("base64");
  const forms: Record<string, string> = {
    "base64 without padding": bytes.toString("base64").replace(/=+$/, ""),
    "base64 with padding": padded,
    "two values joined by a comma": `${bytes.toString("base64").replace(/=+$/, "")},${padded}`,
  };
  test.for(Object.entries(forms))("%s is decoded", async ([, value]) => {
    const error = await errorWith(value);
    expect(error.details).toEqual([retry]);
    expect(error.corruptDetails).toBeUndefined();
  });

  test("the status and the message in the headers take precedence over those in the details", async () => {
    const error = await errorWith(rpcStatus([anyPack(RetryInfoSchema, retry)], 5, "other").toString("base64"));
    expect(error).toMatchObject({ status: Status.FAILED_PRECONDITION, statusMessage: "outer", details: [retry] });
  });

  test("an empty value means an empty list of details, unlike a missing header", async () => {
    expect((await errorWith(rpcStatus([]).toString("base64"))).details).toEqual([]);
  });

  test("a value that is not base64 is kept, and there are no details", async () => {
    const error = await errorWith("*not base64*");
    expect(error.details).toEqual([]);
    expect(Buffer.from(error.corruptDetails ?? []).toString()).toBe("*not base64*");
  });

  test("a value that is not a google.rpc.Status is kept, and there are no details", async () => {
    const error = await errorWith(Buffer.of(0x0a, 0xff, 0xff).toString("base64"));
    expect(error.details).toEqual([]);
    expect(error.corruptDetails).toEqual(Uint8Array.of(0x0a, 0xff, 0xff));
    expect(error.cause).toBeInstanceOf(Error);
  });

  test("each detail is decoded separately, in order", async () => {
    const value = toBinary(RetryInfoSchema, retry);
    const details = [
      create(AnySchema, { typeUrl: "type.googleapis.com/google.rpc.RetryInfo", value: Uint8Array.of(0x0a, 0xff) }),
      create(AnySchema, { typeUrl: "example.com/with/a/path/google.rpc.RetryInfo", value }),
      create(AnySchema, { typeUrl: "google.rpc.RetryInfo", value }),
      create(AnySchema, { typeUrl: "type.googleapis.com/acme.v1.Secret", value: Uint8Array.of(1) }),
      create(AnySchema, { typeUrl: "", value: Uint8Array.of(2) }),
    ];
    const received = (await errorWith(rpcStatus(details).toString("base64"))).details ?? [];
    expect(received.map((detail) => detail instanceof Unknown)).toEqual([true, false, false, true, true]);
    expect(received.slice(1, 3)).toEqual([retry, retry]);
    expect(received[0]).toMatchObject({ typeName: "google.rpc.RetryInfo", cause: expect.any(Error) });
    expect(received[3]).toMatchObject({ typeName: "acme.v1.Secret", value: Uint8Array.of(1), cause: undefined });
    expect(received[4]).toMatchObject({ typeName: "", value: Uint8Array.of(2) });
  });
});
