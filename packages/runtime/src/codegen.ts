/**
 * For generated code only: what the output of protoc-gen-grpclib-ts imports. These
 * names may change in any minor version, together with the plugin.
 *
 * @module
 */
// Compilers write the inferred types of a user's exports, such as the result of `safe()`, into declaration files. They
// can only name types that a module of the program exports, and a program that imports nothing but generated code has
// no other modules of this package. These lines add two, without adding exports.

export type {
  BidiStreamingMethod,
  ClientStreamingMethod,
  ServerStreamingMethod,
  UnaryMethod,
} from "./client/method.js";
export { bindStub } from "./client/stub.js";
export type { Init } from "./core/init.js";
export { Status } from "./core/status.js";
export {
  type DeclaredErrorInfoOptions,
  type DeclaredErrorOptions,
  type MethodErrors,
  methodErrors,
} from "./errors/contract.js";
export type { GRPCError } from "./errors/error.js";
export { type SharedErrors, sharedErrors } from "./errors/shared-errors.js";
export type { TypedErrorInfo } from "./errors/typed-error-info.js";
export type {} from "./index.js";
export type { ServerContext } from "./server/context.js";
export type { RequestStream, ResponseStream, SingleResponse } from "./server/handler.js";
export { implementPartial, type PartialHandlers } from "./server/partial-service.js";
export { type Handlers, implement, type ServiceV1 } from "./server/service.js";
export type { Transport } from "./transport/client.js";
export type {} from "./transport.js";
