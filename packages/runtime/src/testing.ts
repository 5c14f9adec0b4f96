/**
 * For tests: services in memory, and matchers for vitest and Jest.
 *
 * @module
 */
export { type ExpectedGRPCError, type GRPCMatchers, grpcMatchers } from "./testing/matchers.js";
export { type Served, type ServeOptions, serve } from "./testing/serve.js";
