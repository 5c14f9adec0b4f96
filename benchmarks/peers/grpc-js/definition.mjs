import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { EchoService } from "../../gen/bench/v1/echo_pb.js";

/** The service definition for grpc-js and nice-grpc, with functions that encode and decode messages. */
export const echoDefinition = Object.fromEntries(
  EchoService.methods.map((method) => [method.localName, define(method)]),
);

function define({ name, input, output, methodKind }) {
  return {
    path: `/${EchoService.typeName}/${name}`,
    requestStream: methodKind === "client_streaming" || methodKind === "bidi_streaming",
    responseStream: methodKind === "server_streaming" || methodKind === "bidi_streaming",
    requestSerialize: serializer(input),
    requestDeserialize: (bytes) => fromBinary(input, bytes),
    responseSerialize: serializer(output),
    responseDeserialize: (bytes) => fromBinary(output, bytes),
  };
}

function serializer(schema) {
  return (message) => {
    const bytes = toBinary(schema, message);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}
