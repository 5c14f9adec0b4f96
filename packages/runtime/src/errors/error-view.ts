import { createRegistry, type JsonObject, toJson } from "@bufbuild/protobuf";
import { AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import type { Inspect } from "../core/inspect.js";
import type { Metadata } from "../core/metadata.js";
import { Status } from "../core/status.js";
import { textOf } from "../core/text-of.js";
import { type Detail, rememberedSchema, Unknown } from "./detail.js";
import { knownDetailSchema } from "./detail-registry.js";

/** The properties of a `GRPCError` that are shown. */
interface ShownError extends Error {
  readonly status: Status;
  readonly statusMessage: string | undefined;
  readonly details: readonly Detail[] | undefined;
  readonly method: string | undefined;
  readonly peer: string | undefined;
  readonly origin: string | undefined;
  readonly metadata: Metadata | undefined;
}

/** Additional depth for details: they contain lists of messages, which Node's default depth would cut off. */
const EXTRA_DEPTH = 4;

/** Formats an error for `util.inspect`: status, message and stack, then the known properties of the call. */
export const showError: Inspect<ShownError> = (error, options, inspect) => {
  const stack = error.stack ?? String(error);
  const title = `${error.name}: ${error.message}`;
  const shown = stack.startsWith(title) ? stack.slice(title.length) : `\n${stack}`;
  const { method, peer, origin, details, cause } = error;
  const metadata = error.metadata?.size === 0 ? undefined : error.metadata;
  const known = definedOnly({ method, peer, origin, details, metadata, cause });
  const depth = options.depth == null ? options.depth : options.depth + EXTRA_DEPTH;
  const fields = Object.keys(known).length === 0 ? "" : ` ${inspect(known, { ...options, depth })}`;
  return `${error.name} [${Status[error.status]}]: ${error.message}${shown}${fields}`;
};

/** Converts an error to JSON for logs: without the stack, and with the cause as text. */
export function errorToJson(error: ShownError): object {
  const { name, statusMessage: message, details, method, peer, origin, metadata, cause } = error;
  return definedOnly({
    name,
    status: Status[error.status],
    message,
    details: details?.map(detailToJson),
    method,
    peer,
    origin,
    metadata: metadata?.toJSON(),
    cause: cause === undefined ? undefined : textOf(cause),
  });
}

/** Converts a detail to the JSON form of `google.protobuf.Any`: only its type if the rest cannot be converted. */
function detailToJson(detail: Detail): JsonObject {
  if (detail instanceof Unknown) return detail.toJSON();
  const type = { "@type": `type.googleapis.com/${detail.$typeName}` };
  const schema = rememberedSchema(detail) ?? knownDetailSchema(detail.$typeName);
  if (schema === undefined) return type;
  try {
    return toJson(AnySchema, anyPack(schema, detail), { registry: createRegistry(schema) }) as JsonObject;
  } catch {
    return type; // The detail contains an Any of an unknown type.
  }
}

function definedOnly<T extends object>(record: T): Partial<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>;
}
