import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { type DeclaredError, typeNames } from "../contracts/declared-error.js";
import { type Place, placesIn } from "../contracts/places.js";
import type { Contracts } from "../contracts/read-service.js";
import type { SharedErrors } from "../contracts/read-shared.js";

/** What has become of an error that a method or a file declared. */
export interface Change {
  readonly before: DeclaredError;
  /** `undefined` if it is no longer declared. */
  readonly after: DeclaredError | undefined;
  /** The method that no longer declares any errors, although it did; `undefined` if there is none. */
  readonly emptied: Declarer | undefined;
  /** What declared it: the method, the service for all of its methods, or the file. */
  readonly declarer: Declarer;
}

/** A method, a service or a file of the later version. */
export interface Declarer {
  readonly name: string;
  readonly place: Place;
}

/** Compares the contracts of the methods that both versions of a service have. `service` is the later one. */
export function compareContracts(before: Contracts, after: Contracts, service: DescService): Change[] {
  const declarer = declarerOf(service);
  const methods = new Map(service.methods.map((method) => [method.name, method]));
  return [...before.methods].flatMap(([{ name }, earlier]) => {
    const desc = methods.get(name);
    if (desc === undefined) return [];
    const method = declarerOf(service, desc);
    const later = after.methods.get(desc) ?? [];
    return earlier.map((error) => ({
      before: error,
      after: counterpart(error, { earlier, later }),
      emptied: later.length === 0 ? method : undefined,
      declarer: before.common.includes(error) ? declarer : method,
    }));
  });
}

/** Compares the shared errors that both versions of a file declare. */
export function compareSharedErrors(before: SharedErrors, after: SharedErrors): Change[] {
  const { file } = after.by;
  const declarer = { name: file.proto.name, place: placesIn(file).place([]) };
  const versions = { earlier: before.declared, later: after.declared };
  return before.declared.map((error) => ({
    before: error,
    after: counterpart(error, versions),
    emptied: undefined,
    declarer,
  }));
}

function declarerOf(service: DescService, method?: DescMethod): Declarer {
  const servicePath = [6, service.file.services.indexOf(service)];
  const path = method === undefined ? servicePath : [...servicePath, 2, service.methods.indexOf(method)];
  return { name: (method ?? service).name, place: placesIn(service.file).place(path) };
}

interface Versions {
  readonly earlier: readonly DeclaredError[];
  readonly later: readonly DeclaredError[];
}

/** The error of the same kind, or else a new kind that clients match in the same way: the error under a new name. */
function counterpart(error: DeclaredError, { earlier, later }: Versions): DeclaredError | undefined {
  const isNew = ({ kind }: DeclaredError) => earlier.every((other) => other.kind !== kind);
  return (
    later.find(({ kind }) => kind === error.kind) ??
    later.find((other) => isNew(other) && identityOf(other) === identityOf(error))
  );
}

/** What clients match: the reason, or else the status and the required details. */
function identityOf({ status, reason, domain, details }: DeclaredError): string {
  return JSON.stringify(reason === "" ? [status, ...typeNames(details).sort()] : [status, reason, domain]);
}
