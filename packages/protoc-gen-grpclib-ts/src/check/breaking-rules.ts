import { type DeclaredError, typeNames } from "../contracts/declared-error.js";
import type { Change, Declarer } from "./compare.js";
import type { Category, Finding, Rule } from "./rule.js";

const oldClients: Category = "GRPCLIB_OLD_CLIENTS";
const newClients: Category = "GRPCLIB_NEW_CLIENTS";
const source: Category = "GRPCLIB_SOURCE";

type Items = (error: DeclaredError) => readonly string[];

const required: Items = ({ details }) => typeNames(details);
const optional: Items = ({ optionalDetails }) => typeNames(optionalDetails);
const possible: Items = (error) => [...required(error), ...optional(error)];
const keys: Items = ({ metadata }) => metadata;
const marks: Items = ({ retryable }) => (retryable ? ["retryable"] : []);

/** The rules for `buf breaking`. docs/contract-checks.md says who breaks, and what to do instead. */
export const breakingRules: readonly Rule<Change>[] = [
  {
    id: "GRPCLIB_METHOD_NO_DELETE_ERRORS",
    categories: [oldClients, newClients, source],
    purpose: "Checks that methods that declare errors still declare some.",
    find: (change) => (change.emptied ? noLonger(change, change.emptied, "any errors") : []),
  },
  {
    id: "GRPCLIB_ERROR_NO_DELETE",
    categories: [oldClients, newClients, source],
    purpose: "Checks that errors are not deleted, unless the method no longer declares any.",
    find: (change) => (change.after || change.emptied ? [] : noLonger(change, change.declarer, change.before.kind)),
  },
  same(
    "name",
    [source],
    ({ kind }) => kind,
    ({ kind }) => `Set name: "${kind}".`,
  ),
  same("status", [oldClients, newClients], ({ status }) => status),
  same("reason", [oldClients, newClients], ({ reason }) => reason),
  same("domain", [oldClients, newClients], ({ domain }) => domain),
  {
    id: "GRPCLIB_DETAIL_NO_DELETE_REQUIRED",
    categories: [oldClients, source],
    purpose: "Checks that required details are neither deleted nor made optional.",
    find: lost(
      required,
      required,
      (kind, type) => `${kind} no longer requires ${type}. Old clients do not recognise the error without it.`,
    ),
  },
  {
    id: "GRPCLIB_DETAIL_NO_DELETE_OPTIONAL",
    categories: [source],
    purpose: "Checks that optional details are not deleted.",
    find: lost(optional, possible, (kind, type) => `${kind} no longer has ${type}. Keep it in optional_details.`),
  },
  {
    id: "GRPCLIB_DETAIL_NO_NEW_REQUIRED",
    categories: [newClients, source],
    purpose: "Checks that errors do not require more details than before.",
    find: gained(
      required,
      (kind, type) => `${kind} now requires ${type}. List it in optional_details until all servers send it.`,
    ),
  },
  {
    id: "GRPCLIB_METADATA_NO_DELETE",
    categories: [oldClients, source],
    purpose: "Checks that metadata keys are not deleted (AIP-193).",
    find: lost(keys, keys, (kind, key) => `${kind} no longer has the metadata key "${key}". Keep it.`),
  },
  {
    id: "GRPCLIB_METADATA_NO_NEW",
    categories: [newClients, source],
    purpose: "Checks that errors do not require more metadata keys than before.",
    find: gained(keys, (kind, key) => `${kind} now requires the metadata key "${key}", which old servers do not send.`),
  },
  {
    id: "GRPCLIB_RETRYABLE_NO_DELETE",
    categories: [oldClients],
    purpose: "Checks that retryable errors stay retryable.",
    find: lost(
      marks,
      marks,
      (kind, mark) => `${kind} is no longer ${mark}, but old clients repeat the call. Declare a new error.`,
    ),
  },
  {
    id: "GRPCLIB_RETRYABLE_NO_NEW",
    categories: [newClients],
    purpose: "Checks that existing errors do not become retryable.",
    find: gained(
      marks,
      (kind, mark) => `${kind} is now ${mark}, but old servers may have done something. Declare a new error.`,
    ),
  },
];

function noLonger({ before }: Change, { name, place }: Declarer, what: string): Finding[] {
  return [{ message: `${name} no longer declares ${what}.`, place, against: before.place }];
}

/** A rule about a property that errors keep. */
function same(
  name: string,
  categories: Category[],
  property: (error: DeclaredError) => string,
  advise: (before: DeclaredError) => string = () => "Declare a new error instead, and keep this one.",
): Rule<Change> {
  return {
    id: `GRPCLIB_ERROR_SAME_${name.toUpperCase()}`,
    categories,
    purpose: `Checks that errors keep their ${name}.`,
    find: kept((before, after) => {
      const [from, to] = [before, after].map((error) => property(error) || "none");
      return from === to ? [] : [`${before.kind} changed its ${name} from ${from} to ${to}. ${advise(before)}`];
    }),
  };
}

type Say = (kind: string, item: string) => string;

/** Finds what errors had, and no longer have. */
function lost(from: Items, to: Items, say: Say): Rule<Change>["find"] {
  return kept((before, after) => missing(from(before), to(after)).map((item) => say(after.kind, item)));
}

/** Finds what errors have, and did not have. */
function gained(items: Items, say: Say): Rule<Change>["find"] {
  return kept((before, after) => missing(items(after), items(before)).map((item) => say(after.kind, item)));
}

/** Finds what is wrong with errors that are still declared. */
function kept(say: (before: DeclaredError, after: DeclaredError) => readonly string[]): Rule<Change>["find"] {
  return ({ before, after }) =>
    after ? say(before, after).map((message) => ({ message, place: after.place, against: before.place })) : [];
}

function missing(items: readonly string[], others: readonly string[]): string[] {
  return items.filter((item) => !others.includes(item));
}
