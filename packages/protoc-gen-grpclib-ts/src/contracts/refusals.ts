import { CodeSchema, type ErrorSpec } from "../gen/grpclib/v1/errors_pb.js";
import type { DeclaredDetail, DeclaredError } from "./declared-error.js";

/** A rule that something has to keep, and what to say where it does not. */
export interface Refusal<T> {
  readonly applies: (subject: T) => boolean;
  readonly say: (subject: T) => string;
}

/** An option, and the kind of error that it would declare. */
export interface Subject {
  readonly spec: ErrorSpec;
  readonly kind: string;
}

/** An error beside an earlier one of the same method. */
export interface Pair {
  readonly error: DeclaredError;
  readonly earlier: DeclaredError;
}

/** A detail beside the earlier ones of the same error. */
export interface DetailSubject {
  readonly kind: string;
  readonly detail: DeclaredDetail;
  readonly earlier: readonly DeclaredDetail[];
}

/** The name of an option's status, `undefined` where it is missing. */
export function statusOf({ status }: ErrorSpec): string | undefined {
  return status === 0 ? undefined : CodeSchema.value[status]?.name;
}

/** Refusals of an option by itself. */
export const specRefusals: readonly Refusal<Subject>[] = [
  {
    applies: ({ spec }) => statusOf(spec) === undefined,
    say: () => "An error needs a status. Add one, as in status: NOT_FOUND.",
  },
  {
    // https://google.aip.dev/193
    applies: ({ spec }) => spec.reason !== "" && !/^[A-Z][A-Z0-9_]{1,61}[A-Z0-9]$/.test(spec.reason),
    say: ({ spec }) =>
      `The reason "${spec.reason}" is not allowed (AIP-193). Write 3 to 63 capital letters, digits and underscores, ` +
      "as in BOOK_NOT_FOUND.",
  },
  {
    applies: ({ spec }) => spec.reason === "" && spec.metadata.length > 0,
    say: ({ kind }) => `${kind} has metadata, but no reason. Add the reason: both are parts of its ErrorInfo.`,
  },
  {
    applies: ({ spec }) => repeated(spec.metadata) !== undefined,
    say: ({ spec, kind }) => `${kind} lists the metadata "${repeated(spec.metadata)}" twice. Remove one of them.`,
  },
  {
    // A capital first: what JavaScript reserves, and the other members of a contract (`is`), begin with a small letter.
    applies: ({ kind }) => !/^[A-Z][A-Za-z0-9_]*$/.test(kind),
    say: ({ kind }) =>
      `An error cannot have the name "${kind}". Write letters, digits and underscores that begin with a capital ` +
      "letter, as in BOOK_NOT_FOUND.",
  },
];

/** Refusals of a detail. */
export const detailRefusals: readonly Refusal<DetailSubject>[] = [
  {
    applies: ({ detail }) => detail.type.typeName === "google.rpc.ErrorInfo",
    say: ({ kind }) => `${kind} lists google.rpc.ErrorInfo as a detail. Set reason (domain, metadata) instead.`,
  },
  {
    applies: ({ detail, earlier }) => earlier.some(({ type }) => type.typeName === detail.type.typeName),
    say: ({ kind, detail }) =>
      `${kind} lists ${detail.type.typeName} twice. Remove one of them: an error has one detail of a type.`,
  },
  {
    applies: ({ detail, earlier }) =>
      ["errorInfo", "metadata", "__proto__", ...earlier.map(({ property }) => property)].includes(detail.property),
    say: ({ kind, detail }) =>
      `${kind} has no room for ${detail.type.typeName}: the property "${detail.property}" of its data is taken. ` +
      "Use a message with another name.",
  },
];

/** Refusals of two errors of one method. */
export const pairRefusals: readonly Refusal<Pair>[] = [
  {
    applies: ({ error, earlier }) => error.kind === earlier.kind,
    say: ({ error }) => `There are two errors with the name ${error.kind}. Set name in one of them.`,
  },
  {
    applies: ({ error, earlier }) => mayBe(error, earlier) || mayBe(earlier, error),
    say: ({ error, earlier }) =>
      `A client cannot tell ${error.kind} from ${earlier.kind}. Give one of them a reason, or another detail.`,
  },
];

/**
 * Whether an error may be taken for another one. The runtime tries what has more
 * required details first, and an error may carry its optional ones.
 */
function mayBe(error: DeclaredError, other: DeclaredError): boolean {
  const sent = [...error.details, ...error.optionalDetails].map(({ type }) => type.typeName);
  return (
    error.status === other.status &&
    error.reason === other.reason &&
    (error.reason === "" || error.domain === other.domain) &&
    other.details.length >= error.details.length &&
    other.details.every(({ type }) => sent.includes(type.typeName))
  );
}

function repeated(items: readonly string[]): string | undefined {
  return items.find((item, i) => items.indexOf(item) !== i);
}
