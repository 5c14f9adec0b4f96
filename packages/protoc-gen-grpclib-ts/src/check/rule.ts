import type { Place } from "../contracts/places.js";

/** A rule about `Subject`s. */
export interface Rule<Subject> {
  readonly id: string;
  /** Categories besides GRPCLIB, in which all rules are. */
  readonly categories: readonly Category[];
  /** A sentence for `buf config ls-lint-rules` and `buf config ls-breaking-rules`. */
  readonly purpose: string;
  readonly find: (subject: Subject) => readonly Finding[];
}

/** A violation of a rule. */
export interface Finding {
  readonly message: string;
  /** `undefined` if no file of the later version is left to name. */
  readonly place: Place | undefined;
  /** Where the earlier version has what has changed. */
  readonly against?: Place;
}

export type Category = keyof typeof categories;

/** The categories of rules and their purposes. */
export const categories = {
  GRPCLIB: "All rules about error contracts.",
  GRPCLIB_OLD_CLIENTS: "Checks for changes that break deployed clients when they call newer servers.",
  GRPCLIB_NEW_CLIENTS: "Checks for changes that break newer clients when they call deployed servers.",
  GRPCLIB_SOURCE:
    "Checks for changes after which code may fail to compile against newly generated code, or to recognise an error.",
  GRPCLIB_DETAILS: "Checks that errors carry the google.rpc detail that belongs to their status.",
};
