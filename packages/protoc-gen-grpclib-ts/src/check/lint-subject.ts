import type { DescFile, DescMethod, DescService } from "@bufbuild/protobuf";
import type { DeclaredError } from "../contracts/declared-error.js";
import { examineContracts } from "../contracts/read-service.js";
import { examineSharedErrors } from "../contracts/read-shared.js";
import type { InputErrors } from "../input-error.js";
import { remember } from "../remember.js";

/** A service or a file, and the errors that it declares. */
export interface LintSubject {
  /** The valid errors. Shared errors belong to their file, not to the services that use them. */
  readonly errors: readonly DeclaredError[];
  /** The lists whose errors clients have to tell apart. Some may contain none of these errors. */
  readonly lists: () => readonly (readonly DeclaredError[])[];
  /** The faults of the invalid ones. */
  readonly faults: InputErrors;
  /** `undefined` for a file. */
  readonly service: LintedService | undefined;
}

/** A service, and what each of its methods declares or uses, without the errors that the service declares for all. */
export interface LintedService {
  readonly desc: DescService;
  readonly methods: ReadonlyMap<DescMethod, readonly DeclaredError[]>;
}

/** Reads what a file and its services declare. */
export function subjectsIn(file: DescFile, allFiles: readonly DescFile[]): LintSubject[] {
  const { declared, faults } = examineSharedErrors(file, allFiles);
  return [
    { errors: declared, lists: () => [declared, ...listsIn(allFiles)], faults, service: undefined },
    ...file.services.map((service) => subjectOf(service, allFiles)),
  ];
}

/** The errors of each method in files, which may use shared errors of any of them. */
const listsIn = remember((files: readonly DescFile[]) =>
  files
    .flatMap(({ services }) => services)
    .flatMap((service) => [...examineContracts(service, files).methods.values()]),
);

function subjectOf(desc: DescService, allFiles: readonly DescFile[]): LintSubject {
  const { common, methods: contracts, faults } = examineContracts(desc, allFiles);
  const methods = new Map(
    desc.methods.map((method) => [method, (contracts.get(method) ?? []).filter((error) => !common.includes(error))]),
  );
  const errors = [...common, ...[...methods.values()].flat()].filter(({ sharedBy }) => sharedBy === undefined);
  return { errors, lists: () => [common, ...contracts.values()], faults, service: { desc, methods } };
}
