import { detail, GRPCError, type Status, Unknown } from "@grpclib-ts/runtime";
import {
  ConformancePayload_RequestInfoSchema,
  type Error as ErrorDefinition,
} from "../gen/connectrpc/conformance/v1/service_pb.js";
import type { RequestInfo } from "./request-log.js";

/** The error that a response definition specifies, with the request info to echo as its last detail. */
export function errorOf(definition: ErrorDefinition, requestInfo: RequestInfo | undefined): GRPCError {
  const { code, message, details } = definition;
  const echo = requestInfo === undefined ? [] : [detail(ConformancePayload_RequestInfoSchema, requestInfo)];
  // The suite's codes have the same numbers as gRPC's statuses. Details are sent unchanged.
  return new GRPCError(code as number as Status, message, [
    ...details.map(({ typeUrl, value }) => new Unknown(typeUrl, value)),
    ...echo,
  ]);
}
