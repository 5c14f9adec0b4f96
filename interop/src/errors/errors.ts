import { readFileSync } from "node:fs";
import { createRegistry, type DescMessage, fromJson, type JsonValue, type Message, toJson } from "@bufbuild/protobuf";
import { AnySchema, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import type { Status } from "@grpclib-ts/runtime";
import { file_google_rpc_error_details } from "@grpclib-ts/runtime/error-details";
import { file_interop_v1_errors } from "../gen/interop/v1/errors_pb.js";
import { file_interop_v1_unlisted } from "../gen/interop/v1/unlisted_pb.js";

/** An error, without the name that it has in errors.json. */
export interface ErrorContent {
  readonly code: Status;
  readonly message: string;
  /** Each is a `google.protobuf.Any` in JSON. */
  readonly details?: readonly JsonValue[] | undefined;
  /** Trailing metadata, with bytes in base64. */
  readonly metadata?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** An error in errors.json, which the test programs in all languages share. */
export interface SharedError extends ErrorContent {
  readonly name: string;
}

/** The types of all details in errors.json. */
export const detailTypes = createRegistry(
  file_google_rpc_error_details,
  file_interop_v1_errors,
  file_interop_v1_unlisted,
);

/** The errors in errors.json. */
export const errors: readonly SharedError[] = JSON.parse(
  readFileSync(new URL("../../errors.json", import.meta.url), "utf8"),
).errors;

/** The error with this name. @throws Error if there is none */
export function errorNamed(name: string): SharedError {
  const error = errors.find((error) => error.name === name);
  if (error === undefined) throw new Error(`errors.json has no error "${name}"`);
  return error;
}

/** The details of an error as messages. */
export function detailsOf({ details }: SharedError): Message[] | undefined {
  return details?.map((json) => {
    const any = fromJson(AnySchema, json, { registry: detailTypes });
    const message = anyUnpack(any, detailTypes);
    if (message === undefined) throw new Error(`The type ${any.typeUrl} is not known`);
    return message;
  });
}

/** Converts a detail to the form that it has in errors.json. */
export function messageJson(message: Message): JsonValue {
  return toJson(AnySchema, anyPack(schemaOf(message), message), { registry: detailTypes });
}

/** The schema of a detail. */
export function schemaOf({ $typeName: name }: Message): DescMessage {
  const schema = detailTypes.getMessage(name);
  if (schema === undefined) throw new Error(`The type ${name} is not known`);
  return schema;
}
