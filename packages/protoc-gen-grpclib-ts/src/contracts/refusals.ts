import { CodeSchema, type ErrorSpec } from "../gen/grpclib/v1/errors_pb.js";
import type { ValidityRule } from "./contract-error.js";
import { type DeclaredDetail, type DeclaredError, possibleDetails } from "./declared-error.js";

/** A rule, and the error for a subject that breaks it. */
export interface Refusal<T> {
  /** Whether the subject breaks the rule. */
  readonly applies: (subject: T) => boolean;
  /** The error message: what is wrong, and how to fix it. */
  readonly say: (subject: T) => string;
  /** The rule by which `buf lint` reports it. Default: `GRPCLIB_CONTRACT_VALID`. */
  readonly rule?: ValidityRule;
}

/** An option, and the kind of the error that it declares. */
export interface Subject {
  readonly spec: ErrorSpec;
  readonly kind: string;
}

/** An error, and an earlier error of the same method. */
export interface Pair {
  readonly error: DeclaredError;
  readonly earlier: DeclaredError;
  /** Whether the service declares the earlier error for all of its methods. */
  readonly isCommon: boolean;
}

/** A detail, and the earlier details of the same error. */
export interface DetailSubject {
  readonly kind: string;
  readonly detail: DeclaredDetail;
  readonly earlier: readonly DeclaredDetail[];
}

/** The name in generated code that an option gives its error; empty if it has no status either. */
export function kindOf(spec: ErrorSpec): string {
  return spec.name || spec.reason || (statusOf(spec) ?? "");
}

/** The name of an option's status; `undefined` if the status is missing or unknown. */
export function statusOf({ status }: ErrorSpec): string | undefined {
  return status === 0 ? undefined : CodeSchema.value[status]?.name;
}

/** The rules for a single option. */
export const specRefusals: readonly Refusal<Subject>[] = [
  {
    // An option with `shared` does not set the status itself.
    applies: ({ spec }) => spec.shared === "" && statusOf(spec) === undefined,
    say: () => "An error needs a status. Add one, as in status: NOT_FOUND.",
  },
  {
    // https://google.aip.dev/193
    rule: "GRPCLIB_REASON_UPPER_SNAKE_CASE",
    applies: ({ spec }) => spec.reason !== "" && !/^[A-Z][A-Z0-9_]{1,61}[A-Z0-9]$/.test(spec.reason),
    say: ({ spec }) =>
      `The reason "${spec.reason}" is not allowed (AIP-193). Write 3 to 63 capital letters, digits and underscores, ` +
      "starting with a letter and not ending with an underscore, as in BOOK_NOT_FOUND.",
  },
  {
    applies: ({ spec }) => spec.reason === "" && spec.metadata.length > 0,
    say: ({ kind }) => `${kind} has metadata but no reason. Add a reason: both belong to the same ErrorInfo.`,
  },
  {
    applies: ({ spec }) => spec.reason === "" && spec.domain !== "",
    say: ({ kind }) => `${kind} has a domain but no reason. Add a reason: both belong to the same ErrorInfo.`,
  },
  {
    applies: ({ spec }) => spec.reason === "" && spec.retryable,
    say: ({ kind }) =>
      `${kind} is retryable but has no reason. Add a reason: without one, an error of a proxy could match, although ` +
      "the server may have processed the request.",
  },
  {
    // https://google.aip.dev/193
    rule: "GRPCLIB_METADATA_LOWER_CAMEL_CASE",
    applies: ({ spec }) => wrongKey(spec) !== undefined,
    say: ({ spec, kind }) =>
      `${kind} has the metadata key ${JSON.stringify(wrongKey(spec))}, which is not in lowerCamelCase (AIP-193). Write ` +
      "1 to 64 letters and digits, starting with a small letter, as in bookName.",
  },
  {
    applies: ({ spec }) => firstDuplicate(spec.metadata) !== undefined,
    say: ({ spec, kind }) =>
      `${kind} lists the metadata key "${firstDuplicate(spec.metadata)}" twice. Remove one of them.`,
  },
  {
    // The capital letter keeps a name from clashing with reserved words, and with `is`, a member of every contract.
    applies: ({ spec }) => spec.name !== "" && !/^[A-Z][A-Za-z0-9_]*$/.test(spec.name),
    say: ({ spec }) =>
      `An error cannot have the name "${spec.name}". Write letters, digits and underscores, starting with a capital ` +
      "letter, as in BOOK_NOT_FOUND.",
  },
];

function wrongKey({ metadata }: ErrorSpec): string | undefined {
  return metadata.find((key) => !/^[a-z][A-Za-z0-9]{0,63}$/.test(key));
}

/** The rules for a detail. */
export const detailRefusals: readonly Refusal<DetailSubject>[] = [
  {
    applies: ({ detail }) => detail.type.typeName === "google.rpc.ErrorInfo",
    say: ({ kind }) =>
      `${kind} lists google.rpc.ErrorInfo as a detail. Set reason, and optionally domain and metadata, instead.`,
  },
  {
    applies: ({ detail, earlier }) => earlier.some(({ type }) => type.typeName === detail.type.typeName),
    say: ({ kind, detail }) =>
      `${kind} lists ${detail.type.typeName} twice. Remove one of them: an error has at most one detail of each type.`,
  },
  {
    applies: ({ detail, earlier }) =>
      ["errorInfo", "metadata", "__proto__", ...earlier.map(({ property }) => property)].includes(detail.property),
    say: ({ kind, detail }) =>
      `${kind} cannot have the detail ${detail.type.typeName}: the property "${detail.property}" of its data is ` +
      "already taken. Use a message with another name, for example one of your own that has a field of this type.",
  },
];

/** The rules for two errors of the same method. */
export const pairRefusals: readonly Refusal<Pair>[] = [
  {
    // Another name alone would not help, because clients do not see it.
    applies: (pair) => areAlike(pair) && pair.error.kind === pair.earlier.kind,
    say: ({ error, earlier, isCommon }) =>
      isCommon
        ? `The service declares ${error.kind} for all of its methods. Remove it from this method.`
        : `${error.kind} is declared twice. Remove one of them${error === earlier ? "" : ", or give it another reason"}.`,
  },
  {
    applies: areAlike,
    say: ({ error, earlier }) =>
      `A client cannot tell ${error.kind} from ${earlier.kind}. Give one of them a different reason or detail.`,
  },
  {
    applies: ({ error, earlier }) => error.kind === earlier.kind,
    say: (pair) => `Two errors of a ${ownerOf(pair)} have the name ${pair.error.kind}. Set name in ${renamable(pair)}.`,
  },
];

function ownerOf({ error, earlier }: Pair): string {
  return error.sharedBy !== undefined && error.sharedBy === earlier.sharedBy ? "file" : "method";
}

/** The error of a pair that can get another name where the method declares it: not a shared one. */
function renamable({ error, earlier }: Pair): string {
  const shared = [error, earlier].filter(({ sharedBy }) => sharedBy !== undefined);
  return ["one of them", "the one that is not shared", "the declaration of one of them"][shared.length] ?? "";
}

/** Whether a client could take one of two errors of the same method for the other. */
export function areAlike({ error, earlier }: Pick<Pair, "error" | "earlier">): boolean {
  return canMatch(error, earlier) || canMatch(earlier, error);
}

/**
 * Whether a received `error` can match the contract of `other`. The runtime tries
 * the contracts with more required details first. So `error` can match `other` if
 * `other` has at least as many required details as `error`, and `error` may carry
 * them all, counting its optional details and the LocalizedMessage of the server.
 */
function canMatch(error: DeclaredError, other: DeclaredError): boolean {
  const sent = possibleDetails(error);
  return (
    error.status === other.status &&
    error.reason === other.reason &&
    (error.reason === "" || error.domain === other.domain) &&
    other.details.length >= error.details.length &&
    other.details.every(({ type }) => sent.includes(type.typeName))
  );
}

function firstDuplicate(items: readonly string[]): string | undefined {
  return items.find((item, i) => items.indexOf(item) !== i);
}
