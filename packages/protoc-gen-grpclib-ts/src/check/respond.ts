import {
  create,
  createRegistry,
  type DescMessage,
  fromBinary,
  fromJsonString,
  type Message,
  type MessageInitShape,
  type MessageShape,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { file_buf_plugin_check_v1_check_service } from "../gen/buf/plugin/check/v1/check_service_pb.js";
import { file_grpclib_v1_errors } from "../gen/grpclib/v1/errors_pb.js";
import { Code, RequestSchema, ResponseSchema } from "../gen/pluginrpc/v1/pluginrpc_pb.js";
import { InputError } from "../input-error.js";
import type { Procedure } from "./procedures.js";

/** What the JSON of a google.protobuf.Any, or of options, can contain. */
const registry = createRegistry(file_buf_plugin_check_v1_check_service, file_grpclib_v1_errors);

/** How messages are encoded. */
export interface Format {
  decode<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc>;
  encode<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Uint8Array;
}

/** The formats by the values of `--format`. */
export const formats: { readonly [name: string]: Format } = {
  binary: { decode: fromBinary, encode: toBinary },
  json: {
    decode: (schema, bytes) =>
      fromJsonString(schema, new TextDecoder().decode(bytes), { registry, ignoreUnknownFields: true }),
    encode: (schema, message) => new TextEncoder().encode(`${toJsonString(schema, message, { registry })}\n`),
  },
};

/** Calls a procedure. Never throws: the response to an invalid request has an `error`, which buf shows to its user. */
export function respond(bytes: Uint8Array, procedure: Procedure, format: Format): Uint8Array {
  const write = (response: MessageInitShape<typeof ResponseSchema>) =>
    format.encode(ResponseSchema, create(ResponseSchema, response));
  try {
    return write({ value: anyPack(procedure.output, procedure.call(readRequest(bytes, procedure, format))) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof InputError) return write({ error: { code: Code.INVALID_ARGUMENT, message } });
    return write({
      error: { code: Code.INTERNAL, message: `A bug in buf-plugin-grpclib-ts, please report it: ${message}` },
    });
  }
}

/** The message in a request; an empty one if there is none. */
function readRequest(bytes: Uint8Array, { input }: Procedure, { decode }: Format): Message {
  try {
    const { value } = decode(RequestSchema, bytes);
    const message = value === undefined ? create(input) : anyUnpack(value, input);
    if (message === undefined) throw new Error(`it has a "${value?.typeUrl}"`);
    return message;
  } catch (cause) {
    const problem = `Standard input does not contain a request with a ${input.typeName}: ${(cause as Error).message}.`;
    throw new InputError(`${problem} Do not run the plugin directly: list it in buf.yaml.`, { cause });
  }
}
