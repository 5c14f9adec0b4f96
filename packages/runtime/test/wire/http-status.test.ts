import { expect, test } from "vitest";
import { Status } from "../../src/core/status.js";
import { statusOfHttpStatus } from "../../src/wire/http-status.js";

// https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
test.for<[httpStatus: number, status: keyof typeof Status]>([
  [400, "INTERNAL"],
  [401, "UNAUTHENTICATED"],
  [403, "PERMISSION_DENIED"],
  [404, "UNIMPLEMENTED"],
  [429, "UNAVAILABLE"],
  [502, "UNAVAILABLE"],
  [503, "UNAVAILABLE"],
  [504, "UNAVAILABLE"],
  [0, "UNKNOWN"],
  [204, "UNKNOWN"],
  [301, "UNKNOWN"],
  [402, "UNKNOWN"],
  [405, "UNKNOWN"],
  [408, "UNKNOWN"],
  [415, "UNKNOWN"],
  [500, "UNKNOWN"],
  [501, "UNKNOWN"],
  [505, "UNKNOWN"],
  [999, "UNKNOWN"],
])("HTTP status %d is %s", ([httpStatus, status]) => {
  expect(statusOfHttpStatus(httpStatus)).toBe(Status[status]);
});
