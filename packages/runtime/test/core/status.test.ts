import { expect, test } from "vitest";
import { isFailure, isStatus, Status } from "../../src/core/status.js";

// https://grpc.github.io/grpc/core/md_doc_statuscodes.html
const codes: [name: keyof typeof Status, code: number][] = [
  ["OK", 0],
  ["CANCELLED", 1],
  ["UNKNOWN", 2],
  ["INVALID_ARGUMENT", 3],
  ["DEADLINE_EXCEEDED", 4],
  ["NOT_FOUND", 5],
  ["ALREADY_EXISTS", 6],
  ["PERMISSION_DENIED", 7],
  ["RESOURCE_EXHAUSTED", 8],
  ["FAILED_PRECONDITION", 9],
  ["ABORTED", 10],
  ["OUT_OF_RANGE", 11],
  ["UNIMPLEMENTED", 12],
  ["INTERNAL", 13],
  ["UNAVAILABLE", 14],
  ["DATA_LOSS", 15],
  ["UNAUTHENTICATED", 16],
];

test.for(codes)("%s is status %d", ([name, code]) => {
  expect(Status[name]).toBe(code);
  expect(Status[code]).toBe(name);
  expect(isStatus(code)).toBe(true);
  expect(isFailure(code)).toBe(name !== "OK");
});

test("there are no other statuses", () => {
  expect(Object.keys(Status)).toHaveLength(2 * codes.length);
});

test.for([-1, 17, 255, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "OK", "5", undefined])(
  "%s is not a status",
  (code) => {
    expect(isStatus(code)).toBe(false);
    expect(isFailure(code)).toBe(false);
  },
);
