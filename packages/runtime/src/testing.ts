/**
 * For tests: services in memory, fakes of services, faults, and matchers for vitest and Jest.
 *
 * @module
 */
// The empty exports let compilers name the inferred types of what a user exports, see codegen.ts.

export type {} from "./index.js";
export type {} from "./node.js";
export { everyError } from "./testing/every-error.js";
export { type FakeAnswer, type FakeAnswers, type FakeResponses, fake } from "./testing/fake.js";
export {
  after,
  delay,
  dropTrailers,
  Fault,
  type FaultsInTheMiddle,
  malformedDetails,
  type ResetCodeName,
} from "./testing/fault.js";
export { Faults } from "./testing/faults.js";
export {
  type ExpectedGRPCError,
  type GRPCMatchers,
  grpcMatchers,
  type MatcherContext,
  type MatcherResult,
} from "./testing/matchers.js";
export { type Served, type ServeOptions, serve } from "./testing/serve.js";
export type {} from "./transport.js";
