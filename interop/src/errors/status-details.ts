import { create, fromBinary, fromJson, type JsonValue, toBinary, toJson } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { StatusSchema } from "@grpclib-ts/runtime/gen/google/rpc/status_pb.js";
import { detailTypes, type ErrorContent } from "./errors.js";

// For the libraries that leave this metadata to the program.

/** The key of the metadata that holds the details of an error. */
export const DETAILS_KEY = "grpc-status-details-bin";

/** The value of this metadata for an error; `undefined` if the error has no list of details. */
export function packDetails({ code, message, details }: ErrorContent): Buffer | undefined {
  if (details === undefined) return undefined;
  const status = create(StatusSchema, {
    code,
    message,
    details: details.map((json) => fromJson(AnySchema, json, { registry: detailTypes })),
  });
  return Buffer.from(toBinary(StatusSchema, status));
}

/** Converts the details in a value of this metadata to the form that they have in errors.json. */
export function unpackDetails(packed: Uint8Array | undefined): JsonValue[] | undefined {
  if (packed === undefined) return undefined;
  return fromBinary(StatusSchema, packed).details.map((any) => toJson(AnySchema, any, { registry: detailTypes }));
}
