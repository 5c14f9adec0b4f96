import { protoCamelCase } from "@bufbuild/protobuf/reflect";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import { type BadRequest_FieldViolation, BadRequestSchema } from "../gen/google/rpc/error_details_pb.js";
import { type Detail, findDetail } from "./detail.js";
import { GRPCError } from "./error.js";

/**
 * What is wrong with the fields of a request, for the forms of user interfaces: the
 * messages for each field, from the `google.rpc.BadRequest` details of an error.
 *
 * The keys are the paths of the fields in JSON, such as `shipTo.zipCode` or
 * `items[2].sku`, whether the server sent `ship_to.zip_code` or `shipTo.zipCode`. What
 * is in brackets stays as it is. Violations without a field have the key `""`. A
 * message is the `localized_message` of the violation, if the server sent one, or else
 * its `description`.
 *
 * Never throws. For values that are not a `GRPCError`, and for errors without such
 * details, the map is empty. Malformed details and violations are left out.
 */
export function fieldViolations(error: unknown): ReadonlyMap<string, readonly string[]> {
  const messages = new Map<string, string[]>();
  for (const detail of detailsOf(error)) {
    // A server may send several BadRequests, and one that cannot be read must not hide the others.
    const badRequest = tryOrUndefined(() => findDetail([detail], BadRequestSchema));
    for (const violation of tryOrUndefined(() => [...(badRequest?.fieldViolations ?? [])]) ?? []) {
      const read = tryOrUndefined(() => readViolation(violation));
      if (read === undefined) continue;
      const [path, message] = read;
      const earlier = messages.get(path);
      if (earlier === undefined) messages.set(path, [message]);
      else earlier.push(message);
    }
  }
  return messages;
}

function detailsOf(error: unknown): readonly Detail[] {
  return tryOrUndefined(() => (error instanceof GRPCError ? [...(error.details ?? [])] : undefined)) ?? [];
}

/** The path and the message of a violation; `undefined` if one of them is not a text. */
function readViolation(violation: BadRequest_FieldViolation): readonly [path: string, message: string] | undefined {
  const { field, description, localizedMessage } = violation;
  const message: unknown = localizedMessage?.message || description;
  return typeof field === "string" && typeof message === "string" ? [jsonPath(field), message] : undefined;
}

/** The path of a field with the names that the fields have in JSON. Takes time in proportion to its length. */
function jsonPath(field: string): string {
  const parts: string[] = [];
  let end = 0;
  while (end < field.length) {
    const open = field.indexOf("[", end);
    const names = open === -1 ? field.slice(end) : field.slice(end, open);
    // A dot is not a letter, so this converts each name on its own.
    parts.push(protoCamelCase(names));
    if (open === -1) break;
    end = endOfKey(field, open + 1);
    parts.push(field.slice(open, end));
  }
  return parts.join("");
}

/** Where the bracket closes that begins before `start`. A quoted key may contain brackets and escaped quotes. */
function endOfKey(field: string, start: number): number {
  let position = start;
  const quote = field[start];
  if (quote === '"' || quote === "'") {
    position += 1;
    while (position < field.length && field[position] !== quote) position += field[position] === "\\" ? 2 : 1;
  }
  const close = field.indexOf("]", position);
  return close === -1 ? field.length : close + 1;
}
