import { Status } from "../core/status.js";

/**
 * The HTTP/2 error codes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-7
 */
export enum ResetCode {
  NO_ERROR = 0,
  PROTOCOL_ERROR = 1,
  INTERNAL_ERROR = 2,
  FLOW_CONTROL_ERROR = 3,
  SETTINGS_TIMEOUT = 4,
  STREAM_CLOSED = 5,
  FRAME_SIZE_ERROR = 6,
  REFUSED_STREAM = 7,
  CANCEL = 8,
  COMPRESSION_ERROR = 9,
  CONNECT_ERROR = 10,
  ENHANCE_YOUR_CALM = 11,
  INADEQUATE_SECURITY = 12,
  HTTP_1_1_REQUIRED = 13,
}

/** The status of a call whose stream the server has reset without sending a status. */
export function statusOfReset(code: number): Status {
  return statuses[code] ?? Status.INTERNAL;
}

/** A reset code as text, such as `CANCEL (8)`. */
export function describeReset(code: number): string {
  return `${ResetCode[code] ?? "unknown code"} (${code})`;
}

// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors. All other codes are INTERNAL.
const statuses: Readonly<Record<number, Status>> = {
  [ResetCode.NO_ERROR]: Status.UNKNOWN,
  [ResetCode.REFUSED_STREAM]: Status.UNAVAILABLE,
  [ResetCode.CANCEL]: Status.CANCELLED,
  [ResetCode.ENHANCE_YOUR_CALM]: Status.RESOURCE_EXHAUSTED,
  [ResetCode.INADEQUATE_SECURITY]: Status.PERMISSION_DENIED,
};
