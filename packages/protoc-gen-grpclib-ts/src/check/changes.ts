import type { DescFile, DescService } from "@bufbuild/protobuf";
import { type Place, placesIn } from "../contracts/places.js";
import { examineContracts } from "../contracts/read-service.js";
import { examineSharedErrors } from "../contracts/read-shared.js";
import { sharedName, sharedOptions } from "../contracts/shared.js";
import type { InputErrors } from "../input-error.js";
import { type Change, type Counterparts, compareContracts, compareSharedErrors } from "./compare.js";

/** The files of one version of an API. */
export interface Version {
  readonly files: readonly DescFile[];
  /** Those that it only imports. */
  readonly imports: ReadonlySet<DescFile>;
  getFile(name: string): DescFile | undefined;
}

/**
 * What has become of the declared errors of the earlier version. That version may
 * be invalid: nobody can have generated code for its invalid errors.
 *
 * @throws {@link InputError} if a contract of the later version is invalid, unless it is in an import
 */
export function changesBetween(before: Version, after: Version): Change[] {
  const ofFiles = before.files.flatMap((file) => changesOfFile(file, before, after));
  const shared: Counterparts = new Map(ofFiles.flatMap(({ before, after }) => (after ? [[before, after]] : [])));
  const services = new Map(after.files.flatMap((file) => file.services).map((service) => [service.typeName, service]));
  const ofServices = before.files
    .flatMap((file) => file.services)
    .flatMap((earlier) => {
      const later = services.get(earlier.typeName);
      return later === undefined ? [] : changesOfService(earlier, later, { before, after, shared });
    });
  return [...ofServices, ...ofFiles];
}

interface Versions {
  readonly before: Version;
  readonly after: Version;
  readonly shared: Counterparts;
}

function changesOfService(earlier: DescService, later: DescService, versions: Versions): Change[] {
  const before = examineContracts(earlier, versions.before.files);
  const after = examineContracts(later, versions.after.files);
  const isValid = checkFaults(after.faults, later.file, versions.after);
  const changes = compareContracts(later, { before, after, shared: versions.shared });
  return isValid ? changes : withoutDeletions(changes);
}

/** What has become of the errors that a file shared: other files of the package can declare them now. */
function changesOfFile(earlier: DescFile, before: Version, after: Version): Change[] {
  const shared = examineSharedErrors(earlier, before.files);
  const names = new Set(shared.declared.map(({ kind }) => sharedName({ file: earlier, kind })));
  const file = after.getFile(earlier.proto.name);
  const others = [...names].flatMap((name) => sharedOptions(name, after.files)).map((option) => option.file);
  const files = new Set(file === undefined ? others : [file, ...others]);
  const candidates = [...files].map((file) => examineSharedErrors(file, after.files));
  const areValid = candidates.map(({ faults, by }) => checkFaults(faults, by.file, after)).every(Boolean);
  if (names.size === 0) return [];
  const later = candidates.flatMap(({ by, declared }) =>
    declared.filter(({ kind }) => by.file === file || names.has(sharedName({ file: by.file, kind }))),
  );
  const isUnimported = file === undefined && before.imports.has(earlier);
  const changes = compareSharedErrors(shared, later, placeOfDeletions(earlier, after));
  return areValid && !isUnimported ? changes : withoutDeletions(changes);
}

/** Returns whether there are no faults. Throws those of a file that is not an import: whoever owns it can fix them. */
function checkFaults(faults: InputErrors, file: DescFile, { imports }: Version): boolean {
  if (!imports.has(file)) faults.throwIfAny();
  return faults.all.length === 0;
}

/** An error that seems to be deleted can be one of the invalid ones, or in a file that is no longer imported. */
function withoutDeletions(changes: readonly Change[]): Change[] {
  return changes.filter(({ after }) => after !== undefined);
}

/** The file that declared shared errors or, if it is deleted, another one of its package. */
function placeOfDeletions({ proto }: DescFile, after: Version): Place | undefined {
  const inPackage = after.files.filter((file) => file.proto.package === proto.package);
  const file = after.getFile(proto.name) ?? inPackage.find((file) => !after.imports.has(file)) ?? inPackage[0];
  return file && placesIn(file).place([]);
}
