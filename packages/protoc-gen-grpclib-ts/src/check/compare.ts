import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { type DeclaredError, possibleDetails, typeNames } from "../contracts/declared-error.js";
import { type Place, placesIn } from "../contracts/places.js";
import type { Contracts } from "../contracts/read-service.js";
import type { SharedErrors } from "../contracts/read-shared.js";

/** What has become of an error that a method or a file declared. */
export interface Change {
  readonly before: DeclaredError;
  /** `undefined` if it is no longer declared. */
  readonly after: DeclaredError | undefined;
  /** Where to report it in the later version; `undefined` if no file is left to name. */
  readonly place: Place | undefined;
  /** The name of what declared it: the method, the service for all of its methods, or the file. */
  readonly declarer: string;
  /** The method that no longer declares any errors, although it did; `undefined` if there is none. */
  readonly emptied: Declarer | undefined;
  /** New errors of the method that clients of the earlier version take for this one. */
  readonly mistaken: readonly Mistaken[];
  /** The counterpart of the shared error that it was; `undefined` if it was not shared, or is no longer declared. */
  readonly sharedAfter: DeclaredError | undefined;
}

/** A new error, and where to report it. */
export interface Mistaken {
  readonly error: DeclaredError;
  readonly place: Place;
}

/** A method or a service of the later version. */
export interface Declarer {
  readonly name: string;
  readonly place: Place;
}

/** Errors of the earlier version, and what has become of them. */
export type Counterparts = ReadonlyMap<DeclaredError, DeclaredError>;

interface Versions {
  readonly before: Contracts;
  readonly after: Contracts;
  /** The shared errors that both versions declare. */
  readonly shared: Counterparts;
}

/** Compares the contracts of the methods that both versions of a service have. `service` is the later one. */
export function compareContracts(service: DescService, { before, after, shared }: Versions): Change[] {
  const forAll = declarerOf(service);
  const methods = new Map(service.methods.map((method) => [method.name, method]));
  return [...before.methods].flatMap(([{ name }, earlier]) => {
    const desc = methods.get(name);
    if (desc === undefined) return [];
    const method = declarerOf(service, desc);
    const later = after.methods.get(desc) ?? [];
    const counterparts = counterpartsOf(earlier, later);
    const old = new Set(counterparts.values());
    const added = later.filter((error) => !old.has(error));
    return earlier.map((error): Change => {
      const counterpart = counterparts.get(error);
      const sharedAfter = shared.get(error);
      const isNewlyShared = counterpart?.sharedBy !== undefined && counterpart !== sharedAfter;
      const declarer = before.common.includes(error) ? forAll : method;
      const userOf = (later: DeclaredError | undefined) =>
        after.common.some((other) => other === later) ? forAll : method;
      const mistaken = added.filter((other) =>
        sendingsOf(other).some((sent) => takenFor(other, sent, earlier) === error),
      );
      return {
        before: error,
        after: counterpart,
        // It is reported where the error is used: the file that declares it has not caused the change.
        place: isNewlyShared ? userOf(counterpart).place : (counterpart ?? declarer).place,
        declarer: declarer.name,
        emptied: later.length === 0 ? method : undefined,
        mistaken: mistaken.map((other) => ({
          error: other,
          place: (other.sharedBy === undefined ? other : userOf(other)).place,
        })),
        sharedAfter,
      };
    });
  });
}

/**
 * Compares the shared errors of a file of the earlier version with those of the
 * later one that they may have become. `place` is for those that are deleted.
 */
export function compareSharedErrors(
  { by, declared }: SharedErrors,
  later: readonly DeclaredError[],
  place: Place | undefined,
): Change[] {
  const counterparts = counterpartsOf(declared, later);
  return declared.map((before): Change => {
    const after = counterparts.get(before);
    return {
      before,
      after,
      place: after?.place ?? place,
      declarer: by.file.proto.name,
      emptied: undefined,
      mistaken: [],
      sharedAfter: after,
    };
  });
}

/** What servers may send with an error: its required details only, or all details. */
function sendingsOf(error: DeclaredError): readonly (readonly string[])[] {
  return [typeNames(error.details), possibleDetails(error)];
}

/** The earlier error that old clients recognise in a new one. Like the runtime, tries the most specific ones first. */
function takenFor(
  added: DeclaredError,
  sent: readonly string[],
  known: readonly DeclaredError[],
): DeclaredError | undefined {
  const possible = known.filter(
    ({ status, reason, domain, details }) =>
      status === added.status &&
      (reason === "" || (reason === added.reason && domain === added.domain)) &&
      typeNames(details).every((name) => sent.includes(name)),
  );
  const specificity = ({ reason, details }: DeclaredError) => (reason === "" ? 0 : 1000) + details.length;
  return possible.sort((a, b) => specificity(b) - specificity(a))[0];
}

function declarerOf(service: DescService, method?: DescMethod): Declarer {
  const servicePath = [6, service.file.services.indexOf(service)];
  const path = method === undefined ? servicePath : [...servicePath, 2, service.methods.indexOf(method)];
  return { name: (method ?? service).name, place: placesIn(service.file).place(path) };
}

/** Finds what has become of errors. A later error is the counterpart of at most one earlier error. */
function counterpartsOf(earlier: readonly DeclaredError[], later: readonly DeclaredError[]): Counterparts {
  const counterparts = new Map<DeclaredError, DeclaredError>();
  const remaining = new Set(later);
  for (const likenessOf of likenesses) {
    const candidates = new Map<string, DeclaredError[]>();
    for (const error of remaining) {
      const likeness = likenessOf(error);
      const alike = candidates.get(likeness);
      if (alike === undefined) candidates.set(likeness, [error]);
      else alike.push(error);
    }
    for (const error of earlier) {
      const counterpart = counterparts.has(error) ? undefined : candidates.get(likenessOf(error))?.shift();
      if (counterpart !== undefined) {
        counterparts.set(error, counterpart);
        remaining.delete(counterpart);
      }
    }
  }
  return counterparts;
}

/** What an error and its counterpart have in common, best first: the name, or else what clients match. */
const likenesses: readonly ((error: DeclaredError) => string)[] = [
  ({ kind }) => kind,
  (error) => JSON.stringify([identityOf(error), requiredOf(error)]),
  identityOf,
];

/** What clients match: the reason, or else the status and the required details. */
function identityOf(error: DeclaredError): string {
  const { status, reason, domain } = error;
  return JSON.stringify(reason === "" ? [status, requiredOf(error)] : [status, reason, domain]);
}

function requiredOf({ details }: DeclaredError): string {
  return typeNames(details).sort().join();
}
