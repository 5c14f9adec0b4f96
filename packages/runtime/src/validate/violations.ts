import { create, toBinary } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import type { Violation } from "@bufbuild/protovalidate";
import { type BadRequest_FieldViolation, BadRequest_FieldViolationSchema, BadRequestSchema } from "../error-details.js";
import { detail, GRPCError, type GRPCErrorOptions, Status } from "../index.js";

/** The error details of a call have to fit into trailers of 7 KiB, encoded in base64, with the rest of the trailers. */
const MAX_BYTES = 4096;
/** Paths have keys of maps, and messages have values: as long as the client wants. */
const MAX_CHARACTERS = 300;

/** What an error says about violations. */
export interface Refusal {
  /** The path of the method. */
  readonly method: string;
  readonly violations: readonly Violation[];
  /** Whether these are all violations of the request. */
  readonly complete: boolean;
}

/** INVALID_ARGUMENT, with as many violations as fit into the trailers of a call. */
export function refusal({ method, violations, complete }: Refusal, options: GRPCErrorOptions): GRPCError {
  const fieldViolations = firstOf(violations);
  const what =
    fieldViolations.length < violations.length
      ? `the request is not valid; the first ${fieldViolations.length} of ${violations.length} violations are listed`
      : `${subjectOf(fieldViolations)} not valid${complete ? "" : "; there may be more violations"}`;
  const details = [detail(BadRequestSchema, { fieldViolations })];
  return new GRPCError(Status.INVALID_ARGUMENT, `${method}: ${what}`, details, options);
}

/** A violation without a field is one of the request. */
function subjectOf(violations: readonly BadRequest_FieldViolation[]): string {
  const fields = new Set(violations.map(({ field }) => field).filter((field) => field !== ""));
  if (fields.size === 0) return "the request is";
  return fields.size === 1 ? "1 field is" : `${fields.size} fields are`;
}

/** Makes the paths of the listed violations only: all paths may have the same long key of a map. */
function firstOf(violations: readonly Violation[]): BadRequest_FieldViolation[] {
  const list: BadRequest_FieldViolation[] = [];
  let bytes = 0;
  for (const { field, ruleId, message } of violations) {
    const violation = create(BadRequest_FieldViolationSchema, {
      field: shorten(pathToString(field)),
      reason: shorten(ruleId),
      description: shorten(message),
    });
    bytes += toBinary(BadRequest_FieldViolationSchema, violation).length;
    if (bytes > MAX_BYTES) break;
    list.push(violation);
  }
  return list;
}

/** Does not cut a character in two. */
function shorten(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  return `${text.slice(0, MAX_CHARACTERS - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
