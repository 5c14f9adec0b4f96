/**
 * The health service `grpc.health.v1`: for servers, and for clients that watch
 * one. Runs on any platform.
 *
 * @module
 */
export { HealthService } from "./health/health-service.js";
export type { HealthStatus, ServingStatus } from "./health/status.js";
export { type WatchHealthOptions, watchHealth } from "./health/watch-health.js";
