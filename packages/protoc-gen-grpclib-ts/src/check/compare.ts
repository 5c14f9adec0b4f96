import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { type DeclaredError, typeNames } from "../contracts/declared-error.js";
import { type Place, placesIn } from "../contracts/places.js";
import type { Contracts } from "../contracts/read.js";

/** What has become of an error that a method declared. */
export interface Change {
  readonly before: DeclaredError;
  /** `undefined` if the method no longer declares it. */
  readonly after: DeclaredError | undefined;
  readonly method: Declarer;
  /** Whether the method still declares errors. */
  readonly hasErrors: boolean;
  /** What declared it: the method, or the service for all of its methods. */
  readonly declarer: Declarer;
}

/** A method or service of the later version. */
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
      method,
      hasErrors: later.length > 0,
      declarer: before.shared.includes(error) ? declarer : method,
    }));
  });
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
