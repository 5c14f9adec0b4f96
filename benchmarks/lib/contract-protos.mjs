const errors = [
  `{status: NOT_FOUND, reason: "THING_NOT_FOUND", metadata: "name", details: "google.rpc.ResourceInfo"}`,
  `{status: INVALID_ARGUMENT, details: "google.rpc.BadRequest", optional_details: "google.rpc.Help"}`,
  `{status: FAILED_PRECONDITION, name: "THING_LOCKED", details: "Locked"}`,
  `{status: RESOURCE_EXHAUSTED, details: "google.rpc.QuotaFailure", details: "google.rpc.RetryInfo"}`,
  `{status: ABORTED, reason: "CONFLICT", metadata: ["etag", "expected"]}`,
  `{status: UNAUTHENTICATED, reason: "TOKEN_EXPIRED"}`,
];

/** A .proto file with a service that has `methods` methods. With `contracts`, each of them declares six errors. */
export function serviceProto({ methods, contracts }) {
  const rpcs = Array.from({ length: methods }, (_, i) => [
    `  // Gets thing ${i}.`,
    `  rpc GetThing${i}(GetThing${i}Request) returns (Thing${i}) {`,
    ...(contracts ? errors : []).flatMap((error) => [
      "    // It happens.",
      `    option (grpclib.v1.errors) = ${error};`,
    ]),
    "  }",
  ]);
  return [
    `syntax = "proto3";`,
    "package things.v1;",
    ...(contracts ? [`import "grpclib/v1/errors.proto";`] : []),
    "service ThingService {",
    ...rpcs.flat(),
    "}",
    ...Array.from({ length: methods }, (_, i) => [
      `message GetThing${i}Request { string name = 1; }`,
      `message Thing${i} { string name = 1; int64 size = 2; }`,
    ]).flat(),
    "message Locked { string by = 1; }",
    "",
  ].join("\n");
}
