import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { ErrorService } from "../gen/interop/v1/errors_pb.js";

/** The ErrorService for grpc-js and nice-grpc. */
export const definition = {
  raise: define(ErrorService.method.raise, false),
  raiseLater: define(ErrorService.method.raiseLater, true),
} as const;

interface Method<Input, Output> {
  readonly name: string;
  readonly input: Input;
  readonly output: Output;
}

function define<Input extends DescMessage, Output extends DescMessage, Streaming extends boolean>(
  { name, input, output }: Method<Input, Output>,
  responseStream: Streaming,
) {
  return {
    path: `/${ErrorService.typeName}/${name}`,
    requestStream: false as const,
    responseStream,
    requestSerialize: (message: MessageShape<Input>) => Buffer.from(toBinary(input, message)),
    requestDeserialize: (bytes: Uint8Array) => fromBinary(input, bytes),
    responseSerialize: (message: MessageShape<Output>) => Buffer.from(toBinary(output, message)),
    responseDeserialize: (bytes: Uint8Array) => fromBinary(output, bytes),
  };
}
