/**
 * Checks requests against the protovalidate rules of their `.proto` files. Needs
 * the package `@bufbuild/protovalidate`, and runs on any platform.
 *
 * @module
 */
export type { ValidateOptions } from "./validate/options.js";
export { validate } from "./validate/validate.js";
