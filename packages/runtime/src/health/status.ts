import { HealthCheckResponse_ServingStatus as Code } from "../gen/grpc/health/v1/health_pb.js";

/** What a server says of itself, or of one of its services. */
export type ServingStatus = "SERVING" | "NOT_SERVING" | "UNKNOWN";

/**
 * What a client knows of a server: the answer, `"SERVICE_UNKNOWN"` if the server
 * does not know the service (it may later), or `"UNREACHABLE"` if there is no answer.
 */
export type HealthStatus = ServingStatus | "SERVICE_UNKNOWN" | "UNREACHABLE";

/** The name of a received status. Numbers of later versions are `"UNKNOWN"`. */
export function nameOf(code: Code): Exclude<HealthStatus, "UNREACHABLE"> {
  return (Code[code] as keyof typeof Code | undefined) ?? "UNKNOWN";
}

export function isServingStatus(value: unknown): value is ServingStatus {
  return value === "SERVING" || value === "NOT_SERVING" || value === "UNKNOWN";
}
