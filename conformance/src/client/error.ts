import type { MessageInitShape } from "@bufbuild/protobuf";
import { type AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { type Detail, DetailRegistry, type GRPCError, Unknown } from "@grpclib-ts/runtime";
import type { Code } from "../gen/connectrpc/conformance/v1/config_pb.js";
import {
  type ErrorSchema,
  file_connectrpc_conformance_v1_service,
} from "../gen/connectrpc/conformance/v1/service_pb.js";

/** The types of details to decode. Details of other types arrive as `Unknown`. */
export const details = new DetailRegistry(file_connectrpc_conformance_v1_service);

/** Converts the error of a call to the suite's format. */
export function protoOf(error: GRPCError): MessageInitShape<typeof ErrorSchema> {
  return {
    // The suite's codes have the same numbers as gRPC's statuses.
    code: error.status as number as Code,
    message: error.statusMessage,
    details: error.details?.map(pack),
  };
}

function pack(detail: Detail): MessageInitShape<typeof AnySchema> {
  if (detail instanceof Unknown) return { typeUrl: detail.typeUrl, value: detail.value };
  const schema = details.get(detail.$typeName);
  if (schema === undefined) throw new Error(`There is no schema for ${detail.$typeName}`);
  return anyPack(schema, detail);
}
