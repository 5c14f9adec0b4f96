import { readFileSync } from "node:fs";
import { createRegistry, fromJson, type JsonValue, type Message } from "@bufbuild/protobuf";
import { AnySchema, anyUnpack } from "@bufbuild/protobuf/wkt";
import type { Status } from "@grpclib-ts/runtime";
import { file_google_rpc_error_details } from "@grpclib-ts/runtime/error-details";
import { file_interop_v1_errors } from "../gen/interop/v1/errors_pb.js";
import { file_interop_v1_unlisted } from "../gen/interop/v1/unlisted_pb.js";

/** An error in errors.json, which the test programs in all languages share. */
export interface SharedError {
  readonly name: string;
  readonly code: Status;
  readonly message: string;
  /** Each is a `google.protobuf.Any` in JSON. */
  readonly details?: readonly JsonValue[];
}

/** The types of all details in errors.json. */
export const detailTypes = createRegistry(
  file_google_rpc_error_details,
  file_interop_v1_errors,
  file_interop_v1_unlisted,
);

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

const errors: readonly SharedError[] = JSON.parse(
  readFileSync(new URL("../../errors.json", import.meta.url), "utf8"),
).errors;
