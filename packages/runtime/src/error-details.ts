/**
 * The schemas and types of the google.rpc error details.
 *
 * @see https://google.aip.dev/193
 * @module
 */
export * from "./gen/google/rpc/error_details_pb.js";
