/**
 * The error details of google.rpc: schemas and types.
 *
 * @see https://google.aip.dev/193
 * @module
 */
export * from "./gen/google/rpc/error_details_pb.js";
