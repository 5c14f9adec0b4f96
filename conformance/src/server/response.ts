import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ConformancePayloadSchema } from "../gen/connectrpc/conformance/v1/service_pb.js";

/** A response of any of the service's methods. */
export interface Response {
  readonly payload: MessageInitShape<typeof ConformancePayloadSchema>;
}
