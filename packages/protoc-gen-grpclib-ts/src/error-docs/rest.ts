import { type DeclaredError, typeNames } from "../contracts/declared-error.js";
import { CodeSchema } from "../gen/grpclib/v1/errors_pb.js";

// How an error looks in a REST API. A test compares this with toProblem() of the runtime.

/** The HTTP status of an error (AIP-193). */
export function httpStatusOf({ status }: DeclaredError): number {
  return httpStatuses[status] ?? 500;
}

const httpStatuses: Readonly<Record<string, number>> = {
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

/** The number of a status, by its name. */
export function statusNumber(status: string): number | undefined {
  return CodeSchema.values.find(({ name }) => name === status)?.number;
}

/** The `type` of the error's problem details (RFC 9457). */
export function problemTypeOf({ reason, domain }: DeclaredError): string {
  return reason === "" || domain === ""
    ? "about:blank"
    : `https://${encodeURIComponent(domain)}/errors/${encodeURIComponent(reason)}`;
}

/** The full names of the details that are always sent: the required ones, without google.rpc.DebugInfo. */
export function sentDetails({ details }: DeclaredError): string[] {
  return typeNames(details).filter((name) => name !== "google.rpc.DebugInfo");
}
