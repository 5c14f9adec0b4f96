/**
 * For tests: services in memory, fakes of services, and matchers for vitest and Jest.
 *
 * @module
 */
export { everyError } from "./testing/every-error.js";
export { type FakeAnswer, type FakeAnswers, fake } from "./testing/fake.js";
export { type ExpectedGRPCError, type GRPCMatchers, grpcMatchers } from "./testing/matchers.js";
export { type Served, type ServeOptions, serve } from "./testing/serve.js";
