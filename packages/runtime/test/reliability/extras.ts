import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { type BadRequest, BadRequestSchema } from "../../src/error-details.js";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.js";
import { Status } from "../../src/index.js";

const KIB = 1024;

type Pairs = Readonly<Record<string, string>>;

/** An error with a BadRequest. Its status is INVALID_ARGUMENT. */
interface Failure {
  readonly message: string;
  readonly violations: readonly { readonly field: string; readonly description: string }[];
}

/** What servers send with a response, besides its message. */
export interface Extras {
  readonly initial?: Pairs;
  readonly trailing?: Pairs;
  readonly failure?: Failure;
}

/** What a client has received with a response. */
export interface Received {
  readonly status: number;
  readonly message: string;
  /** The violations of a BadRequest. */
  readonly violations: number;
  /** Initial and trailing metadata. */
  readonly metadata: ReadonlyMap<string, unknown>;
}

function values(count: number, bytes: number): Pairs {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-key-${index}`, "v".repeat(bytes)]));
}

/** An error with 60 violations. @param bytes the size of its details */
function violations(bytes: number, message = "The request is not valid"): Failure {
  const description = "d".repeat(bytes / 60 - 26);
  return {
    message,
    violations: Array.from({ length: 60 }, (_, index) => ({ field: `books[${index}].author`, description })),
  };
}

/** Large metadata. */
export const largeMetadata: Readonly<Record<string, Pairs>> = {
  "70 KiB in a value": values(1, 70 * KIB),
  "70 KiB in ten values": values(10, 7 * KIB),
  "130 pairs": values(130, 5),
  "1,000 pairs": values(1000, 5),
};

/** Large errors. The sizes are those of their trailers, which are within what servers send by default. */
export const largeErrors: Readonly<Record<string, Extras>> = {
  "60 violations in 4 KiB": { failure: violations(3 * KIB) },
  "60 violations in 6.5 KiB": { failure: violations(4.8 * KIB) },
  "a message of 6.5 KiB": { failure: { message: "m".repeat(6.5 * KIB), violations: [] } },
  "trailing metadata of 6.5 KiB": { trailing: values(6, KIB) },
  "all of it in 6.5 KiB": { failure: violations(2.5 * KIB, "m".repeat(KIB)), trailing: values(1, 0.5 * KIB) },
};

/** What a request asks for with its text. */
const asked: Readonly<Record<string, Extras>> = {
  ...largeErrors,
  ...Object.fromEntries(Object.entries(largeMetadata).map(([name, initial]) => [`initial ${name}`, { initial }])),
};

const none: Extras = {};

/** What servers send to a request with a text, besides the message. */
export function extrasFor(text: string): Extras {
  return asked[text] ?? none;
}

/** Whether all of that has arrived. */
export function hasArrived(text: string, { status, message, ...received }: Received): boolean {
  const { initial, trailing, failure } = extrasFor(text);
  const expected = failure ?? { message: "", violations: [] };
  return (
    status === (failure === undefined ? Status.OK : Status.INVALID_ARGUMENT) &&
    message === expected.message &&
    received.violations === expected.violations.length &&
    Object.entries({ ...initial, ...trailing }).every(([key, value]) => received.metadata.get(key) === value)
  );
}

/** The details of an error. */
export function detailsOf({ violations: fieldViolations }: Failure): readonly BadRequest[] {
  return fieldViolations.length === 0 ? [] : [create(BadRequestSchema, { fieldViolations: [...fieldViolations] })];
}

/** The details of an error as servers send them in trailers: nothing without details. */
export function detailsPair(failure: Failure): Readonly<Record<string, Buffer>> {
  const details = detailsOf(failure).map((detail) => anyPack(BadRequestSchema, detail));
  if (details.length === 0) return {};
  const { message } = failure;
  const status = create(StatusSchema, { code: Status.INVALID_ARGUMENT, message, details });
  return { "grpc-status-details-bin": Buffer.from(toBinary(StatusSchema, status)) };
}

/** The number of violations in a `grpc-status-details-bin`. */
export function countViolations(statusDetails: unknown): number {
  if (!(statusDetails instanceof Buffer)) return 0;
  const [any] = fromBinary(StatusSchema, statusDetails).details;
  return (any && anyUnpack(any, BadRequestSchema))?.fieldViolations.length ?? 0;
}
