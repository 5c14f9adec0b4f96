import { ContractError, type ValidityRule } from "../contracts/contract-error.js";
import { type DeclaredError, possibleDetails, typeNames } from "../contracts/declared-error.js";
import { placesIn } from "../contracts/places.js";
import { areAlike } from "../contracts/refusals.js";
import type { LintedService, LintSubject } from "./lint-subject.js";
import type { Finding, Rule } from "./rule.js";

/** The rules for `buf lint`. docs/contract-checks.md says why. */
export const lintRules: readonly Rule<LintSubject>[] = [
  valid("GRPCLIB_REASON_UPPER_SNAKE_CASE", "Checks that reasons are in UPPER_SNAKE_CASE (AIP-193)."),
  valid("GRPCLIB_METADATA_LOWER_CAMEL_CASE", "Checks that metadata keys are in lowerCamelCase (AIP-193)."),
  valid("GRPCLIB_CONTRACT_VALID", "Checks that protoc-gen-grpclib-ts accepts the options that declare errors."),
  {
    id: "GRPCLIB_COMMENT_ERROR",
    categories: [],
    purpose: "Checks that declared errors have comments.",
    find: each(
      ({ comment }) => comment === "",
      ({ kind }) =>
        `${kind} has no comment. Say when it occurs in a comment above its option. Comments inside braces are lost.`,
    ),
  },
  carries("GRPCLIB_DETAIL_BAD_REQUEST", "BadRequest", ["INVALID_ARGUMENT"]),
  carries("GRPCLIB_DETAIL_RESOURCE_INFO", "ResourceInfo", ["NOT_FOUND", "ALREADY_EXISTS"]),
  carries("GRPCLIB_DETAIL_RETRY_INFO", "RetryInfo", ["RESOURCE_EXHAUSTED", "UNAVAILABLE"]),
  {
    id: "GRPCLIB_STATUS_NO_RUNTIME",
    categories: [],
    purpose: "Checks that no error is declared with CANCELLED, UNKNOWN, DEADLINE_EXCEEDED or INTERNAL.",
    find: each(
      ({ status }) => runtimeStatuses.has(status),
      ({ kind, status }) =>
        `${kind} has the status ${status}, with which any call can fail. Clients handle it in one place: do not declare it.`,
    ),
  },
  {
    id: "GRPCLIB_ERROR_SERVICE_WIDE",
    categories: [],
    purpose: "Checks that errors that every method of a service declares are declared once, on the service.",
    find: ({ service }) => (service === undefined ? [] : findRepeated(service)),
  },
];

const runtimeStatuses: ReadonlySet<string> = new Set(["CANCELLED", "UNKNOWN", "DEADLINE_EXCEEDED", "INTERNAL"]);

/** A rule that the generator enforces too. */
function valid(id: ValidityRule, purpose: string): Rule<LintSubject> {
  const find = ({ faults }: LintSubject) =>
    faults.all.flatMap((fault) =>
      fault instanceof ContractError && fault.rule === id ? [{ message: fault.problem, place: fault.place }] : [],
    );
  return { id, categories: [], purpose, find };
}

/** A rule that errors with some statuses have a detail of google.rpc. */
function carries(id: string, name: string, statuses: readonly string[]): Rule<LintSubject> {
  const detail = `google.rpc.${name}`;
  // Clients repeat calls that failed with a retryable error by themselves.
  const isRetry = name === "RetryInfo";
  return {
    id,
    categories: ["GRPCLIB_DETAILS"],
    purpose: `Checks that errors with the status ${statuses.join(" or ")} can have a ${detail}.`,
    find: each(
      (error) =>
        statuses.includes(error.status) && !possibleDetails(error).includes(detail) && !(isRetry && error.retryable),
      (error, { lists }) => {
        const { kind, status, reason } = error;
        const alike = findAlike(error, detail, lists());
        const retryable = reason === "" && alike === undefined ? "retryable and a reason" : "retryable";
        const addition = `Add it to optional_details${isRetry ? `, or set ${retryable}` : ""}.`;
        const problem = `${kind} has the status ${status}, but no ${detail}. ${addition}`;
        if (alike === undefined) return problem;
        const advice = reason === "" ? "add a reason: without one" : "write another reason: with this one";
        return `${problem} Also ${advice}, a client could not tell ${kind} from ${alike.kind}.`;
      },
    ),
  };
}

/** The error for which a client could take another one that gets an optional detail. */
function findAlike(
  error: DeclaredError,
  typeName: string,
  lists: readonly (readonly DeclaredError[])[],
): DeclaredError | undefined {
  const detail = { property: "", type: { typeName } };
  const complete = { ...error, optionalDetails: [...error.optionalDetails, detail] };
  const others = lists.filter((list) => list.includes(error)).flat();
  return others.find((other) => other !== error && areAlike({ error: complete, earlier: other }));
}

/** Finds each declared error to which something applies. */
function each(
  applies: (error: DeclaredError) => boolean,
  say: (error: DeclaredError, subject: LintSubject) => string,
): Rule<LintSubject>["find"] {
  return (subject) =>
    subject.errors.filter(applies).map((error) => ({ message: say(error, subject), place: error.place }));
}

/** Finds the errors that all methods of a service declare. */
function findRepeated({ desc, methods }: LintedService): Finding[] {
  const [first = [], ...others] = methods.values();
  if (others.length === 0) return [];
  const repeated = first.filter((error) => others.every((list) => list.some((other) => areEqual(error, other))));
  return repeated.map(({ kind, place, sharedBy }) => ({
    // A shared error may be declared in another file, which has nothing to do with it.
    place: sharedBy === undefined ? place : placesIn(desc.file).place([6, desc.file.services.indexOf(desc)]),
    message: `Every method of ${desc.name} declares ${kind}. Declare it once, in service_errors.`,
  }));
}

/** Whether two errors are the same for clients, whatever the order in which they list metadata and details. */
function areEqual(one: DeclaredError, other: DeclaredError): boolean {
  const [a, b] = [one, other].map(({ comment, place, sharedBy, metadata, details, optionalDetails, ...others }) => {
    const lists = [metadata, typeNames(details), typeNames(optionalDetails)];
    return JSON.stringify([others, lists.map((list) => list.toSorted())]);
  });
  return a === b;
}
