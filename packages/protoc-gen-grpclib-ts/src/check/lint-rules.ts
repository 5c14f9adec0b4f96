import { ContractError, type ValidityRule } from "../contracts/contract-error.js";
import { type DeclaredError, typeNames } from "../contracts/declared-error.js";
import { placesIn } from "../contracts/places.js";
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
        statuses.includes(error.status) &&
        !typeNames([...error.details, ...error.optionalDetails]).includes(detail) &&
        !(isRetry && error.retryable),
      ({ kind, status }) =>
        `${kind} has the status ${status}, but no ${detail}. Add it to optional_details${isRetry ? ", or set retryable" : ""}.`,
    ),
  };
}

/** Finds each declared error to which something applies. */
function each(
  applies: (error: DeclaredError) => boolean,
  say: (error: DeclaredError) => string,
): Rule<LintSubject>["find"] {
  return ({ errors }) => errors.filter(applies).map((error) => ({ message: say(error), place: error.place }));
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
