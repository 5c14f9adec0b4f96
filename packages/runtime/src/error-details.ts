/**
 * The schemas and types of the google.rpc error details, and what reads them.
 *
 * @see https://google.aip.dev/193
 * @module
 */
export { fieldViolations } from "./errors/field-violations.js";
export * from "./gen/google/rpc/error_details_pb.js";
