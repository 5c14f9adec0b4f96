import { type DeclaredError, typeNames } from "../contracts/declared-error.js";
import type { Change } from "./compare.js";
import type { Category, Finding, Rule } from "./rule.js";
import { sharedRules } from "./shared-rules.js";

const oldClients: Category = "GRPCLIB_OLD_CLIENTS";
const newClients: Category = "GRPCLIB_NEW_CLIENTS";
const source: Category = "GRPCLIB_SOURCE";
const everyone: Category[] = [oldClients, newClients, source];

type Items = (error: DeclaredError) => readonly string[];

const required: Items = ({ details }) => typeNames(details);
const optional: Items = ({ optionalDetails }) => typeNames(optionalDetails);
const possible: Items = (error) => [...required(error), ...optional(error)];
const keys: Items = ({ metadata }) => metadata;
const messages: Items = ({ message }) => (message === "" ? [] : ["message"]);
const marks: Items = ({ retryable }) => (retryable ? ["retryable"] : []);

/** The rules for `buf breaking`. docs/contract-checks.md says who breaks, and what to do instead. */
export const breakingRules: readonly Rule<Change>[] = [
  {
    id: "GRPCLIB_METHOD_NO_DELETE_ERRORS",
    categories: everyone,
    purpose: "Checks that methods that declare errors still declare some.",
    find: ({ before, emptied }) => (emptied ? [noLonger(before, emptied, "any errors")] : []),
  },
  {
    id: "GRPCLIB_ERROR_NO_DELETE",
    categories: everyone,
    purpose: "Checks that errors are not deleted, unless the method no longer declares any.",
    find: ({ before, after, emptied, declarer, place }) =>
      after || emptied ? [] : [noLonger(before, { name: declarer, place }, before.kind)],
  },
  {
    id: "GRPCLIB_ERROR_NO_NEW_MISTAKABLE",
    categories: [oldClients],
    purpose: "Checks that old clients do not take a new error for another one.",
    find: ({ before, mistaken }) =>
      mistaken.map(({ error, place }) => ({
        message:
          before.reason === ""
            ? `Old clients take ${error.kind} for ${before.kind}, which has the same status and no reason. Give ${error.kind} another status.`
            : `Old clients take ${error.kind} for ${before.kind}, which has the same reason. Give ${error.kind} another reason.`,
        place,
        against: before.place,
      })),
  },
  same(
    "name",
    [source],
    ({ kind }) => kind,
    ({ kind }) => `Set name: "${kind}".`,
  ),
  same("status", everyone, ({ status }) => status),
  same("reason", everyone, ({ reason }) => reason || "none"),
  // Errors without a reason have no domain. GRPCLIB_ERROR_SAME_REASON reports that only one of the two has one.
  same("domain", everyone, ({ domain }) => domain || undefined),
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
    id: "GRPCLIB_MESSAGE_NO_DELETE",
    categories: [source],
    purpose: "Checks that errors with a message keep one.",
    find: lost(
      messages,
      messages,
      (kind) =>
        `${kind} no longer has a message, so its factory requires one, which existing code does not pass. Keep the message.`,
    ),
  },
  {
    id: "GRPCLIB_MESSAGE_NO_NEW",
    categories: [source],
    purpose: "Checks that existing errors do not get a message.",
    find: gained(
      messages,
      (kind) =>
        `${kind} now has a message, so its factory takes none. Existing code still passes one: remove that argument there.`,
    ),
  },
  {
    id: "GRPCLIB_RETRYABLE_NO_DELETE",
    categories: [oldClients, source],
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
  ...sharedRules,
];

function noLonger(
  before: DeclaredError,
  { name, place }: Pick<Finding, "place"> & { name: string },
  what: string,
): Finding {
  return { message: `${name} no longer declares ${what}.`, place, against: before.place };
}

/** A rule about a property that errors keep. Errors whose property is `undefined` are not compared. */
function same(
  name: string,
  categories: Category[],
  property: (error: DeclaredError) => string | undefined,
  advise: (before: DeclaredError) => string = () => "Declare a new error instead, and keep this one.",
): Rule<Change> {
  return {
    id: `GRPCLIB_ERROR_SAME_${name.toUpperCase()}`,
    categories,
    purpose: `Checks that errors keep their ${name}.`,
    find: kept((before, after) => {
      const [from, to] = [before, after].map(property);
      const isKept = from === undefined || to === undefined || from === to;
      return isKept ? [] : [`${before.kind} changed its ${name} from ${from} to ${to}. ${advise(before)}`];
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
  return ({ before, after, place }) =>
    after ? say(before, after).map((message) => ({ message, place, against: before.place })) : [];
}

function missing(items: readonly string[], others: readonly string[]): string[] {
  return items.filter((item) => !others.includes(item));
}
