import { expect, test } from "vitest";
import { Status } from "../../src/core/status.js";
import { describeReset, ResetCode, statusOfReset } from "../../src/wire/reset-code.js";

const codes: [code: number, name: string, status: keyof typeof Status][] = [
  [0, "NO_ERROR", "UNKNOWN"],
  [1, "PROTOCOL_ERROR", "INTERNAL"],
  [2, "INTERNAL_ERROR", "INTERNAL"],
  [3, "FLOW_CONTROL_ERROR", "INTERNAL"],
  [4, "SETTINGS_TIMEOUT", "INTERNAL"],
  [5, "STREAM_CLOSED", "INTERNAL"],
  [6, "FRAME_SIZE_ERROR", "INTERNAL"],
  [7, "REFUSED_STREAM", "UNAVAILABLE"],
  [8, "CANCEL", "CANCELLED"],
  [9, "COMPRESSION_ERROR", "INTERNAL"],
  [10, "CONNECT_ERROR", "INTERNAL"],
  [11, "ENHANCE_YOUR_CALM", "RESOURCE_EXHAUSTED"],
  [12, "INADEQUATE_SECURITY", "PERMISSION_DENIED"],
  [13, "HTTP_1_1_REQUIRED", "INTERNAL"],
];

test.for([...codes, [14, "unknown code", "INTERNAL"], [0xffff_ffff, "unknown code", "INTERNAL"]] as typeof codes)(
  "a reset with code %d (%s) means %s",
  ([code, name, status]) => {
    expect(statusOfReset(code)).toBe(Status[status]);
    expect(describeReset(code)).toBe(`${name} (${code})`);
  },
);

test("the table above lists all codes", () => {
  expect(codes.map(([code, name]) => [ResetCode[code], name])).toEqual(codes.map(([, name]) => [name, name]));
  expect(Object.keys(ResetCode)).toHaveLength(2 * codes.length);
});
